using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Cameras;

/// <summary>
/// Says whether anything moves in front of a camera, from the luma plane as it was decoded: the mean of each of some 900 blocks
/// against a reference that follows slowly. A block's mean hardly knows sensor noise, a distant car changes a few blocks by much, and
/// what has stopped becomes part of the reference within a second. Allocates nothing after the first picture. One thread.
/// </summary>
internal sealed class MotionMeter
{
    private const int Columns = 40;
    private const int Rows = 22;

    /// <summary>Every so many rows are looked at: 30 µs for 640x360.</summary>
    private const int RowStep = 4;

    /// <summary>Grey levels (of 255) by which a block's mean must differ. Noise of 6 levels moves it by less than one.</summary>
    private const float Levels = 4;

    /// <summary>One block alone is a lamp or a damaged picture.</summary>
    private const int LeastBlocks = 2;

    /// <summary>How much of a new picture goes into the reference: at ten pictures a second, a halt is forgotten in a second.</summary>
    private const float Following = 0.2f;

    /// <summary>After the last movement it is called moving for this long: what pauses mostly goes on.</summary>
    private const long HoldMs = 1_500;

    private readonly float[] _reference = new float[Columns * Rows];
    private readonly uint[] _sums = new uint[Columns];
    private int _width;
    private int _height;
    private long _movedMonoMs = long.MinValue / 2;

    /// <summary>Blocks that differed at the last look.</summary>
    public int MovingBlocks { get; private set; }

    /// <summary>Takes a picture. True: something moves, or did a moment ago; always at first, when nothing is known.</summary>
    public unsafe bool Look(AVFrame* picture, long monoMs) =>
        Look(new LumaPlane((nint)picture->data[0], picture->width, picture->height, picture->linesize[0]), monoMs);

    internal bool Look(in LumaPlane luma, long monoMs)
    {
        bool known = luma.Width == _width && luma.Height == _height;
        (_width, _height) = (luma.Width, luma.Height);
        if (luma.Width < Columns || luma.Height < Rows * RowStep)
            return true;
        MovingBlocks = 0;
        for (int row = 0; row < Rows; row++)
            LookAtBlocks(luma, row, known);
        if (!known || MovingBlocks >= LeastBlocks)
            _movedMonoMs = monoMs;
        return monoMs - _movedMonoMs < HoldMs;
    }

    private unsafe void LookAtBlocks(in LumaPlane luma, int row, bool known)
    {
        int blockWidth = luma.Width / Columns, top = row * luma.Height / Rows, bottom = (row + 1) * luma.Height / Rows, lines = 0;
        _sums.AsSpan().Clear();
        for (int y = top; y < bottom; y += RowStep, lines++)
        {
            byte* pixels = (byte*)luma.Address + (long)y * luma.StrideBytes;
            for (int column = 0; column < Columns; column++, pixels += blockWidth)
            {
                uint sum = 0;
                for (int x = 0; x < blockWidth; x++)
                    sum += pixels[x];
                _sums[column] += sum;
            }
        }
        var reference = _reference.AsSpan(row * Columns, Columns);
        for (int column = 0; column < Columns; column++)
        {
            float mean = (float)_sums[column] / (lines * blockWidth);
            if (!known)
                reference[column] = mean;
            if (MathF.Abs(mean - reference[column]) >= Levels)
                MovingBlocks++;
            reference[column] += Following * (mean - reference[column]);
        }
    }
}

/// <summary>A borrowed plane of 8-bit brightness.</summary>
internal readonly record struct LumaPlane(nint Address, int Width, int Height, int StrideBytes);
