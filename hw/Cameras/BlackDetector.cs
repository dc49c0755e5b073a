using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Cameras;

/// <summary>
/// Finds a camera that streams well and shows nothing: covered, without light, or with a sensor that is gone. A street at night has
/// lamps, so what counts is the brightest: black when at no key frame for five seconds one pixel in a thousand was brighter than a
/// dark grey.
/// </summary>
internal sealed class BlackDetector
{
    // Of luma, 16 … 235.
    private const byte DarkGrey = 48;
    private const int OneIn = 1000, RowStep = 8, ColumnStep = 4;
    private const long BlackMs = 5_000;

    private long _brightMs;

    public bool Black { get; private set; }

    /// <summary>At key frames only: no more than a few thousand pixels a second.</summary>
    public unsafe void Look(AVFrame* picture, bool key, long monoMs)
    {
        if (!key)
            return;
        if (HasLight(picture))
            _brightMs = monoMs;
        Black = monoMs - _brightMs >= BlackMs;
    }

    public void Reset(long monoMs) => (Black, _brightMs) = (false, monoMs);

    private static unsafe bool HasLight(AVFrame* picture)
    {
        int bright = 0, looked = 0;
        for (int y = 0; y < picture->height; y += RowStep)
        {
            byte* row = picture->data[0] + ((long)y * picture->linesize[0]);
            for (int x = 0; x < picture->width; x += ColumnStep)
                bright += row[x] > DarkGrey ? 1 : 0;
            looked += (picture->width + ColumnStep - 1) / ColumnStep;
        }
        return bright * OneIn >= looked;
    }
}
