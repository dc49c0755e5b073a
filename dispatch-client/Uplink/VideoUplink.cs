using System.Threading.Channels;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>How a live view ended.</summary>
/// <param name="BytesSent">Payload of fragments sent.</param>
/// <param name="Skipped">Fragments dropped to keep up.</param>
/// <param name="Reason">"source_ended", or the centre's reason.</param>
public sealed record VideoEnd(long BytesSent, long Skipped, string Reason);

/// <summary>
/// One lease's live view. When more fragments wait than may, the link is too narrow: all up to the next key frame are dropped, so
/// that what the centre shows is late by a fragment or two, never by a queue.
/// </summary>
internal sealed class VideoUplink(Video.VideoClient client)
{
    private const int WaitingAllowed = 8;
    private const uint CentreQueueAllowedMs = 1000;
    private long bytesSent;
    private long skipped;
    private uint skippedBefore;
    private bool untilKey;

    private volatile uint centreQueueMs;

    public async Task<VideoEnd> RunAsync(VideoStart start, ChannelReader<VideoChunk> fragments, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var call = client.Publish(cancellationToken: ended.Token);
        var listening = ListenAsync(call.ResponseStream, ended.Token);
        var sending = SendAsync(call.RequestStream, start, fragments, ended.Token);
        try
        {
            var first = await Task.WhenAny(listening, sending);
            if (first == sending && sending.IsCompletedSuccessfully)
                return new VideoEnd(bytesSent, skipped, await ReasonAfterEndAsync(listening, cancellationToken));
            // The centre's answer, or its status, explains a broken write.
            return new VideoEnd(bytesSent, skipped, await listening.WaitAsync(cancellationToken));
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(listening, sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<string> ReasonAfterEndAsync(Task<string> listening, CancellationToken cancellationToken)
    {
        var reason = await listening.WaitAsync(cancellationToken);
        return reason.Length > 0 ? reason : "source_ended";
    }

    private async Task<string> ListenAsync(IAsyncStreamReader<VideoFeedback> stream, CancellationToken ended)
    {
        while (await stream.MoveNext(ended))
        {
            centreQueueMs = stream.Current.QueueMs;
            if (stream.Current.End)
                return stream.Current.Reason;
        }
        return "";
    }

    private async Task SendAsync(IClientStreamWriter<VideoChunk> stream, VideoStart start, ChannelReader<VideoChunk> fragments, CancellationToken ended)
    {
        await stream.WriteUntilAsync(new VideoChunk { Start = start }, ended);
        await foreach (var chunk in fragments.ReadAllAsync(ended))
        {
            if (chunk.PartCase == VideoChunk.PartOneofCase.Fragment && Skip(chunk.Fragment, fragments))
                continue;
            await stream.WriteUntilAsync(chunk, ended);
            if (chunk.PartCase == VideoChunk.PartOneofCase.Fragment)
                bytesSent += chunk.Fragment.Data.Length;
        }
        await stream.CompleteAsync();
    }

    private bool Skip(VideoFragment fragment, ChannelReader<VideoChunk> fragments)
    {
        var behind = (fragments.CanCount && fragments.Count > WaitingAllowed) || centreQueueMs > CentreQueueAllowedMs;
        untilKey = !fragment.Key && (untilKey || behind);
        if (untilKey)
        {
            skipped++;
            skippedBefore++;
            return true;
        }
        fragment.Skipped += skippedBefore;
        skippedBefore = 0;
        return false;
    }
}
