using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;

namespace EdgeAgent.CommandCentre.LiveViews;

/// <summary>One reasoned, time-limited live view of one camera by one named person, with those of their screens that watch.</summary>
internal sealed class LiveView(LeaseRow row, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource ended = new();
    private readonly Lock gate = new();

    public Guid Id { get; } = Uuid7.ToGuid(row.LeaseId);

    public LeaseRow Row => row;

    public LiveFanOut FanOut { get; } = new();

    /// <summary>Cancelled when the lease has ended, for whatever reason.</summary>
    public CancellationToken Ended => ended.Token;

    /// <summary>Why it ended; empty while it runs.</summary>
    public string EndReason { get; private set; } = "";

    public TimeSpan Left => TimeSpan.FromMilliseconds(row.EndsAt - time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <returns>False when it had ended before.</returns>
    public bool TryEnd(string reason)
    {
        lock (gate)
        {
            if (EndReason.Length > 0)
                return false;
            EndReason = reason;
        }
        FanOut.Close();
        ended.Cancel();
        return true;
    }

    public void Dispose() => ended.Dispose();
}
