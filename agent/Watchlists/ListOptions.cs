using System.Text.Json.Serialization;

namespace EdgeAgent.Agent.Watchlists;

/// <summary>How long lists outlive the last word of the centre. Whom nobody can reach, nobody can tell of a revocation.</summary>
internal sealed record ListOptions
{
    /// <summary>Without a signed time of the centre for so long, face lists are destroyed, hours. Default 24, 1 to 24.</summary>
    public int FacesAfterContactHours { get; init; } = 24;

    /// <summary>The same for plate lists. Default 72, 1 to 168.</summary>
    public int PlatesAfterContactHours { get; init; } = 72;

    [JsonIgnore]
    public TimeSpan FacesAfterContact => TimeSpan.FromHours(FacesAfterContactHours);

    [JsonIgnore]
    public TimeSpan PlatesAfterContact => TimeSpan.FromHours(PlatesAfterContactHours);

    public IEnumerable<string> Problems()
    {
        if (FacesAfterContactHours is < 1 or > 24)
            yield return $"Lists.FacesAfterContactHours is {FacesAfterContactHours}: give 1 to 24.";
        if (PlatesAfterContactHours is < 1 or > 168)
            yield return $"Lists.PlatesAfterContactHours is {PlatesAfterContactHours}: give 1 to 168.";
    }
}
