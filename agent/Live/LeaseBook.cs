using System.Threading.Channels;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Uplink;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Live;

/// <summary>One live view that the centre holds, as the car shows it.</summary>
internal sealed record Watcher(string CameraId, string Viewer, string Reason, long EndsAtUnixMs);

/// <summary>
/// Live views of the centre: each has a named viewer and a reason, is shown in the car from its first to its last moment, is
/// written down at both ends, and ends by itself. When eyes or the link fails meanwhile, the stream comes back under the same
/// lease until it ends.
/// </summary>
internal sealed partial class LeaseBook(
    EyesMedia media, CentreLink link, Ledger ledger, TrustedClock clock, TimeProvider time, ILogger<LeaseBook> log)
{
    private const int MostLeases = 8;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(60), Again = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly Dictionary<ByteString, Lease> leases = [];
    private readonly Channel<Lease> begun = Channel.CreateBounded<Lease>(MostLeases);

    public IReadOnlyList<Watcher> Watchers
    {
        get { lock (gate) return [.. leases.Values.Select(l => new Watcher(l.Asked.CameraId, l.Asked.Viewer, l.Asked.Reason, l.EndsAtUnixMs))]; }
    }

    /// <summary>Whether this lease gives its holder the camera's head.</summary>
    public bool Holds(ByteString leaseId, string cameraId)
    {
        lock (gate)
            return leases.TryGetValue(leaseId, out Lease? lease) && lease.Asked.CameraId == cameraId;
    }

    /// <summary>Begins or renews a live view.</summary>
    /// <returns>"" when begun; else why not.</returns>
    public string Begin(LiveLease asked)
    {
        if (asked.LeaseId.Length != 16 || asked.Viewer.Length is 0 or > 100)
            return "bad_lease";
        if (string.IsNullOrWhiteSpace(asked.Reason) || asked.Reason.Length > 300)
            return "reason_required";
        if (media.WhyNoLive(asked.CameraId) is { Length: > 0 } why)
            return why;
        TimeSpan left = TimeSpan.FromMilliseconds(asked.EndsAtUnixMs - clock.NowUnixMs);
        if (left <= TimeSpan.Zero)
            return "lease_over";
        left = left < Longest ? left : Longest;
        lock (gate)
        {
            if (leases.TryGetValue(asked.LeaseId, out Lease? running))
            {
                running.Renew(left, clock.NowUnixMs);
                return "";
            }
            if (leases.Count >= MostLeases)
                return "too_many_live_views";
            var lease = new Lease(asked, left, clock.NowUnixMs, time);
            // Shown before the first picture leaves.
            ledger.Note(new AuditDraft(AuditKind.LiveViewStarted, asked.Viewer, "", $"{lease.Name} {asked.CameraId}", asked.Reason));
            leases.Add(asked.LeaseId, lease);
            _ = begun.Writer.TryWrite(lease);
        }
        return "";
    }

    public void End(ByteString leaseId, string reason)
    {
        lock (gate)
        {
            if (leases.TryGetValue(leaseId, out Lease? lease))
                lease.EndNow(reason.Length > 0 ? reason : "ended_by_centre");
        }
    }

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        pulse.Ok();
        var running = new List<Task>();
        try
        {
            await foreach (Lease lease in begun.Reader.ReadAllAsync(stop))
            {
                _ = running.RemoveAll(t => t.IsCompleted);
                running.Add(ServeAsync(lease, stop));
            }
        }
        finally
        {
            await Task.WhenAll(running);
        }
    }

    private async Task ServeAsync(Lease lease, CancellationToken stop)
    {
        using CancellationTokenRegistration ending = stop.Register(() => lease.EndNow("car_stops"));
        while (!lease.Over.IsCancellationRequested)
        {
            try
            {
                string reason = await PublishAsync(lease);
                if (reason != "source_ended")
                    lease.EndNow(reason);
            }
            catch (OperationCanceledException) when (lease.Over.IsCancellationRequested)
            {
                break;
            }
            catch (RpcException error)
            {
                LogInterrupted(log, lease.Name, error.StatusCode.ToString());
                if (error.StatusCode is StatusCode.NotFound or StatusCode.PermissionDenied or StatusCode.FailedPrecondition)
                    lease.EndNow("centre_refused");
            }
            await Task.Delay(Again, time, lease.Over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        Close(lease);
    }

    // One try: from the first init segment on, until the lease, the link or the source ends.
    private async Task<string> PublishAsync(Lease lease)
    {
        using LiveWatch? watch = media.WatchLive(lease.Asked.CameraId, lease.Asked.Quality == LiveQuality.Main);
        if (watch is null)
            return "source_ended";
        VideoStart start = await FirstStartAsync(lease, watch);
        Channel<VideoChunk> chunks = Channel.CreateBounded<VideoChunk>(new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.Wait });
        using var over = CancellationTokenSource.CreateLinkedTokenSource(lease.Over);
        Task feeding = FeedAsync(lease, watch, chunks.Writer, over.Token);
        try
        {
            VideoEnd end = await link.PublishVideoAsync(start, chunks.Reader, lease.Over);
            lease.BytesSent += end.BytesSent;
            return end.Reason.Length > 0 ? end.Reason : "ended_by_centre";
        }
        finally
        {
            await over.CancelAsync();
            await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<VideoStart> FirstStartAsync(Lease lease, LiveWatch watch)
    {
        while (true)
        {
            LiveStep step = await watch.Steps.ReadAsync(lease.Over);
            if (step.Start is { } start)
                return StartOf(lease, start.Mime, start.InitSegment);
            if (step.Failed is not null)
                await AskAgainAsync(lease, watch);
        }
    }

    private async Task FeedAsync(Lease lease, LiveWatch watch, ChannelWriter<VideoChunk> chunks, CancellationToken over)
    {
        uint lost = 0;
        await foreach (LiveStep step in watch.Steps.ReadAllAsync(over))
        {
            if (step.Failed is not null)
                await AskAgainAsync(lease, watch);
            else if (step.Start is { } start)
                await chunks.WriteAsync(new VideoChunk { Start = StartOf(lease, start.Mime, start.InitSegment) }, over);
            else if (step.Fragment is { } fragment)
            {
                var chunk = new VideoChunk
                {
                    Fragment = new VideoFragment
                    {
                        Sequence = fragment.Sequence,
                        CapturedAtUnixMs = clock.FromWall(fragment.CapturedUnixMs),
                        Key = fragment.Key,
                        Data = fragment.Data,
                        Skipped = step.Skipped + lost,
                    },
                };
                // The uplink drops to key frames by itself; what does not even fit in here is lost and counted.
                lost = chunks.TryWrite(chunk) ? 0 : lost + 1;
            }
        }
    }

    private async Task AskAgainAsync(Lease lease, LiveWatch watch)
    {
        await Task.Delay(Again, time, lease.Over);
        media.Again(watch);
    }

    private static VideoStart StartOf(Lease lease, string mime, ByteString init) => new()
    {
        LeaseId = lease.Asked.LeaseId,
        CameraId = lease.Asked.CameraId,
        Mime = mime,
        InitSegment = init,
        Quality = lease.Asked.Quality,
    };

    private void Close(Lease lease)
    {
        try
        {
            _ = ledger.Record(
                new AuditDraft(AuditKind.LiveViewEnded, lease.Asked.Viewer, "", $"{lease.Name} {lease.Asked.CameraId}", lease.Reason),
                Lane.Status, Priority.Normal, "",
                e => e.LiveViewEnded = new LiveViewEnded
                {
                    LeaseId = lease.Asked.LeaseId,
                    StartedAtUnixMs = lease.StartedAtUnixMs,
                    EndedAtUnixMs = clock.NowUnixMs,
                    BytesSent = (ulong)lease.BytesSent,
                    Reason = lease.Reason,
                });
        }
        finally
        {
            // Shown until its end is written down.
            lock (gate)
                _ = leases.Remove(lease.Asked.LeaseId);
            lease.Dispose();
        }
    }

    [LoggerMessage(4070, LogLevel.Warning, "Live view {Lease} was interrupted ({Status}).")]
    private static partial void LogInterrupted(ILogger log, string lease, string status);

    /// <summary>One live view's clock. It runs on the monotonic one: setting the wall clock lengthens nothing.</summary>
    private sealed class Lease : IDisposable
    {
        private readonly CancellationTokenSource over = new();
        private readonly ITimer timer;
        private int ended;

        public Lease(LiveLease asked, TimeSpan left, long nowUnixMs, TimeProvider time)
        {
            Asked = asked;
            StartedAtUnixMs = nowUnixMs;
            EndsAtUnixMs = nowUnixMs + (long)left.TotalMilliseconds;
            Over = over.Token;
            timer = time.CreateTimer(_ => EndNow("time_over"), null, left, Timeout.InfiniteTimeSpan);
        }

        public LiveLease Asked { get; }

        public string Name => Convert.ToHexStringLower(Asked.LeaseId.Span);

        public long StartedAtUnixMs { get; }

        public long EndsAtUnixMs { get; private set; }

        public CancellationToken Over { get; }

        public string Reason { get; private set; } = "";

        public long BytesSent { get; set; }

        public void Renew(TimeSpan left, long nowUnixMs)
        {
            EndsAtUnixMs = nowUnixMs + (long)left.TotalMilliseconds;
            _ = timer.Change(left, Timeout.InfiniteTimeSpan);
        }

        public void EndNow(string reason)
        {
            if (Interlocked.Exchange(ref ended, 1) != 0)
                return;
            Reason = reason;
            over.Cancel();
        }

        public void Dispose()
        {
            // The source has no timer of its own and is still being cancelled while this runs.
            timer.Dispose();
        }
    }
}
