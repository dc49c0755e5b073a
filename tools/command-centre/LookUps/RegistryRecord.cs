using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.LookUps;

/// <summary>All that a register says of one plate or document. What of it an officer is told is <see cref="LookUpAnswer"/>'s to say.</summary>
internal sealed record RegistryRecord
{
    public LookUpKind Kind { get; init; }

    /// <summary>Normalised.</summary>
    public string Subject { get; init; } = "";
    public PlateClass PlateClass { get; init; }
    public string Vehicle { get; init; } = "";
    public string Name { get; init; } = "";
    public DateTimeOffset? StolenSince { get; init; }
    public DateTimeOffset? InsuredUntil { get; init; }
    public DateTimeOffset? InspectedUntil { get; init; }
    public DateTimeOffset? WantedSince { get; init; }
    public DateTimeOffset? MissingSince { get; init; }
}
