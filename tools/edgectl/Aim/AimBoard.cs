namespace EdgeAgent.Edgectl.Aim;

/// <summary>Widths of one kind of thing, pixels; null where none was found.</summary>
/// <param name="Now">The widest in the newest picture.</param>
/// <param name="Widest">Of the last ten seconds.</param>
/// <param name="Verdict">good, near, small by the widest; none.</param>
internal sealed record AimWidths(float? Now, float? Widest, string Verdict);

/// <summary>The newest picture of the camera that is being turned, and the last ten seconds of what was measured. Thread-safe.</summary>
internal sealed class AimBoard(TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(10), Stale = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Queue<(long At, float Plate, float Face)> _measured = new();
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AimSeen? _newest;
    private long _newestAt;

    /// <summary>Pictures that were looked at.</summary>
    public long Pictures { get; private set; }

    public AimSeen? Newest
    {
        get { lock (_gate) return _newest; }
    }

    /// <summary>Nothing has come for two seconds: what is shown is not where the camera looks now.</summary>
    public bool IsStale
    {
        get { lock (_gate) return _newest is null || time.GetElapsedTime(_newestAt) > Stale; }
    }

    public AimWidths Plates => Of(_newest?.Plates, m => m.Plate, AimGoal.Plate);

    public AimWidths Faces => Of(_newest?.Faces, m => m.Face, AimGoal.Face);

    public void Take(AimSeen seen)
    {
        TaskCompletionSource told;
        lock (_gate)
        {
            (_newest, _newestAt) = (seen, time.GetTimestamp());
            Pictures++;
            _measured.Enqueue((_newestAt, seen.Plates.DefaultIfEmpty().Max(), seen.Faces.DefaultIfEmpty().Max()));
            Forget();
            (told, _next) = (_next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        told.SetResult();
    }

    /// <summary>The picture after the newest one.</summary>
    public async Task<AimSeen> NextAsync(CancellationToken stop)
    {
        Task next;
        lock (_gate)
            next = _next.Task;
        await next.WaitAsync(stop);
        return Newest!;
    }

    private AimWidths Of(IReadOnlyList<float>? now, Func<(long At, float Plate, float Face), float> width, AimGoal goal)
    {
        lock (_gate)
        {
            Forget();
            float widest = _measured.Select(width).DefaultIfEmpty().Max();
            return new AimWidths(now is { Count: > 0 } ? now.Max() : null, widest > 0 ? widest : null, widest > 0 ? goal.Of(widest) : "none");
        }
    }

    private void Forget()
    {
        while (_measured.TryPeek(out var oldest) && time.GetElapsedTime(oldest.At) > Kept)
            _ = _measured.Dequeue();
    }
}
