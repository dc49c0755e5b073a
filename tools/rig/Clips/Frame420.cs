using System.Numerics;

namespace EdgeAgent.Rig.Clips;

/// <summary>A video frame as encoders take it: planes Y, U, V in one buffer, colour at half size.</summary>
internal sealed class Frame420(int width, int height)
{
    public int Width { get; } = width;

    public int Height { get; } = height;

    public byte[] Bytes { get; } = new byte[width * height * 3 / 2];

    public Span<byte> Luma => Bytes.AsSpan(0, Width * Height);

    public Span<byte> Blueness => Bytes.AsSpan(Width * Height, Width * Height / 4);

    public Span<byte> Redness => Bytes.AsSpan(Width * Height * 5 / 4, Width * Height / 4);

    public static Frame420 From(Raster opaque)
    {
        var frame = new Frame420(opaque.Width, opaque.Height);
        for (int y = 0; y < opaque.Height; y++)
        {
            for (int x = 0; x < opaque.Width; x++)
            {
                ReadOnlySpan<byte> pixel = opaque.Pixels.AsSpan((y * opaque.Width + x) * 4, 4);
                (float luma, float blueness, float redness) = Sprite.Convert(pixel[2], pixel[1], pixel[0], 1);
                frame.Luma[y * frame.Width + x] = (byte)(luma + 0.5f);
                if ((x | y) % 2 != 0)
                    continue;
                int at = y / 2 * (frame.Width / 2) + x / 2;
                frame.Blueness[at] = (byte)(blueness + 0.5f);
                frame.Redness[at] = (byte)(redness + 0.5f);
            }
        }
        return frame;
    }

    public void CopyTo(Frame420 other) => Bytes.CopyTo(other.Bytes, 0);

    /// <summary>Less light: black stays black (16), colour fades towards grey.</summary>
    public void Dim(float factor)
    {
        foreach (ref byte value in Luma)
            value = (byte)(16 + (value - 16) * factor + 0.5f);
        foreach (ref byte value in Bytes.AsSpan(Width * Height))
            value = (byte)(128 + (value - 128) * factor + 0.5f);
    }

    /// <summary>Adds a sensor's noise to the luma plane: a different part of the table each frame.</summary>
    public void AddNoise(ReadOnlySpan<sbyte> table, int offset)
    {
        Span<byte> luma = Luma;
        int at = 0;
        while (at < luma.Length)
        {
            int count = Math.Min(luma.Length - at, table.Length - offset);
            AddSaturated(luma.Slice(at, count), table.Slice(offset, count));
            at += count;
            offset = 0;
        }
    }

    private static void AddSaturated(Span<byte> values, ReadOnlySpan<sbyte> added)
    {
        int i = 0;
        for (; i <= values.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(values[i..]), out Vector<ushort> low, out Vector<ushort> high);
            Vector.Widen(new Vector<sbyte>(added[i..]), out Vector<short> addLow, out Vector<short> addHigh);
            Vector<short> top = new(255);
            Vector<short> sumLow = Vector.Min(Vector.Max(Vector.AsVectorInt16(low) + addLow, Vector<short>.Zero), top);
            Vector<short> sumHigh = Vector.Min(Vector.Max(Vector.AsVectorInt16(high) + addHigh, Vector<short>.Zero), top);
            Vector.Narrow(Vector.AsVectorUInt16(sumLow), Vector.AsVectorUInt16(sumHigh)).CopyTo(values[i..]);
        }
        for (; i < values.Length; i++)
            values[i] = (byte)Math.Clamp(values[i] + added[i], 0, 255);
    }
}
