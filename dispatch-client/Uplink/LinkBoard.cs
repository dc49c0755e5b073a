using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>What the link and those around it tell one another: its phase, the newest position, the centre's time and fleet.</summary>
internal sealed class LinkBoard(TimeProvider time)
{
    private sealed record Standing(LinkPhase Phase, DateTimeOffset Since, string Detail, double? RttMs);

    private volatile Standing standing = new(LinkPhase.Connecting, time.GetUtcNow(), "", null);
    private static readonly TimeSpan NarrowFor = TimeSpan.FromSeconds(10);
    private LivePosition? live;
    private long narrowAt;

    /// <summary>There may be something to write.</summary>
    public WakeSignal Wake { get; } = new();

    /// <summary>A live view had to leave fragments out within the last seconds: it needs what attachments would take.</summary>
    public bool LiveIsNarrow => Volatile.Read(ref narrowAt) is not 0 and var at && time.GetElapsedTime(at) < NarrowFor;

    /// <summary>There may be an attachment to send.</summary>
    public WakeSignal EvidenceWake { get; } = new();

    public event Action<FleetPositions>? FleetReceived;

    public event Action<VerifiedTime>? TimeVerified;

    public (LinkPhase Phase, DateTimeOffset Since, string Detail, double? RttMs) Now
    {
        get
        {
            var now = standing;
            return (now.Phase, now.Since, now.Detail, now.RttMs);
        }
    }

    public void Up() => Set(LinkPhase.Up, "");

    /// <summary>Changes the phase; the same phase again keeps its beginning.</summary>
    /// <returns>Whether phase or detail changed.</returns>
    public bool Set(LinkPhase phase, string detail)
    {
        var before = standing;
        standing = before.Phase == phase ? before with { Detail = detail } : new Standing(phase, time.GetUtcNow(), detail, null);
        return before.Phase != phase || before.Detail != detail;
    }

    /// <summary>Only the newest position is worth sending now; the trail goes through the outbox.</summary>
    public void Publish(LivePosition position)
    {
        Interlocked.Exchange(ref live, position);
        Wake.Set();
    }

    public LivePosition? TakeLive() => Interlocked.Exchange(ref live, null);

    /// <summary>A live view could not send all of its fragments.</summary>
    public void LiveFellBehind() => Volatile.Write(ref narrowAt, time.GetTimestamp());

    public void Received(FleetPositions fleet) => FleetReceived?.Invoke(fleet);

    public void Verified(VerifiedTime verified)
    {
        standing = standing with { RttMs = verified.RoundTrip.TotalMilliseconds };
        TimeVerified?.Invoke(verified);
    }
}
