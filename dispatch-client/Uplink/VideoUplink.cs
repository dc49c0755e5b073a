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
/// One lease's live view. What does not fit through the link is left out up to a key frame, so that what the centre shows is late by
/// a fragment or two, never by a queue: when more fragments wait than may, and as <see cref="VideoPace"/> measures the link.
/// </summary>
/// <param name="client">Over the connection of what is large.</param>
/// <param name="pace">Of this lease.</param>
/// <param name="fellBehind">Told of every fragment that is left out.</param>
internal sealed class VideoUplink(Video.VideoClient client, VideoPace pace, Action fellBehind)
{
    private const int WaitingAllowed = 8;
    private const uint CentreQueueAllowedMs = 1000;
    private long bytesSent;
    private long skipped;
    private uint skippedBefore;
    private bool untilKey;
    private LiveQuality quality;

    private volatile uint centreQueueMs;

    public async Task<VideoEnd> RunAsync(VideoStart start, ChannelReader<VideoChunk> fragments, CancellationToken cancellationToken)
    {
        pace.Begin();
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
            pace.Received(stream.Current.ReceivedSequence);
            if (stream.Current.End)
                return stream.Current.Reason;
        }
        return "";
    }

    private async Task SendAsync(IClientStreamWriter<VideoChunk> stream, VideoStart start, ChannelReader<VideoChunk> fragments, CancellationToken ended)
    {
        quality = start.Quality;
        await stream.WriteUntilAsync(new VideoChunk { Start = start }, ended);
        await foreach (var chunk in fragments.ReadAllAsync(ended))
        {
            if (chunk.PartCase == VideoChunk.PartOneofCase.Start)
                quality = chunk.Start.Quality;
            else if (chunk.PartCase == VideoChunk.PartOneofCase.Fragment)
            {
                if (Skip(chunk.Fragment, fragments))
                    continue;
                Stamp(chunk.Fragment);
                pace.Sent(chunk.Fragment.Sequence, chunk.Fragment.Data.Length);
                bytesSent += chunk.Fragment.Data.Length;
            }
            await stream.WriteUntilAsync(chunk, ended);
        }
        await stream.CompleteAsync();
    }

    private bool Skip(VideoFragment fragment, ChannelReader<VideoChunk> fragments)
    {
        var behind = (fragments.CanCount && fragments.Count > WaitingAllowed) || centreQueueMs > CentreQueueAllowedMs;
        var maySend = pace.MaySend(fragment.Key);
        untilKey = fragment.Key ? !maySend : untilKey || behind || !maySend;
        if (untilKey)
        {
            skipped++;
            skippedBefore++;
            fellBehind();
            return true;
        }
        fragment.Skipped += skippedBefore;
        skippedBefore = 0;
        return false;
    }

    // What is on the way, not what is wished: after a fall the old stream runs until the new one has a key frame.
    private void Stamp(VideoFragment fragment)
    {
        fragment.Level = pace.Level == VideoLevel.KeyFrames ? VideoLevel.KeyFrames : quality == LiveQuality.Main ? VideoLevel.Main : VideoLevel.Sub;
        if (fragment.Key)
            fragment.LinkKbitS = (uint)pace.KilobitsPerSecond;
    }
}
