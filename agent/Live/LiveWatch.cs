using System.Threading.Channels;
using EdgeAgent.Eyes.V1;

namespace EdgeAgent.Agent.Live;

/// <summary>One step of a live stream: a (new) beginning, a fragment, or the word that the camera has nothing.</summary>
internal sealed record LiveStep(LiveStart? Start, LiveFragment? Fragment, string? Failed, uint Skipped);

/// <summary>One who watches one camera live. Too slow a watcher skips to the next key fragment; nobody waits for it.</summary>
internal sealed class LiveWatch(string streamId, string cameraId, bool main, Action<LiveWatch> ended) : IDisposable
{
    // Five seconds of fragments of one frame each.
    private const int Capacity = 128;

    private readonly Channel<LiveStep> steps = Channel.CreateBounded<LiveStep>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private bool waitingForKey;
    private uint skipped;

    public string StreamId => streamId;

    public string CameraId => cameraId;

    public bool Main => main;

    public ChannelReader<LiveStep> Steps => steps.Reader;

    /// <summary>Called by one thread at a time.</summary>
    internal void Offer(LiveStart? start, LiveFragment? fragment, string? failed)
    {
        bool isKey = fragment is null || fragment.Key;
        if ((waitingForKey && !isKey) || !steps.Writer.TryWrite(new LiveStep(start, fragment, failed, skipped)))
        {
            waitingForKey = true;
            skipped++;
            return;
        }
        waitingForKey = false;
        skipped = 0;
    }

    public void Dispose()
    {
        _ = steps.Writer.TryComplete();
        ended(this);
    }
}
