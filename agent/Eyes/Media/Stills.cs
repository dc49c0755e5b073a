using System.Threading.Channels;
using EdgeAgent.Eyes.Pipelines;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Clock;
using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;
using Google.Protobuf;

namespace EdgeAgent.Eyes.Media;

/// <summary>
/// Single pictures of the main stream that an officer takes. Each opens a decoder of its own and lets go of it: that of the reading thread
/// has one owner, and pictures are taken rarely.
/// </summary>
internal sealed class Stills(Func<string, CameraPipeline?> cameras, FramePool pool, ChannelWriter<MediaMessage> media, TimeProvider time, CancellationToken stop)
{
    /// <summary>Decoding one costs some 20 MB: more are refused, so that pictures never eat the process.</summary>
    public const int MaxAtOnce = 2;

    /// <summary>The host's bound.</summary>
    public const int MaxBytes = 3 << 20;

    /// <summary>What is older than this is not what the officer sees.</summary>
    private const long OldestMs = 1_500;

    /// <summary>Where the pool has no room for a whole 4K picture.</summary>
    private const int SmallerWidth = 1920;

    private int _running;

    public void Take(TakeStill request)
    {
        if (Interlocked.Increment(ref _running) > MaxAtOnce)
        {
            _ = Interlocked.Decrement(ref _running);
            _ = media.TryWrite(Answer(request, 0, [], $"{MaxAtOnce} pictures are being taken already"));
            return;
        }
        // Decoding up to a group of pictures takes tens of milliseconds: not on the thread that reads requests.
        _ = Task.Run(() => TakeAndSendAsync(request), stop);
    }

    private async Task TakeAndSendAsync(TakeStill request)
    {
        try
        {
            await media.WriteAsync(Picture(request), stop);
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            // The process ends, or the host is gone.
        }
        finally
        {
            _ = Interlocked.Decrement(ref _running);
        }
    }

    private MediaMessage Picture(TakeStill request)
    {
        if (cameras(request.CameraId) is not { PreviewOnly: false } camera)
            return Answer(request, 0, [], $"camera {request.CameraId} takes no pictures");
        try
        {
            using var main = camera.Reader.NewMainDecoder();
            if (!main.TryShow(time.MonoMs(), OldestMs))
                return Answer(request, 0, [], "the camera has no picture right now");
            using var whole = main.Cut(0, 0, main.Width, main.Height, pool) ?? main.Cut(0, 0, main.Width, main.Height, pool, SmallerWidth);
            using var jpeg = new JpegCodec();
            return whole is { } frame && jpeg.EncodeWithin(frame.View, MaxBytes) is { } bytes
                ? Answer(request, main.CapturedMonoMs, bytes, "")
                : Answer(request, 0, [], "no memory for a picture right now");
        }
        catch (Exception e) when (e is FfmpegException or ObjectDisposedException)
        {
            // The camera may have been taken away meanwhile.
            return Answer(request, 0, [], e.Message);
        }
    }

    private static MediaMessage Answer(TakeStill request, long capturedMonoMs, byte[] jpeg, string error) => new()
    {
        Still = new StillPicture { RequestId = request.RequestId, CapturedMonoMs = capturedMonoMs, Jpeg = UnsafeByteOperations.UnsafeWrap(jpeg), Error = error },
    };
}
