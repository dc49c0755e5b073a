using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>
/// WS /api/stream: units each second, incidents as they come, topics when they change. Every incident shown is a row of the audit
/// table.
/// </summary>
internal sealed class ConsoleStream(ConsoleFeed feed, ConsoleViews views, ConsoleAccess access, TimeProvider time)
{
    private const int IncidentsAtConnect = 100;
    private const int AccountCheckTicks = 30;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SendWithin = TimeSpan.FromSeconds(10);

    public async Task RunAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        // Joined before the first look at what is stored, so that nothing falls between the two.
        var news = feed.Join();
        var listening = SocketEnd.WatchAsync(socket, over);
        try
        {
            await SendAllAsync(socket, context, news, over.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or ChannelClosedException)
        {
            // The page or the centre ends; either way the page may come back and ask.
        }
        finally
        {
            feed.Leave(news);
            await SocketEnd.CloseAsync(socket, listening, WebSocketCloseStatus.EndpointUnavailable, "try again");
            await over.CancelAsync();
            await listening;
        }
    }

    private async Task SendAllAsync(WebSocket socket, HttpContext context, Channel<ConsoleNews> news, CancellationToken over)
    {
        await SendAsync(socket, views.Units(context), over);
        var told = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var topic in views.Topics)
            await SendTopicAsync(socket, context, topic, told, over);
        var known = views.Newest(context, IncidentsAtConnect);
        await ShowAsync(socket, context.Account(), known, over);
        var shown = known.Select(incident => incident.Id).ToHashSet();

        using var timer = new PeriodicTimer(Tick, time);
        var tick = timer.WaitForNextTickAsync(over).AsTask();
        var more = news.Reader.WaitToReadAsync(over).AsTask();
        for (var ticks = 0; socket.State == WebSocketState.Open;)
        {
            if (await Task.WhenAny(tick, more) == tick)
            {
                _ = await tick;
                if (++ticks % AccountCheckTicks == 0 && !access.StillHolds(context.User))
                    return;
                await SendAsync(socket, views.Units(context), over);
                tick = timer.WaitForNextTickAsync(over).AsTask();
                continue;
            }
            if (!await more)
                return;
            foreach (var topic in await PassAsync(socket, context, news.Reader, shown, over))
                await SendTopicAsync(socket, context, topic, told, over);
            more = news.Reader.WaitToReadAsync(over).AsTask();
        }
    }

    /// <returns>The topics that may have changed.</returns>
    private async Task<HashSet<string>> PassAsync(WebSocket socket, HttpContext context, ChannelReader<ConsoleNews> news, HashSet<Guid> shown, CancellationToken over)
    {
        var incidents = new List<StoredEvent>();
        var topics = new HashSet<string>(StringComparer.Ordinal);
        while (news.TryRead(out var item))
        {
            if (item.Incident is null)
                _ = topics.Add(item.Topic);
            else if (!shown.Remove(item.Incident.Id) && views.MaySee(context, item.Incident))
                incidents.Add(item.Incident);
        }
        await ShowAsync(socket, context.Account(), incidents, over);
        return topics;
    }

    /// <summary>First the audit rows are on disk, then the incidents are shown.</summary>
    private async Task ShowAsync(WebSocket socket, string account, IReadOnlyList<StoredEvent> incidents, CancellationToken over)
    {
        if (incidents.Count == 0)
            return;
        await access.AuditAsync([.. incidents.Select(incident => new AuditRow(account, "incident_read", incident.Id.ToString(), "console"))]);
        foreach (var incident in incidents)
            await SendAsync(socket, Message("incident", IncidentView.Of(incident)), over);
    }

    /// <summary>Only what is news to this person is sent.</summary>
    private async Task SendTopicAsync(WebSocket socket, HttpContext context, string topic, Dictionary<string, byte[]> told, CancellationToken over)
    {
        if (views.Topic(topic, context) is not { } message || (told.TryGetValue(topic, out var before) && before.AsSpan().SequenceEqual(message)))
            return;
        told[topic] = message;
        await SendAsync(socket, message, over);
    }

    private static byte[] Message<T>(string type, T data) => JsonSerializer.SerializeToUtf8Bytes(new { type, data }, ConsoleJson.Options);

    private static async Task SendAsync(WebSocket socket, ReadOnlyMemory<byte> message, CancellationToken over)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(over);
        limit.CancelAfter(SendWithin);
        await socket.SendAsync(message, WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, limit.Token);
    }
}
