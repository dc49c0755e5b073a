using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;

namespace EdgeAgent.Eyes.Reading;

/// <summary>The picture that an officer compares, small enough for the first message over the air. One thread.</summary>
internal sealed class CropJpeg(FramePool pool) : IDisposable
{
    /// <summary>The contract's bound.</summary>
    public const int MaxBytes = 8 * 1024;

    private static readonly int[] s_widths = [320, 224, 144];
    private readonly JpegCodec _codec = new();

    /// <summary>A region of the decoder's current picture; null when no buffer was free.</summary>
    public byte[]? Of(RingDecoder main, CropRegion region)
    {
        foreach (int width in s_widths)
        {
            using var cut = main.Cut(region.X, region.Y, region.Width, region.Height, pool, width);
            if (cut is not { } crop)
                return null;
            if (_codec.EncodeWithin(crop.View, MaxBytes) is { } jpeg)
                return jpeg;
        }
        return null;
    }

    public void Dispose() => _codec.Dispose();
}
