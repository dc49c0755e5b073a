using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Calls;

/// <summary>How calls are watched over.</summary>
internal sealed record CallOptions
{
    /// <summary>
    /// Unacknowledged for so long: the dispatcher is told, then supervisors, then every console of the city. Default 1, 3 and 5 minutes, the
    /// field's rings; each longer than the one before, 1 second to 1 hour.
    /// </summary>
    public IReadOnlyList<TimeSpan> EscalateAfter { get; init; } = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(5)];

    /// <summary>By which the rings of arrival are drawn, in a straight line: default 40 km/h, 5 to 200.</summary>
    public int ArrivalKmh { get; init; } = 40;

    /// <summary>How far from an urgent call a unit is shown it although it is not its own: default 3,000 m.</summary>
    public double NearbyMetres { get; init; } = 3000;

    /// <summary>To how many units, the nearest ones: default 10.</summary>
    public int MostNearby { get; init; } = 10;

    public IEnumerable<string> Faults()
    {
        if (EscalateAfter.Count != 3 || EscalateAfter.Any(after => after < TimeSpan.FromSeconds(1) || after > TimeSpan.FromHours(1))
            || EscalateAfter[0] >= EscalateAfter[1] || EscalateAfter[1] >= EscalateAfter[2])
            yield return "--escalate-after is three times in seconds, each longer than the one before, from 1 to 3600: 60,180,300.";
        if (ArrivalKmh is < 5 or > 200)
            yield return "--arrival-speed is 5 to 200 km/h.";
    }

    /// <summary>"60,180,300".</summary>
    /// <exception cref="CentreException">Not three whole numbers of seconds that rise.</exception>
    public static IReadOnlyList<TimeSpan> ParseEscalation(string text)
    {
        var parts = text.Split(',');
        var seconds = parts.Select(part => int.TryParse(part, out var s) ? s : 0).ToList();
        var options = new CallOptions { EscalateAfter = [.. seconds.Select(s => TimeSpan.FromSeconds(s))] };
        return options.Faults().FirstOrDefault() is { } fault ? throw new CentreException(fault) : options.EscalateAfter;
    }
}
