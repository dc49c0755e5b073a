namespace EdgeAgent.Hw.Frames;

/// <summary>A borrowed picture: 8-bit blue, green, red per pixel, rows <see cref="StrideBytes"/> apart. Never outlives its owner.</summary>
public readonly ref struct BgrView
{
    /// <summary>A view over <paramref name="bgr"/>; the last row need not be padded to the stride.</summary>
    /// <exception cref="ArgumentException">The span is too short for the picture, or a size is negative.</exception>
    public BgrView(ReadOnlySpan<byte> bgr, int width, int height, int strideBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        ArgumentOutOfRangeException.ThrowIfNegative(height);
        ArgumentOutOfRangeException.ThrowIfLessThan((long)strideBytes, 3L * width);
        if (width > 0 && height > 0 && bgr.Length < (height - 1L) * strideBytes + 3L * width)
            throw new ArgumentException($"{bgr.Length} bytes are too few for {width}x{height} with stride {strideBytes}", nameof(bgr));
        Bgr = bgr;
        Width = width;
        Height = height;
        StrideBytes = strideBytes;
    }

    public ReadOnlySpan<byte> Bgr { get; }

    public int Width { get; }

    public int Height { get; }

    public int StrideBytes { get; }

    public bool IsEmpty => Width == 0 || Height == 0;

    /// <summary>Row <paramref name="y"/>: exactly 3 × <see cref="Width"/> bytes.</summary>
    public ReadOnlySpan<byte> Row(int y)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height, nameof(y));
        return Bgr.Slice(y * StrideBytes, 3 * Width);
    }

    /// <summary>The part of the rectangle that lies in the picture, without copying; empty when they do not meet.</summary>
    public BgrView Crop(int x, int y, int width, int height)
    {
        int left = Math.Clamp(x, 0, Width), top = Math.Clamp(y, 0, Height);
        int right = (int)Math.Clamp((long)x + width, left, Width), bottom = (int)Math.Clamp((long)y + height, top, Height);
        if (right == left || bottom == top)
            return default;
        return new BgrView(Bgr[(top * StrideBytes + 3 * left)..], right - left, bottom - top, StrideBytes);
    }
}
