namespace EdgeAgent.Agent.Hosting;

/// <summary>
/// Faces kept for an Assist: the widest few of each camera, in memory, none older than <see cref="MostAgeMs"/>. While none is open
/// nothing is kept. What leaves is overwritten and counted as deleted. From several threads.
/// </summary>
internal sealed class AssistViews(VisitAccount account, TrustedClock clock)
{
    /// <summary>Under DESIGN 4.2's minute by more than a few turns of the one who looks.</summary>
    public const long MostAgeMs = 58_000;

    // Somebody else in the picture does not displace the one it is about.
    private const int PerCamera = 2;

    private readonly Lock gate = new();
    private readonly List<FaceSighting> kept = [];
    private bool open;
    private int shown;

    /// <summary>Age of the oldest that is kept, milliseconds; 0: none.</summary>
    public long OldestMs
    {
        get { lock (gate) return kept.Count == 0 ? 0 : Math.Max(1, kept.Max(AgeOf)); }
    }

    /// <summary>How many were kept since it was opened last.</summary>
    public int Shown
    {
        get { lock (gate) return shown; }
    }

    /// <summary>The widest first.</summary>
    public IReadOnlyList<AssistView> Now
    {
        get
        {
            lock (gate)
            {
                Expire();
                return [.. kept.OrderByDescending(f => f.WidthPx).Select(f => new AssistView(f.VisitId, f.CameraId, f.WidthPx, clock.UnixMsAt(f.CapturedMonoMs)))];
            }
        }
    }

    public void Open()
    {
        lock (gate)
            (open, shown) = (true, 0);
    }

    /// <summary>Overwrites all. Nothing is kept from now on.</summary>
    public void Close()
    {
        lock (gate)
        {
            open = false;
            Delete(_ => true);
        }
    }

    /// <summary>Whether this face is kept, and is the caller's no more.</summary>
    public bool Keep(FaceSighting face)
    {
        lock (gate)
        {
            Expire();
            if (!open || AgeOf(face) >= MostAgeMs)
                return false;
            FaceSighting[] others = [.. kept.Where(k => k.CameraId == face.CameraId)];
            if (others.Length >= PerCamera)
            {
                FaceSighting least = others.MinBy(k => k.WidthPx)!;
                if (least.WidthPx >= face.WidthPx)
                    return false;
                Delete(k => k == least);
            }
            kept.Add(face);
            shown++;
            return true;
        }
    }

    public void DeleteOld()
    {
        lock (gate)
            Expire();
    }

    /// <summary>A copy of the picture, for the caller to overwrite; null when it is gone.</summary>
    public byte[]? PictureOf(string visitId)
    {
        lock (gate)
        {
            Expire();
            return kept.Find(f => f.VisitId == visitId)?.CropJpeg.ToArray();
        }
    }

    /// <summary>Compares one of them while it cannot leave. One that agrees with an entry is the alert's from then on, and not kept.</summary>
    /// <returns>Whether it was still there.</returns>
    public bool Compare(string visitId, Func<FaceSighting, bool> agrees)
    {
        lock (gate)
        {
            Expire();
            if (kept.Find(f => f.VisitId == visitId) is not { } face)
                return false;
            if (!agrees(face))
                return true;
            _ = kept.Remove(face);
            face.Forget();
            account.Matched(face);
            return true;
        }
    }

    private long AgeOf(FaceSighting face) => clock.MonoMs - face.CapturedMonoMs;

    private void Expire() => Delete(f => AgeOf(f) >= MostAgeMs);

    private void Delete(Predicate<FaceSighting> which)
    {
        foreach (FaceSighting face in kept.FindAll(which))
        {
            _ = kept.Remove(face);
            face.Forget();
            account.Deleted(face);
        }
    }
}

/// <summary>A kept face as the page lists it.</summary>
internal sealed record AssistView(string VisitId, string CameraId, int WidthPx, long AtUnixMs);
