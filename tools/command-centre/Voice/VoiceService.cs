using EdgeAgent.CommandCentre.Identity;
using Grpc.Core;
using Patrol.Dispatch.V1;
using VoiceContract = Patrol.Dispatch.V1.Voice;

namespace EdgeAgent.CommandCentre.Voice;

/// <summary>A car's end of voice: one stream, while it has a link.</summary>
internal sealed class VoiceService(VoiceHub hub, IHostApplicationLifetime lifetime) : VoiceContract.VoiceBase
{
    public override async Task Talk(IAsyncStreamReader<VoiceUp> requestStream, IServerStreamWriter<VoiceDown> responseStream, ServerCallContext context)
    {
        var member = VoiceMember.OfCar(context.UnitId());
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        hub.Join(member);
        var telling = TellAsync(member, responseStream, over);
        try
        {
            while (await requestStream.MoveNext(over.Token))
                await TakeAsync(member, requestStream.Current);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The car hung up, or the centre stops.
        }
        finally
        {
            await hub.LeaveAsync(member);
            member.Queue.Close();
            await over.CancelAsync();
            await telling;
        }
    }

    private async Task TakeAsync(VoiceMember member, VoiceUp word)
    {
        switch (word.BodyCase)
        {
            case VoiceUp.BodyOneofCase.Ask:
                await hub.AskAsync(member, word.Ask);
                break;
            case VoiceUp.BodyOneofCase.Frame:
                hub.Frame(member, word.Frame);
                break;
            case VoiceUp.BodyOneofCase.Over:
                await hub.OverAsync(member, word.Over.TalkId);
                break;
            default:
                throw new RpcException(new Status(StatusCode.InvalidArgument, "A word is a question, a frame or an end."));
        }
    }

    private static async Task TellAsync(VoiceMember member, IServerStreamWriter<VoiceDown> writer, CancellationTokenSource over)
    {
        try
        {
            await foreach (var word in member.Queue.Reader.ReadAllAsync(over.Token))
                await writer.WriteAsync(word, over.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // The stream is over.
        }
        // A car that is so far behind that it cannot even be told begins anew.
        await over.CancelAsync();
    }
}
