using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Hazards;

/// <summary>A hazard that an officer of this car reported.</summary>
/// <param name="Position">Serialised; empty: not known.</param>
/// <param name="CameraId">Whose picture goes with it; "" none.</param>
internal sealed record OwnHazard(Guid Id, string Kind, string Note, long AtUnixMs, string OfficerId, string SessionId, byte[] Position, string CameraId)
{
    /// <summary>Unspecified while it can be taken back: nothing of it has been sent.</summary>
    public HazardState State { get; init; }

    public long ChangedAtUnixMs { get; init; }

    public bool IsPending => State == HazardState.Unspecified;
}
