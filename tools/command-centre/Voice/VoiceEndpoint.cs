using System.Net.WebSockets;
using System.Text.Json;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Voice;

/// <summary>
/// A console's end of voice, in the words of <see cref="VoiceWords"/>, which the cars' pages speak with their agents too. Open while the page
/// is; a sign-in that ended ends it with the next thing that is asked.
/// </summary>
internal sealed class VoiceEndpoint(VoiceHub hub, ConsoleAccess access, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan SendWithin = TimeSpan.FromSeconds(5);

    public void Map(RouteGroupBuilder api) => _ = api.MapGet("/voice", TalkAsync).Needs(Permission.Operate);

    private async Task TalkAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var member = VoiceMember.OfConsole(context.Account(), Visibility.DistrictOf(context));
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        hub.Join(member);
        var telling = TellAsync(member, socket, over);
        try
        {
            var buffer = new byte[VoiceWords.MostBytes];
            while (await VoiceWords.ReadAsync(socket, buffer, over.Token) is { } word && access.StillHolds(context.User))
                await TakeAsync(member, word);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or JsonException)
        {
            // Gone, or a page that is not ours.
        }
        finally
        {
            await hub.LeaveAsync(member);
            member.Queue.Close();
            await telling;
            await over.CancelAsync();
        }
    }

    private async Task TakeAsync(VoiceMember member, VoiceWord word)
    {
        if (word.Frame is { } frame)
            hub.Frame(member, frame);
        else if (word.Ask is { } ask)
            await hub.AskAsync(member, new VoiceAsk { TalkId = VoiceWords.IdOf(ask.TalkId), Channel = ask.Channel ?? "" });
        else if (word.Over is { } end)
            await hub.OverAsync(member, VoiceWords.IdOf(end.TalkId));
        else if (word.Mute is { Count: <= 100 } mute)
            member.Mute(mute);
    }

    private static async Task TellAsync(VoiceMember member, WebSocket socket, CancellationTokenSource over)
    {
        try
        {
            await foreach (var word in member.Queue.Reader.ReadAllAsync(over.Token))
                await VoiceWords.WriteAsync(socket, word, SendWithin, over.Token);
            await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "try again", over.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or InvalidOperationException)
        {
            // The page is gone.
        }
        await over.CancelAsync();
    }
}
