using System.Net.WebSockets;
using System.Text.Json.Nodes;
using EdgeAgent.Chaos.Pages;

namespace EdgeAgent.Chaos.Power;

/// <summary>An officer who signs in again whenever the car comes back, and confirms every alert.</summary>
internal sealed class ScriptedOfficer(string url, string officerId, string pin, TimeProvider time)
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(100);
    private readonly Lock gate = new();
    private readonly List<string> acknowledged = [];

    /// <summary>Ids of decisions that the terminal said it had.</summary>
    public IReadOnlyList<string> Acknowledged
    {
        get { lock (gate) return [.. acknowledged]; }
    }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var page = new PageClient(url);
                _ = await page.PostAsync("/api/session", new { officerId, pin }, stop);
                await using JsonSocket stream = await page.SocketAsync("/api/stream", stop);
                while (true)
                    await DecideAsync(page, await stream.UntilAsync("alert", _ => true, stop), stop);
            }
            catch (Exception e) when (e is HttpRequestException or WebSocketException or IOException or InvalidOperationException or OperationCanceledException)
            {
                // The car was killed: what was not answered was not decided.
                await Task.Delay(BetweenTries, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task DecideAsync(PageClient page, JsonNode alert, CancellationToken stop)
    {
        try
        {
            JsonNode answer = await page.PostAsync($"/api/alerts/{(string)alert["id"]!}/decision", new { verdict = "confirmed", reason = "", note = "" }, stop);
            lock (gate)
                acknowledged.Add((string)answer["decisionId"]!);
        }
        catch (HttpRequestException e) when (e.StatusCode is System.Net.HttpStatusCode.Conflict or System.Net.HttpStatusCode.NotFound)
        {
            // Decided a moment ago, by the try whose answer was lost; or shown again and over.
        }
    }
}
