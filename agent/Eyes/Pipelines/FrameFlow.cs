using EdgeAgent.Hw.Frames;

namespace EdgeAgent.Eyes.Pipelines;

/// <summary>
/// One camera's frames of one kind on their way to detection: a place for one frame. A newer one takes the place of one that still
/// waits, which is dropped and counted: nothing queues, and what is analysed is the newest. One writer, one taker.
/// </summary>
internal sealed class FrameFlow(Counters counters) : IDisposable
{
    private readonly Lock _gate = new();
    private Frame _frame;
    private bool _waits;
    private bool _closed;
    private long _wanted;
    private long _analysed;

    /// <summary>Frames that came in: what the camera's rate asks for.</summary>
    public long Wanted => Interlocked.Read(ref _wanted);

    public long Analysed => Interlocked.Read(ref _analysed);

    public bool Waits => Volatile.Read(ref _waits);

    /// <summary>Where this flow stands in <see cref="FairTurns"/>' time; the taker's.</summary>
    public FairShare Share { get; } = new();

    /// <summary>Hands over a frame, which this owns from now on.</summary>
    public void Put(Frame frame)
    {
        Interlocked.Increment(ref _wanted);
        Frame? dropped = null;
        lock (_gate)
        {
            if (_closed)
                dropped = frame;
            else
            {
                if (_waits)
                    dropped = _frame;
                _frame = frame;
                _waits = true;
            }
        }
        if (dropped is not { } old)
            return;
        old.Dispose();
        counters.FrameDropped();
    }

    /// <summary>The frame that waits; the caller owns it.</summary>
    public bool TryTake(out Frame frame)
    {
        lock (_gate)
        {
            frame = _frame;
            bool took = _waits;
            _frame = default;
            _waits = false;
            return took;
        }
    }

    public void CountAnalysed() => Interlocked.Increment(ref _analysed);

    /// <summary>Gives back what waits and whatever still comes.</summary>
    public void Dispose()
    {
        lock (_gate)
            _closed = true;
        if (TryTake(out var frame))
            frame.Dispose();
    }
}
