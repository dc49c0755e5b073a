using System.Collections.Immutable;
using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;

namespace EdgeAgent.Agent.Terminal;

/// <summary>
/// /api/stream: the state at least once a second and on every change, alerts at once. One snapshot is built for all pages. A page
/// that falls behind misses states; one that would miss an alert is cut off instead, comes back, and gets all open ones.
/// </summary>
internal sealed class StateStream
{
    private const int QueueCapacity = 64, StatesAllowed = 2;

    private static readonly TimeSpan Slowest = TimeSpan.FromMilliseconds(500), Fastest = TimeSpan.FromMilliseconds(50);

    private readonly StateView view;
    private readonly AlertBook alerts;
    private readonly OfficerDesk desk;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly Channel<bool> changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private ImmutableArray<Page> pages = [];

    public StateStream(StateView view, AlertBook alerts, OfficerDesk desk, TimeProvider time)
    {
        (this.view, this.alerts, this.desk, this.time) = (view, alerts, desk, time);
        alerts.Shown += alert => ToSignedIn("alert", AlertView.Of(alert), page => page.Known.Add(alert.Id));
        alerts.Closed += (id, outcome) => ToSignedIn("alertClosed", new { id, outcome = Words.Of(outcome) }, page => page.Known.Remove(id));
    }

    /// <summary>Something changed that the page should show before the next tick.</summary>
    public void Changed() => _ = changes.Writer.TryWrite(true);

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (!pages.IsEmpty)
            {
                Tell(pages);
            }
            pulse.Beat();
            await Task.Delay(Fastest, time, stop);
            await NextAsync(stop);
        }
    }

    public async Task ServeAsync(WebSocket socket, string? token, CancellationToken stop)
    {
        var page = new Page(desk.Find(token), socket);
        Tell([page]);
        lock (gate)
        {
            // Open ones first, then this page hears of every new one: none can fall between.
            pages = pages.Add(page);
            if (IsSignedIn(page))
            {
                foreach (OpenAlert alert in alerts.Open.Where(a => page.Known.Add(a.Id)))
                    page.Offer(Message("alert", AlertView.Of(alert)));
            }
        }
        try
        {
            await SocketPump.RunAsync(socket, page.Queue.Reader, WebSocketMessageType.Text, keepAlive: null, stop);
        }
        finally
        {
            lock (gate)
                pages = pages.Remove(page);
        }
    }

    // One for those at work, one for whoever else looks, each made when somebody is there to see it.
    private void Tell(ImmutableArray<Page> to)
    {
        byte[]? atWork = null, others = null;
        foreach (Page page in to)
            page.OfferState(IsSignedIn(page) ? atWork ??= Message("state", view.Now(signedIn: true)) : others ??= Message("state", view.Now(signedIn: false)));
    }

    private void ToSignedIn(string type, object data, Predicate<Page> isNews)
    {
        byte[] message = Message(type, data);
        lock (gate)
        {
            foreach (Page page in pages)
            {
                if (IsSignedIn(page) && isNews(page))
                    page.Offer(message);
            }
        }
        Changed();
    }

    private bool IsSignedIn(Page page) => page.Session is { } session && desk.IsOpen(session);

    private async Task NextAsync(CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(Slowest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        Task change = changes.Reader.WaitToReadAsync(either.Token).AsTask();
        await change.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ = changes.Reader.TryRead(out _);
    }

    private static byte[] Message(string type, object data) => JsonSerializer.SerializeToUtf8Bytes(new { type, data }, JsonSerializerOptions.Web);

    private sealed record Page(DutySession? Session, WebSocket Socket)
    {
        public Channel<byte[]> Queue { get; } = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(QueueCapacity) { SingleReader = true });

        /// <summary>Open alerts that this page was told of.</summary>
        public HashSet<Guid> Known { get; } = [];

        public void OfferState(byte[] state)
        {
            if (Queue.Reader.Count < StatesAllowed)
                _ = Queue.Writer.TryWrite(state);
        }

        public void Offer(byte[] message)
        {
            if (!Queue.Writer.TryWrite(message))
                Socket.Abort();
        }
    }
}
