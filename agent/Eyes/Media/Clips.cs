using EdgeAgent.Eyes.Pipelines;
using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Clock;
using EdgeAgent.Hw.Ffmpeg;

namespace EdgeAgent.Eyes.Media;

/// <summary>A clip, or why there is none.</summary>
/// <param name="Pieces">The MP4 file in order; empty when there is none.</param>
/// <param name="FirstMonoMs">Capture time of the first picture.</param>
/// <param name="LastMonoMs">Capture time of the last picture.</param>
/// <param name="Error">Why there is none, else "".</param>
internal sealed record CutPieces(IReadOnlyList<byte[]> Pieces, long FirstMonoMs, long LastMonoMs, string Error)
{
    public static CutPieces None(string error) => new([], 0, 0, error);
}

/// <summary>Clips cut out of the main streams' rings. One that ends in the near future is waited for.</summary>
internal sealed class Clips(Func<string, CameraPipeline?> cameras, TimeProvider time)
{
    private const long LongestMs = 120_000;
    private const long LongestWaitMs = 60_000;

    /// <summary>After its last instant a packet may still be on its way this long.</summary>
    private const long ArrivalMs = 500;

    /// <exception cref="OperationCanceledException">It is not wanted any more.</exception>
    public async Task<CutPieces> CutAsync(string cameraId, long fromMonoMs, long toMonoMs, CancellationToken stop)
    {
        if (Refusal(cameraId, fromMonoMs, toMonoMs) is { } refusal)
            return CutPieces.None(refusal);
        long wait = toMonoMs + ArrivalMs - time.MonoMs();
        if (wait > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(wait), time, stop);
        try
        {
            // Muxing minutes of video takes tens of milliseconds: not on the thread that reads requests.
            return await Task.Run(() => Cut(cameraId, fromMonoMs, toMonoMs), stop);
        }
        catch (Exception e) when (e is FfmpegException or ObjectDisposedException)
        {
            // The camera may have been taken away meanwhile.
            return CutPieces.None(e.Message);
        }
    }

    private CutPieces Cut(string cameraId, long fromMonoMs, long toMonoMs)
    {
        if (cameras(cameraId) is not { } camera)
            return CutPieces.None($"camera {cameraId} was taken away");
        var pieces = new List<byte[]>();
        var written = ClipCutter.Cut(camera.Reader.Ring, fromMonoMs, toMonoMs, bytes => pieces.Add(bytes.ToArray()));
        return written is { } span ? new CutPieces(pieces, span.FirstMonoMs, span.LastMonoMs, "") : CutPieces.None("no video of that time is held");
    }

    private string? Refusal(string cameraId, long fromMonoMs, long toMonoMs)
    {
        if (cameras(cameraId) is not { PreviewOnly: false })
            return $"camera {cameraId} is not recorded";
        if (toMonoMs < fromMonoMs || toMonoMs - fromMonoMs > LongestMs)
            return $"a clip is between 0 and {LongestMs / 1000} seconds long";
        return toMonoMs - time.MonoMs() > LongestWaitMs ? $"that is more than {LongestWaitMs / 1000} seconds in the future" : null;
    }
}
