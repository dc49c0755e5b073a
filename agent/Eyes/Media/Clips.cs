using System.Threading.Channels;
using EdgeAgent.Eyes.Pipelines;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Clock;
using EdgeAgent.Hw.Ffmpeg;
using Google.Protobuf;

namespace EdgeAgent.Eyes.Media;

/// <summary>Clips cut out of the main streams' rings, one MP4 each, sent in pieces. One that ends in the near future is waited for.</summary>
internal sealed class Clips(
    Func<string, CameraPipeline?> cameras, ChannelWriter<MediaMessage> media, TimeProvider time, CancellationToken stop)
{
    /// <summary>Clips being cut at one time; more are refused, so that video never eats the process.</summary>
    public const int MaxAtOnce = 4;

    private const long LongestMs = 120_000;
    private const long LongestWaitMs = 60_000;
    private const int ChunkBytes = 256 * 1024;

    /// <summary>After its last instant a packet may still be on its way this long.</summary>
    private const long ArrivalMs = 500;
    private int _running;

    public void Start(CutClip request)
    {
        if (Interlocked.Increment(ref _running) > MaxAtOnce)
        {
            Interlocked.Decrement(ref _running);
            Fail(request.RequestId, $"{MaxAtOnce} clips are being cut already");
            return;
        }
        // Muxing minutes of video takes tens of milliseconds: not on the thread that reads requests.
        _ = Task.Run(() => CutAsync(request), stop);
    }

    private async Task CutAsync(CutClip request)
    {
        try
        {
            if (Refusal(request) is { } refusal)
            {
                Fail(request.RequestId, refusal);
                return;
            }
            var ring = cameras(request.CameraId)!.Reader.Ring;
            long wait = request.ToMonoMs + ArrivalMs - time.MonoMs();
            if (wait > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(wait), time, stop);
            var pieces = new List<byte[]>();
            var written = ClipCutter.Cut(ring, request.FromMonoMs, request.ToMonoMs, bytes => pieces.Add(bytes.ToArray()));
            if (written is null)
            {
                Fail(request.RequestId, "no video of that time is held");
                return;
            }
            await SendAsync(request.RequestId, pieces);
        }
        catch (FfmpegException e)
        {
            Fail(request.RequestId, e.Message);
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException or ObjectDisposedException)
        {
            // The process ends, the host is gone, or the camera was taken away.
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private string? Refusal(CutClip request)
    {
        if (cameras(request.CameraId) is not { PreviewOnly: false })
            return $"camera {request.CameraId} is not recorded";
        if (request.ToMonoMs < request.FromMonoMs || request.ToMonoMs - request.FromMonoMs > LongestMs)
            return $"a clip is between 0 and {LongestMs / 1000} seconds long";
        return request.ToMonoMs - time.MonoMs() > LongestWaitMs ? $"that is more than {LongestWaitMs / 1000} seconds in the future" : null;
    }

    private async Task SendAsync(string requestId, List<byte[]> pieces)
    {
        foreach (byte[] piece in pieces)
            for (int at = 0; at < piece.Length; at += ChunkBytes)
                await media.WriteAsync(
                    Chunk(requestId, piece.AsMemory(at, Math.Min(ChunkBytes, piece.Length - at)), last: false), stop);
        await media.WriteAsync(Chunk(requestId, default, last: true), stop);
    }

    private void Fail(string requestId, string error) =>
        _ = media.TryWrite(new MediaMessage { Clip = new ClipChunk { RequestId = requestId, Last = true, Error = error } });

    private static MediaMessage Chunk(string requestId, ReadOnlyMemory<byte> data, bool last) =>
        new() { Clip = new ClipChunk { RequestId = requestId, Data = UnsafeByteOperations.UnsafeWrap(data), Last = last } };
}
