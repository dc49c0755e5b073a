using System.Net.WebSockets;
using System.Text.Json;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Terminal;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Voice;

internal static class VoiceServices
{
    private static readonly TimeSpan SendWithin = TimeSpan.FromSeconds(5);

    /// <summary>Push to talk.</summary>
    public static IServiceCollection AddVoice(this IServiceCollection services) => services
        .AddSingleton<VoiceDesk>()
        .AddStage<VoiceDesk>(new("voice", StopPhase.Link, Criticality.Optional), (s, pulse, stop) => s.RunAsync(pulse, stop));

    /// <summary>/api/voice, in the words of <see cref="VoiceWords"/>. Without a session it hears nothing and carries a call for help alone.</summary>
    public static void MapVoice(this WebApplication app)
    {
        CancellationToken stopping = app.Lifetime.ApplicationStopping;
        _ = app.MapGet("/api/voice", async (HttpContext http, VoiceDesk desk, OfficerDesk officers) =>
        {
            if (!http.WebSockets.IsWebSocketRequest)
                return TerminalApi.Refused(400, "websocket_only");
            string? token = http.Request.Cookies[TerminalApi.Cookie];
            using WebSocket socket = await http.WebSockets.AcceptWebSocketAsync();
            await TalkAsync(socket, desk, () => officers.Find(token), stopping);
            return Results.Empty;
        });
    }

    private static async Task TalkAsync(WebSocket socket, VoiceDesk desk, Func<DutySession?> officer, CancellationToken stop)
    {
        var page = new VoicePage(() => officer() is not null);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task telling = TellAsync(page, socket, over);
        desk.Join(page);
        try
        {
            byte[] buffer = new byte[VoiceWords.MostBytes];
            while (await VoiceWords.ReadAsync(socket, buffer, over.Token) is { } word)
                Take(page, word, desk, officer);
        }
        catch (Exception error) when (error is OperationCanceledException or WebSocketException or JsonException)
        {
            // Gone, or not our page.
        }
        finally
        {
            desk.Leave(page);
            page.Queue.Close();
            await over.CancelAsync();
            await telling;
        }
    }

    private static void Take(VoicePage page, VoiceWord word, VoiceDesk desk, Func<DutySession?> officer)
    {
        if (word.Frame is { } frame)
            desk.Frame(page, frame);
        else if (word.Ask is { } ask)
            desk.Ask(page, new VoiceAsk { TalkId = VoiceWords.IdOf(ask.TalkId), Channel = ask.Channel ?? "", Emergency = ask.Emergency }, officer());
        else if (word.Over is { } end)
            desk.Over(page, VoiceWords.IdOf(end.TalkId));
    }

    private static async Task TellAsync(VoicePage page, WebSocket socket, CancellationTokenSource over)
    {
        try
        {
            await foreach (VoiceDown word in page.Queue.Reader.ReadAllAsync(over.Token))
                await VoiceWords.WriteAsync(socket, word, SendWithin, over.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or WebSocketException or InvalidOperationException)
        {
            socket.Abort();
        }
        await over.CancelAsync();
    }
}
