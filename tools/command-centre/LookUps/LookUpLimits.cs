namespace EdgeAgent.CommandCentre.LookUps;

/// <summary>How many look-ups are answered, counted over the last minute and the last hour. Refused ones do not count.</summary>
internal sealed record LookUpLimits
{
    /// <summary>Of one officer, in whichever car. Default 6, 1 to 60.</summary>
    public int OfficerPerMinute { get; init; } = 6;

    /// <summary>Of one officer, in whichever car. Default 30, 1 to 600.</summary>
    public int OfficerPerHour { get; init; } = 30;

    /// <summary>Of one unit, whoever asks. Default 12, 1 to 120.</summary>
    public int UnitPerMinute { get; init; } = 12;

    /// <summary>Of one unit, whoever asks. Default 90, 1 to 1800.</summary>
    public int UnitPerHour { get; init; } = 90;

    /// <summary>All faults of these options, a sentence each.</summary>
    public IEnumerable<string> Faults()
    {
        foreach (var (name, value, most) in new[]
        {
            (nameof(OfficerPerMinute), OfficerPerMinute, 60), (nameof(OfficerPerHour), OfficerPerHour, 600),
            (nameof(UnitPerMinute), UnitPerMinute, 120), (nameof(UnitPerHour), UnitPerHour, 1800),
        })
        {
            if (value < 1 || value > most)
                yield return $"LookUps.{name} is {value}; 1 to {most}.";
        }
    }
}
