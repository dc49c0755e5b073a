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
/// lease until it ends. Leases of one camera at one quality share an upload: the centre shows it to all of them.
/// </summary>
internal sealed partial class LeaseBook(
    EyesMedia media, CentreLink link, Ledger ledger, TrustedClock clock, TimeProvider time, ILogger<LeaseBook> log)
{
    // Seven cameras, each for several people: leases of one camera share its upload.
    private const int MostLeases = 32;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(60), Again = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly Dictionary<ByteString, Lease> leases = [];
    // One upload's; as many as cameras and qualities, for good.
    private readonly Dictionary<(string CameraId, LiveQuality Quality), SemaphoreSlim> turns = [];
    private readonly Channel<Lease> begun = Channel.CreateBounded<Lease>(MostLeases);

    public IReadOnlyList<Watcher> Watchers
    {
        get { lock (gate) return [.. leases.Values.Select(l => new Watcher(l.Asked.CameraId, l.Asked.Viewer, l.Reasoned, l.EndsAtUnixMs))]; }
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
        if (media.WhyNoLease(asked.CameraId) is { Length: > 0 } why)
            return why;
        TimeSpan left = TimeSpan.FromMilliseconds(asked.EndsAtUnixMs - clock.NowUnixMs);
        if (left <= TimeSpan.Zero)
            return "lease_over";
        left = left < Longest ? left : Longest;
        lock (gate)
        {
            if (leases.TryGetValue(asked.LeaseId, out Lease? running))
                return Renew(running, asked, left);
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

    // Under the gate. The same person, camera and quality: anything else is another view, with an id of its own.
    private string Renew(Lease running, LiveLease asked, TimeSpan left)
    {
        if (asked.CameraId != running.Asked.CameraId || asked.Viewer != running.Asked.Viewer || asked.Quality != running.Asked.Quality)
            return "bad_lease";
        if (running.Over.IsCancellationRequested)
            return "lease_over";
        ledger.Note(new AuditDraft(AuditKind.LiveViewRenewed, asked.Viewer, "", $"{running.Name} {asked.CameraId}", asked.Reason));
        running.Renew(left, clock.NowUnixMs, asked.Reason);
        return "";
    }

    /// <summary>When this lease of this camera began, by the trusted clock; null when no such view runs.</summary>
    public long? BeganAt(ByteString leaseId, string cameraId)
    {
        lock (gate)
            return leases.TryGetValue(leaseId, out Lease? lease) && lease.Asked.CameraId == cameraId && !lease.Over.IsCancellationRequested ? lease.StartedAtUnixMs : null;
    }

    public void End(ByteString leaseId, string reason)
    {
        lock (gate)
        {
            if (leases.TryGetValue(leaseId, out Lease? lease))
                lease.EndNow(reason.Length > 0 ? reason : "ended_by_centre");
        }
    }

    /// <summary>Ends the live views of such cameras.</summary>
    public void EndWhere(Predicate<string> cameraId, string reason)
    {
        lock (gate)
        {
            foreach (Lease lease in leases.Values.Where(l => cameraId(l.Asked.CameraId)))
                lease.EndNow(reason);
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
        SemaphoreSlim turn = TurnOf(lease);
        try
        {
            // Another lease's upload may show this camera already: wait until that one ends, or this one.
            await turn.WaitAsync(lease.Over);
            try
            {
                await PublishUntilOverAsync(lease);
            }
            finally
            {
                _ = turn.Release();
            }
        }
        catch (OperationCanceledException) when (lease.Over.IsCancellationRequested)
        {
            // Over before it was its turn.
        }
        Close(lease);
    }

    private SemaphoreSlim TurnOf(Lease lease)
    {
        (string, LiveQuality) key = (lease.Asked.CameraId, lease.Asked.Quality == LiveQuality.Main ? LiveQuality.Main : LiveQuality.Sub);
        lock (gate)
        {
            if (!turns.TryGetValue(key, out SemaphoreSlim? turn))
                turns.Add(key, turn = new SemaphoreSlim(1));
            return turn;
        }
    }

    private async Task PublishUntilOverAsync(Lease lease)
    {
        // For the whole lease: a link that broke because it is narrow is no wider for having been dialled again.
        var pace = new VideoPace(lease.Asked.Quality, time);
        while (!lease.Over.IsCancellationRequested)
        {
            try
            {
                string reason = await PublishAsync(lease, pace);
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
    }

    // One try: from the first init segment on, until the lease, the link or the source ends.
    private async Task<string> PublishAsync(Lease lease, VideoPace pace)
    {
        using var feed = new LeaseFeed(media, lease.Asked, pace, clock, time);
        if (!feed.Begin())
            return "source_ended";
        VideoStart start = await feed.FirstStartAsync(lease.Over);
        Channel<VideoChunk> chunks = Channel.CreateBounded<VideoChunk>(new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.Wait });
        using var over = CancellationTokenSource.CreateLinkedTokenSource(lease.Over);
        Task feeding = feed.RunAsync(chunks.Writer, over.Token);
        try
        {
            VideoEnd end = await link.PublishVideoAsync(start, chunks.Reader, pace, lease.Over);
            lease.BytesSent += end.BytesSent;
            return end.Reason.Length > 0 ? end.Reason : "ended_by_centre";
        }
        finally
        {
            await over.CancelAsync();
            await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

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
            Reasoned = asked.Reason;
            StartedAtUnixMs = nowUnixMs;
            EndsAtUnixMs = nowUnixMs + (long)left.TotalMilliseconds;
            Over = over.Token;
            timer = time.CreateTimer(_ => EndNow("time_over"), null, left, Timeout.InfiniteTimeSpan);
        }

        public LiveLease Asked { get; }

        /// <summary>The reason that was given last.</summary>
        public string Reasoned { get; private set; }

        public string Name => Convert.ToHexStringLower(Asked.LeaseId.Span);

        public long StartedAtUnixMs { get; }

        public long EndsAtUnixMs { get; private set; }

        public CancellationToken Over { get; }

        public string Reason { get; private set; } = "";

        public long BytesSent { get; set; }

        public void Renew(TimeSpan left, long nowUnixMs, string reason)
        {
            Reasoned = reason;
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
