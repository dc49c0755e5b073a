namespace EdgeAgent.Agent.Calls;

/// <summary>What the terminal does about calls.</summary>
internal sealed record CallOptions
{
    /// <summary>This close to a call's place the page offers "arrived", metres. Default 150, 20 to 2000.</summary>
    public int ArrivedMetres { get; init; } = 150;

    /// <summary>After so long within that distance, seconds. Default 5, 0 to 120.</summary>
    public int ArrivedSeconds { get; init; } = 5;

    /// <summary>By which the rings of arrival are drawn, km/h in a straight line, as the centre's. Default 40, 5 to 200.</summary>
    public int ArrivalKmh { get; init; } = 40;

    /// <summary>Program that speaks where the browser has no voice; empty: none. Default espeak-ng.</summary>
    public string Speaker { get; init; } = "espeak-ng";

    public IEnumerable<string> Problems()
    {
        if (ArrivedMetres is < 20 or > 2000)
            yield return $"Calls.ArrivedMetres is {ArrivedMetres}: give 20 to 2000.";
        if (ArrivedSeconds is < 0 or > 120)
            yield return $"Calls.ArrivedSeconds is {ArrivedSeconds}: give 0 to 120.";
        if (ArrivalKmh is < 5 or > 200)
            yield return $"Calls.ArrivalKmh is {ArrivalKmh}: give 5 to 200.";
    }
}
