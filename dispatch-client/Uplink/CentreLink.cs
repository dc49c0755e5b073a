using System.Net.Http;
using System.Security.Authentication;
using System.Threading.Channels;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>
/// The car's one link to its centre: keeps a session open for ever, delivers the outbox through it, takes commands from it, and
/// offers lists and live video while it is up. Delivery is at least once; the centre deduplicates by id.
/// </summary>
public sealed class CentreLink : IAsyncDisposable
{
    // A session this long was a good one: the next trouble starts with short waits again.
    private static readonly TimeSpan GoodSession = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestWish = TimeSpan.FromMinutes(5);

    private readonly LinkParts parts;
    private readonly Func<Hello> describe;
    private readonly LinkBoard board;
    private readonly Func<TrustedNow> clock;
    private readonly CancellationTokenSource disposed = new();
    private volatile CentreConnection? current;
    private Task running = Task.CompletedTask;

    /// <param name="options">Address, waits and bounds; validated here.</param>
    /// <param name="identity">Stays the caller's.</param>
    /// <param name="outbox">Stays the caller's; used by one link at a time.</param>
    /// <param name="onCommand">
    /// Called for one command after the other. When it returns, the command is durable in the car, or known to be unwanted: the
    /// acknowledgement goes out then. If it throws, the command is not acknowledged and comes again in the next session.
    /// </param>
    /// <param name="describe">Software version, lists, cameras and roster of now, asked before each session; the link adds the rest.</param>
    /// <param name="time">Clock of waits.</param>
    /// <param name="loggers">For logs 5100-5199.</param>
    /// <exception cref="ArgumentException">The options have faults; the message lists them all.</exception>
    public CentreLink(
        LinkOptions options,
        UnitIdentity identity,
        OutboxStore outbox,
        Func<Command, CancellationToken, ValueTask<CommandAck>> onCommand,
        Func<Hello> describe,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        if (options.Faults() is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(' ', faults), nameof(options));
        parts = new LinkParts(options, identity, outbox, onCommand, time, loggers.CreateLogger<CentreLink>());
        this.describe = describe;
        board = new LinkBoard(time);
        clock = options.Clock ?? (() => new TrustedNow(time.GetUtcNow(), MayBeBehind: false));
        outbox.HasAppended += Wake;
    }

    /// <summary>The fleet as the centre sees it. Raised while a session reads: return quickly, do not throw.</summary>
    public event Action<FleetPositions>? FleetReceived
    {
        add => board.FleetReceived += value;
        remove => board.FleetReceived -= value;
    }

    /// <summary>The centre's signed time, checked. Raised while a session reads: return quickly, do not throw.</summary>
    public event Action<VerifiedTime>? TimeVerified
    {
        add => board.TimeVerified += value;
        remove => board.TimeVerified -= value;
    }

    /// <summary>Where the link stands, at this instant.</summary>
    public LinkState State
    {
        get
        {
            var (phase, since, detail, rttMs) = board.Now;
            var counts = parts.Outbox.Counts;
            var oldestMs = counts.OldestPendingAppendedUnixMs is { } oldest
                ? Math.Max(0, parts.Time.GetUtcNow().ToUnixTimeMilliseconds() - oldest)
                : 0;
            return new LinkState(phase, since, detail, rttMs, counts.Pending, oldestMs, counts.Refused);
        }
    }

    /// <summary>Keeps the link until cancelled; ends with a goodbye. Call once.</summary>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">The outbox's disk failed: nothing can be delivered safely.</exception>
    public Task RunAsync(CancellationToken cancellationToken) => running = KeepAsync(cancellationToken);

    /// <summary>The newest position and availability, sent as soon as may be; an older one not yet sent is forgotten.</summary>
    public void Publish(Position live, string availability) =>
        board.Publish(new LivePosition { Position = live, Availability = availability });

    /// <summary>What lists this unit should hold now.</summary>
    /// <exception cref="RpcException">UNAVAILABLE while the link is down, or the centre's status.</exception>
    public Task<ListIndex> ListIndexAsync(CancellationToken cancellationToken = default) =>
        new ListClient(new Watchlists.WatchlistsClient(Bulk())).IndexAsync(cancellationToken);

    /// <summary>The serialised envelope of an offer, complete and with the offered hash; not yet verified.</summary>
    /// <exception cref="RpcException">UNAVAILABLE while the link is down, NOT_FOUND when revoked meanwhile.</exception>
    /// <exception cref="InvalidDataException">Not the bytes that were offered.</exception>
    public Task<byte[]> FetchListAsync(ListOffer offer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(offer);
        return new ListClient(new Watchlists.WatchlistsClient(Bulk())).FetchAsync(offer, cancellationToken);
    }

    /// <summary>Why what can wait should wait now, "" when it need not: metered, live.</summary>
    public string Paused => parts.Options.Metered() ? "metered" : board.LiveIsNarrow ? "live" : "";

    /// <inheritdoc cref="ReleaseClient.FetchAsync"/>
    public Task FetchReleaseAsync(ReleaseOffer offer, FileStream part, Func<bool> goOn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(part);
        ArgumentNullException.ThrowIfNull(goOn);
        return new ReleaseClient(new Patrol.Dispatch.V1.Releases.ReleasesClient(Bulk())).FetchAsync(offer, part, goOn, cancellationToken);
    }

    /// <inheritdoc cref="RecordingClient.FetchAsync"/>
    public Task FetchRecordingAsync(AttachmentRef recording, long offset, Func<ReadOnlyMemory<byte>, bool> take, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(recording);
        ArgumentNullException.ThrowIfNull(take);
        return new RecordingClient(new Evidence.EvidenceClient(Bulk())).FetchAsync(recording, offset, take, cancellationToken);
    }

    /// <summary>Asks the centre about a plate or document. Beside the events: it is small, and an officer waits for it.</summary>
    /// <exception cref="RpcException">UNAVAILABLE while the link is down; UNIMPLEMENTED from a centre that knows no look-ups.</exception>
    public Task<LookUpReply> CheckAsync(LookUpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new LookUpClient(new LookUps.LookUpsClient(Current().Events)).CheckAsync(request, cancellationToken);
    }

    /// <summary>
    /// Sends a live view until the fragments end, the centre ends it, or the link does. The reader should be of a bounded channel
    /// that drops its oldest; a fragment after <c>Start</c> chunks carries on with the new init segment. Sequences only grow.
    /// </summary>
    /// <exception cref="RpcException">The link ended, or the centre refused the lease.</exception>
    public async Task<VideoEnd> PublishVideoAsync(VideoStart start, ChannelReader<VideoChunk> fragments, VideoPace pace, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(start);
        var end = await new VideoUplink(new Video.VideoClient(Bulk()), pace, board.LiveFellBehind).RunAsync(start, fragments, cancellationToken);
        LinkLog.VideoEnded(parts.Logger, Convert.ToHexStringLower(start.LeaseId.Span), end.BytesSent, end.Skipped, end.Reason);
        return end;
    }

    /// <summary>
    /// Voice, while the link is up: what is said here goes out, what is said elsewhere comes to <paramref name="take"/>, which returns
    /// quickly. Beside the events, as it is small and cannot wait behind pictures. The reader should be of a bounded channel that drops.
    /// </summary>
    /// <exception cref="RpcException">UNAVAILABLE while the link is down; UNIMPLEMENTED from a centre that knows no voice.</exception>
    public Task TalkAsync(ChannelReader<VoiceUp> words, Action<VoiceDown> take, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(words);
        ArgumentNullException.ThrowIfNull(take);
        return new VoiceUplink(new Voice.VoiceClient(Current().Events)).RunAsync(words, take, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        parts.Outbox.HasAppended -= Wake;
        await disposed.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        disposed.Dispose();
    }

    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, disposed.Token);
        // Jitter must differ between cars that came up in the same instant; it is no secret.
        var backoff = new Backoff(parts.Options.FirstRetry, parts.Options.LongestRetry, new Random(parts.Identity.UnitId.GetHashCode(StringComparison.Ordinal)));
        for (var attempt = 0; !stop.IsCancellationRequested; attempt++)
        {
            var began = parts.Time.GetTimestamp();
            var end = await TrySessionAsync(parts.Options.ForAttempt(parts.Identity.UnitId, attempt), stop.Token);
            if (stop.IsCancellationRequested)
                break;
            Show(end);
            if (parts.Time.GetElapsedTime(began) > GoodSession)
                backoff.Reset();
            await Task.Delay(WaitAfter(end, backoff), parts.Time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        board.Set(LinkPhase.Down, "The link was stopped.");
    }

    private async Task<SessionEnd> TrySessionAsync(LinkOptions options, CancellationToken stop)
    {
        var trust = new CentreTrust(options.Centre.Host, parts.Identity.DeviceRoots, clock);
        using var connection = new CentreConnection(options, trust, parts.Identity.Certificate, parts.Time);
        var backlog = new DelayWindow(() => connection.EventsSocket, SendWindow.LeastBacklogBytes, SendWindow.MostBacklogBytes, parts.Time);
        var session = new LinkSession(parts, board, backlog);
        var room = new DelayWindow(() => connection.BulkSocket, EvidenceUplink.PieceBytes, EvidenceUplink.MostUnderWayBytes, parts.Time);
        var pace = new EvidencePace(room, parts.Options.Metered, board, parts.Time);
        var evidence = new EvidenceUplink(new Evidence.EvidenceClient(connection.Bulk), parts.Outbox, board, pace, parts.Time, parts.Logger);
        try
        {
            return await session.RunAsync(
                new Link.LinkClient(connection.Events),
                describe(),
                () => current = connection,
                ended => BesideAsync(evidence, connection, ended),
                stop);
        }
        catch (OutboxException e) when (e.IsDiskFull)
        {
            // What the centre answered cannot be written down: it answers again in a later session, when there may be room.
            return new SessionEnd(false, e.Message);
        }
        catch (Exception e) when (IsTransport(e) || stop.IsCancellationRequested)
        {
            return SessionEnd.Of(e, trust, parts.Identity.Certificate, clock()) with { NoWay = connection.EventsSocket is null };
        }
        finally
        {
            current = null;
        }
    }

    private async Task BesideAsync(EvidenceUplink evidence, CentreConnection connection, CancellationToken ended)
    {
        var path = new PathWatch(() => connection.EventsSocket, connection.ProbeAsync, parts.Time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ended);
        Task[] beside = [evidence.RunAsync(over.Token), path.RunAsync(over.Token)];
        var first = await Task.WhenAny(beside);
        await over.CancelAsync();
        await Task.WhenAll(beside).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }

    // What a call over a broken connection throws: its status, or, from a reader or writer that was just at work, one of these.
    private static bool IsTransport(Exception fault) =>
        fault is RpcException or IOException or HttpRequestException or AuthenticationException or OperationCanceledException
            or InvalidOperationException or ObjectDisposedException;

    private void Show(SessionEnd end)
    {
        if (!board.Set(end.Refused ? LinkPhase.Refused : LinkPhase.Down, end.Detail))
            return;
        if (end.Refused)
            LinkLog.Refused(parts.Logger, end.Detail);
        else
            LinkLog.Down(parts.Logger, end.Detail);
    }

    private TimeSpan WaitAfter(SessionEnd end, Backoff backoff)
    {
        if (end.Refused)
            return parts.Options.RefusedRetry;
        // Where there is no way at all nobody is troubled by trying: the dial itself paces the attempts.
        if (end.NoWay)
            backoff.Reset();
        var wait = backoff.Next();
        var wish = end.RetryAfter ?? TimeSpan.Zero;
        return wish > LongestWish ? LongestWish : wish > wait ? wish : wait;
    }

    private Grpc.Net.Client.GrpcChannel Bulk() => Current().Bulk;

    private CentreConnection Current() =>
        current ?? throw new RpcException(new Status(StatusCode.Unavailable, "The link to the centre is down."));

    private void Wake(Priority priority) => board.Wake.Set();
}
