namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>Where the link stands.</summary>
public enum LinkPhase
{
    /// <summary>Not yet answered since the start. Later attempts keep the phase they follow, so that its beginning stays true.</summary>
    Connecting,

    /// <summary>Events flow.</summary>
    Up,

    /// <summary>No way to the centre; tried again within seconds.</summary>
    Down,

    /// <summary>The centre, or this unit, said no; tried again slowly. Nothing counts as delivered.</summary>
    Refused,
}

/// <summary>One instant's view of the link.</summary>
/// <param name="Phase">Where it stands.</param>
/// <param name="Since">When this phase began, by the box's clock.</param>
/// <param name="Detail">One sentence for people, "" while up.</param>
/// <param name="RttMs">Last round trip to the centre, null if none yet in this session.</param>
/// <param name="Backlog">Events not yet acknowledged.</param>
/// <param name="OldestUnackedMs">Age of the longest-waiting event, 0 if none waits.</param>
/// <param name="Refused">Events that the centre refused.</param>
public sealed record LinkState(LinkPhase Phase, DateTimeOffset Since, string Detail, double? RttMs, long Backlog, long OldestUnackedMs, long Refused);
