using System.Threading.Channels;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>The car's end of voice, for as long as its connection lasts.</summary>
internal sealed class VoiceUplink(Voice.VoiceClient client)
{
    /// <summary>Returns when the centre ended it; throws what ended it else.</summary>
    public async Task RunAsync(ChannelReader<VoiceUp> words, Action<VoiceDown> take, CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var call = client.Talk(cancellationToken: ended.Token);
        var sending = SendAsync(call.RequestStream, words, ended.Token);
        try
        {
            while (await call.ResponseStream.MoveNext(ended.Token))
                take(call.ResponseStream.Current);
        }
        finally
        {
            await ended.CancelAsync();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task SendAsync(IClientStreamWriter<VoiceUp> stream, ChannelReader<VoiceUp> words, CancellationToken ended)
    {
        await foreach (var word in words.ReadAllAsync(ended))
            await stream.WriteUntilAsync(word, ended);
    }
}
