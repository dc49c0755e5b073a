using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;

namespace EdgeAgent.CommandCentre.LiveViews;

/// <summary>One reasoned, time-limited live view of one camera by one named person, with those of their screens that watch.</summary>
/// <param name="fanOut">Shared by all who watch this camera at this quality: the car sends it once.</param>
internal sealed class LiveView(LeaseRow begun, LiveFanOut fanOut, TimeProvider time) : IDisposable
{
    // Swapped whole when it is renewed.
    private volatile LeaseRow row = begun;
    private volatile ByteString commandId = ByteString.Empty;
    private readonly CancellationTokenSource ended = new();
    private readonly Lock gate = new();
    private readonly List<LiveViewer> viewers = [];

    public Guid Id { get; } = Uuid7.ToGuid(begun.LeaseId);

    public LeaseRow Row => row;

    /// <summary>The command that began or renewed it; empty when an earlier run of the server sent it.</summary>
    public ByteString CommandId { get => commandId; set => commandId = value; }

    /// <summary>Screens that watch now.</summary>
    public int Screens
    {
        get
        {
            lock (gate)
                return viewers.Count;
        }
    }

    public LiveFanOut FanOut => fanOut;

    /// <summary>Cancelled when the lease has ended, for whatever reason.</summary>
    public CancellationToken Ended => ended.Token;

    /// <summary>Why it ended; empty while it runs.</summary>
    public string EndReason { get; private set; } = "";

    public TimeSpan Left => TimeSpan.FromMilliseconds(row.EndsAt - time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <returns>False when it has ended.</returns>
    public bool TryRenew(LeaseRow renewed, ByteString command)
    {
        lock (gate)
        {
            if (EndReason.Length > 0)
                return false;
            (row, commandId) = (renewed, command);
            return true;
        }
    }

    /// <returns>False when it had ended before.</returns>
    public bool TryEnd(string reason)
    {
        lock (gate)
        {
            if (EndReason.Length > 0)
                return false;
            EndReason = reason;
            foreach (var viewer in viewers)
            {
                fanOut.Leave(viewer);
                viewer.Complete();
            }
            viewers.Clear();
        }
        ended.Cancel();
        return true;
    }

    /// <summary>One more screen of this person.</summary>
    public LiveViewer Join()
    {
        lock (gate)
        {
            var viewer = fanOut.Join();
            if (EndReason.Length > 0)
            {
                fanOut.Leave(viewer);
                viewer.Complete();
            }
            else
                viewers.Add(viewer);
            return viewer;
        }
    }

    public void Leave(LiveViewer viewer)
    {
        lock (gate)
            _ = viewers.Remove(viewer);
        fanOut.Leave(viewer);
    }

    public void Dispose() => ended.Dispose();
}
