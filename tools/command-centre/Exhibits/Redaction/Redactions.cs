using System.Threading.Channels;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;

namespace EdgeAgent.CommandCentre.Exhibits.Redaction;

/// <summary>What is to be redacted, and for whom.</summary>
internal sealed record RedactionAsked(EvidenceItem Item, string Account, string Reason);

/// <summary>One redaction: found by detectors, edited by a person, rendered into a copy.</summary>
internal sealed class RedactionJob(RedactionAsked asked) : IDisposable
{
    public Guid Id { get; } = Guid.NewGuid();

    public RedactionAsked Asked => asked;

    public CancellationTokenSource Ending { get; } = new();

    /// <summary>waiting, finding, ready, rendering, done, failed or cancelled.</summary>
    public volatile string State = "waiting";

    /// <summary>Why it failed: a code.</summary>
    public volatile string Code = "";

    public volatile VideoFacts? Video;

    public volatile IReadOnlyList<RedactionTrack> Found = [];

    public volatile RedactionEdits? Edits;

    private int framesDone;
    private Guid? copy;

    public int FramesDone { get => Volatile.Read(ref framesDone); set => Volatile.Write(ref framesDone, value); }

    public Guid? CopyId
    {
        get
        {
            lock (Ending)
                return copy;
        }
        set
        {
            lock (Ending)
                copy = value;
        }
    }

    public bool IsOver => State is "done" or "failed" or "cancelled";

    public void Dispose() => Ending.Dispose();
}

/// <summary>
/// Redacts in the background, two at a time, a few waiting. Jobs live in memory: one that a restart cost is begun again, and nothing else is
/// lost, since the original is never changed. The copy is an exhibit of its own, with pixels replaced, without sound and without metadata.
/// </summary>
internal sealed class Redactions(ExhibitStore store, TimeProvider time, ILogger<Redactions> log) : BackgroundService
{
    private const int AtOnce = 2, MostWaiting = 8, MostKept = 32, JpegQuality = 92;
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(2);
    private readonly Channel<RedactionJob> queue = Channel.CreateBounded<RedactionJob>(MostWaiting);
    private readonly Dictionary<Guid, (RedactionJob Job, long Touched)> jobs = [];

    public RedactionJob? Find(Guid id)
    {
        lock (jobs)
        {
            if (!jobs.TryGetValue(id, out var known))
                return null;
            jobs[id] = (known.Job, time.GetTimestamp());
            return known.Job;
        }
    }

    /// <returns>Null: too many are under way.</returns>
    public RedactionJob? Begin(RedactionAsked asked)
    {
        var job = new RedactionJob(asked);
        lock (jobs)
        {
            foreach (var (id, old) in jobs.Where(known => known.Value.Job.State is not ("finding" or "rendering" or "waiting") && (jobs.Count >= MostKept || time.GetElapsedTime(known.Value.Touched) > KeptFor)).ToList())
            {
                _ = jobs.Remove(id);
                old.Job.Dispose();
            }
            if (jobs.Count >= MostKept || !queue.Writer.TryWrite(job))
                return null;
            jobs[job.Id] = (job, time.GetTimestamp());
        }
        return job;
    }

    /// <summary>Renders what was found and edited.</summary>
    /// <returns>False: it is not ready for that, or too many wait.</returns>
    public bool Render(RedactionJob job, RedactionEdits edits)
    {
        lock (jobs)
        {
            if (job.State != "ready")
                return false;
            (job.Edits, job.State, job.FramesDone) = (edits, "waiting", 0);
            if (queue.Writer.TryWrite(job))
                return true;
            (job.Edits, job.State) = (null, "ready");
            return false;
        }
    }

    public static void Cancel(RedactionJob job)
    {
        job.Ending.Cancel();
        if (!job.IsOver)
            job.State = "cancelled";
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => WorkAsync(stoppingToken)));

    private async Task WorkAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var job in queue.Reader.ReadAllAsync(stopping))
            {
                if (!job.IsOver)
                    await OneAsync(job, stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // The centre stops.
        }
    }

    private async Task OneAsync(RedactionJob job, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, job.Ending.Token);
        try
        {
            if (job.Edits is { } edits)
                await RenderAsync(job, edits, ending.Token);
            else
                await FindAsync(job, ending.Token);
        }
        catch (OperationCanceledException)
        {
            job.State = "cancelled";
        }
        catch (CentreException e)
        {
            (job.Code, job.State) = (e.Message.All(c => char.IsAsciiLetterLower(c) || c == '_') ? e.Message : "redaction_failed", "failed");
        }
        catch (Exception e) when (e is IOException or System.Security.Cryptography.CryptographicException or System.Data.Common.DbException)
        {
            RedactionLog.Failed(log, e.GetType().Name);
            (job.Code, job.State) = ("redaction_failed", "failed");
        }
    }

    private async Task FindAsync(RedactionJob job, CancellationToken stop)
    {
        job.State = "finding";
        var content = Content(job);
        var video = await VideoPipe.ProbeAsync(content, stop);
        job.Video = video;
        using var finder = new BoxFinder(video);
        var frames = 0;
        await VideoPipe.ReadAsync(
            content, video,
            (frame, bgr) =>
            {
                finder.Look(frame, bgr);
                job.FramesDone = frames = frame + 1;
            },
            stop);
        if (frames == 0)
            throw new CentreException("not_a_video");
        // A rate that is not quite even gives a frame more or less than there are packets.
        job.Video = video with { Frames = frames };
        job.Found = finder.Found();
        job.State = "ready";
    }

    private async Task RenderAsync(RedactionJob job, RedactionEdits edits, CancellationToken stop)
    {
        job.State = "rendering";
        var (content, video) = (Content(job), job.Video!);
        var covered = RedactionPlan.Apply(job.Found, edits).Where(track => !track.Keep).ToList();
        void Cover(int frame, Span<byte> bgr)
        {
            foreach (var track in covered)
            {
                if (track.At(frame) is { } box)
                    Mosaic.Cover(bgr, video.Width, video.Height, 3 * video.Width, box.Area, track.Kind == "hand" ? 0 : Mosaic.Margin, track.Kind == "plate" ? Mosaic.PlateTiles : Mosaic.FaceTiles);
            }
            job.FramesDone = frame + 1;
        }
        var item = job.Asked.Item;
        var isPicture = item.File.MediaType.StartsWith("image/", StringComparison.Ordinal);
        var copy = isPicture ? await PictureAsync(content, video, Cover, stop) : await VideoPipe.RewriteAsync(content, video, Cover, stop);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var exhibit = new Exhibit(
            Uuid7.ToGuid(Uuid7.New(time)), ExhibitTable.Copy, item.UnitId, item.CameraId, item.FromUnixMs, item.ToUnixMs, now, job.Asked.Account, item.Id, null,
            item.Words with { Reason = job.Asked.Reason });
        var kept = await store.KeepAsync(
            exhibit, copy, isPicture ? "image/jpeg" : "video/mp4",
            new AuditRow(job.Asked.Account, "redacted_copy_made", $"{exhibit.Id} of {item.Id}, {covered.Count} covered, {edits.Keep?.Count ?? 0} kept, {edits.Remove?.Count ?? 0} removed, {edits.Add?.Count ?? 0} drawn", job.Asked.Reason));
        job.CopyId = kept.Id;
        job.State = "done";
    }

    private byte[] Content(RedactionJob job) => store.Read(job.Asked.Item.File.Sha256!, job.Asked.Item.File.SizeBytes!.Value);

    private static async Task<byte[]> PictureAsync(byte[] content, VideoFacts video, OnFrame cover, CancellationToken stop)
    {
        byte[]? jpeg = null;
        await VideoPipe.ReadAsync(
            content, video,
            (frame, bgr) =>
            {
                cover(frame, bgr);
                using var codec = new JpegCodec();
                jpeg = codec.Encode(new BgrView(bgr, video.Width, video.Height, 3 * video.Width), JpegQuality);
            },
            stop);
        return jpeg ?? throw new CentreException("not_a_video");
    }
}

/// <summary>6310-6319.</summary>
internal static partial class RedactionLog
{
    [LoggerMessage(6310, LogLevel.Error, "A redaction failed ({Error})")]
    public static partial void Failed(ILogger log, string error);
}
