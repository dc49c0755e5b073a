namespace EdgeAgent.Rig.Clips;

/// <summary>What stands behind the actors.</summary>
internal interface IBackdrop
{
    public int Width { get; }

    public int Height { get; }

    /// <summary>Fills the frame with what is to be seen at an instant.</summary>
    public void Show(float seconds, Frame420 frame);
}

/// <summary>The car stands.</summary>
internal sealed class StillBackdrop(Frame420 picture) : IBackdrop
{
    public int Width => picture.Width;

    public int Height => picture.Height;

    public void Show(float seconds, Frame420 frame) => picture.CopyTo(frame);
}

/// <summary>
/// The street seen from a car that moves: each row is shifted as far as what lies at its depth moves by, the picture and its
/// mirror image in turn. It keeps an encoder as busy as a real drive does. Rows are smeared once, as the shutter would.
/// </summary>
internal sealed class MovingBackdrop : IBackdrop
{
    /// <summary>Distance of the houses, which fill the rows above the road.</summary>
    private const float HousesMetres = 14;

    private readonly Frame420 wide;
    private readonly float[] pixelsPerSecond;

    /// <param name="picture">The street.</param>
    /// <param name="lens">Through which it is seen.</param>
    /// <param name="acrossMetresPerSecond">Own speed across the line of sight, positive: what is seen moves to the left.</param>
    public MovingBackdrop(Frame420 picture, Lens lens, float acrossMetresPerSecond)
    {
        Width = picture.Width;
        Height = picture.Height;
        wide = new Frame420(picture.Width * 2, picture.Height);
        pixelsPerSecond = [.. Enumerable.Range(0, Height).Select(row => acrossMetresPerSecond * lens.FocalPx / Math.Min(HousesMetres, DepthOf(row, lens)))];
        Mirror(picture.Luma, wide.Luma, Width, row => Smear(row, lens));
        Mirror(picture.Blueness, wide.Blueness, Width / 2, row => Smear(row * 2, lens) / 2);
        Mirror(picture.Redness, wide.Redness, Width / 2, row => Smear(row * 2, lens) / 2);
    }

    public int Width { get; }

    public int Height { get; }

    public void Show(float seconds, Frame420 frame)
    {
        for (int row = 0; row < Height; row++)
        {
            // Even, so that colour moves with the light.
            int shift = (int)Modulo(pixelsPerSecond[row] * seconds, 2 * Width) & ~1;
            Copy(wide.Luma, frame.Luma, row, Width, shift);
            if (row % 2 != 0)
                continue;
            Copy(wide.Blueness, frame.Blueness, row / 2, Width / 2, shift / 2);
            Copy(wide.Redness, frame.Redness, row / 2, Width / 2, shift / 2);
        }
    }

    private int Smear(int row, Lens lens) => Math.Max(1, (int)MathF.Abs(pixelsPerSecond[row] * lens.ShutterSeconds));

    private static float DepthOf(int row, Lens lens) => row <= lens.HorizonY ? HousesMetres : lens.FocalPx * lens.HeightMetres / (row - lens.HorizonY);

    private static float Modulo(float value, float by) => value - by * MathF.Floor(value / by);

    private static void Copy(ReadOnlySpan<byte> from, Span<byte> to, int row, int width, int shift)
    {
        ReadOnlySpan<byte> source = from.Slice(row * 2 * width, 2 * width);
        int first = Math.Min(width, 2 * width - shift);
        source.Slice(shift, first).CopyTo(to[(row * width)..]);
        source[..(width - first)].CopyTo(to[(row * width + first)..]);
    }

    private static void Mirror(ReadOnlySpan<byte> from, Span<byte> to, int width, Func<int, int> smear)
    {
        var line = new byte[2 * width];
        for (int row = 0; row < from.Length / width; row++)
        {
            from.Slice(row * width, width).CopyTo(line);
            for (int x = 0; x < width; x++)
                line[2 * width - 1 - x] = line[x];
            Box(line, to.Slice(row * 2 * width, 2 * width), Math.Max(1, smear(row)));
        }
    }

    /// <summary>Mean of so many neighbours; the line closes on itself.</summary>
    private static void Box(ReadOnlySpan<byte> line, Span<byte> to, int taps)
    {
        taps = Math.Min(taps, line.Length);
        int sum = 0;
        for (int i = 0; i < taps; i++)
            sum += line[i];
        for (int x = 0; x < line.Length; x++)
        {
            to[(x + taps / 2) % line.Length] = (byte)(sum / taps);
            sum += line[(x + taps) % line.Length] - line[x];
        }
    }
}
