namespace EdgeAgent.CommandCentre.LiveViews;

/// <summary>Something for a viewer: a new format (the init segment follows in <see cref="Piece"/>), or one more piece.</summary>
internal sealed record LiveItem(LiveFormat? Format, LivePiece Piece);

/// <summary>One screen's queue: bounded by bytes and count; when it is full everything is left out until the next key fragment.</summary>
internal sealed class LiveViewer
{
    // About two seconds of 1080p; a screen that is further behind had better skip.
    private const int MostBytes = 4 << 20;
    private const int MostPieces = 128;
    private readonly Queue<LiveItem> queue = new();
    private readonly Lock gate = new();
    private TaskCompletionSource arrived = New();
    private long bytes;
    private bool waitsForKey = true;
    private bool complete;

    /// <summary>Pieces left out so far because the screen was slow.</summary>
    public long Skipped { get; private set; }

    public void Restart(LiveFormat format, LivePiece init)
    {
        lock (gate)
        {
            if (complete)
                return;
            queue.Clear();
            bytes = 0;
            waitsForKey = true;
            Enqueue(new LiveItem(format, init));
        }
    }

    public void Offer(LivePiece piece)
    {
        lock (gate)
        {
            if (complete)
                return;
            if (piece.Part == LivePart.Key)
                waitsForKey = false;
            if (waitsForKey || bytes + piece.Data.Length > MostBytes || queue.Count >= MostPieces)
            {
                waitsForKey = true;
                Skipped++;
                return;
            }
            Enqueue(new LiveItem(null, piece));
        }
    }

    public void Complete()
    {
        lock (gate)
        {
            complete = true;
            _ = arrived.TrySetResult();
        }
    }

    /// <summary>The next item; null when the stream has ended and the queue is empty.</summary>
    public async ValueTask<LiveItem?> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task wait;
            lock (gate)
            {
                if (queue.TryDequeue(out var item))
                {
                    bytes -= item.Piece.Data.Length;
                    return item;
                }
                if (complete)
                    return null;
                if (arrived.Task.IsCompleted)
                    arrived = New();
                wait = arrived.Task;
            }
            await wait.WaitAsync(cancellation);
        }
    }

    private void Enqueue(LiveItem item)
    {
        queue.Enqueue(item);
        bytes += item.Piece.Data.Length;
        _ = arrived.TrySetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
