using EdgeAgent.Rig.Clips;

namespace EdgeAgent.Rig.Live;

/// <summary>
/// Draws pictures that say when they were drawn: a strip of black and white blocks across the top for machines, digits for people,
/// and behind them a scene that pans, so that the encoder has work.
/// </summary>
internal sealed class PictureClock
{
    /// <summary>Of the strip: 24 bits of time, highest first, and a checksum of 8.</summary>
    public const int Blocks = 32;

    /// <summary>The strip's height is the picture's through this.</summary>
    public const int StripShare = 8;

    /// <summary>Times repeat after so many milliseconds, four and a half hours.</summary>
    public const int Period = 1 << 24;

    private const byte Black = 16, White = 235, Grey = 128;
    private const int PanPixels = 3;

    /// <summary>Which of the seven segments a digit lights: top, upper left, upper right, middle, lower left, lower right, bottom.</summary>
    private static readonly byte[] Segments = [0b1110111, 0b0010010, 0b1011101, 0b1011011, 0b0111010, 0b1101011, 0b1101111, 0b1010010, 0b1111111, 0b1111011];

    private readonly Frame420 frame;
    private readonly byte[] scene;
    private readonly int sceneWidth;

    public PictureClock(int width, int height, int seed)
    {
        frame = new Frame420(width, height);
        frame.Blueness.Fill(Grey);
        frame.Redness.Fill(Grey);
        sceneWidth = 2 * width;
        scene = new byte[sceneWidth * height];
        DrawScene(seed);
    }

    /// <summary>The next picture (planar 4:2:0); good until the next call.</summary>
    public ReadOnlyMemory<byte> Draw(long number, long unixMs)
    {
        int left = (int)(number * PanPixels % frame.Width);
        for (int y = 0; y < frame.Height; y++)
            scene.AsSpan((y * sceneWidth) + left, frame.Width).CopyTo(frame.Luma[(y * frame.Width)..]);
        uint bits = Code(unixMs);
        for (int i = 0; i < Blocks; i++)
            Fill(i * frame.Width / Blocks, 0, frame.Width / Blocks, frame.Height / StripShare, (bits >> (Blocks - 1 - i) & 1) == 1 ? White : Black);
        DrawDigits($"{unixMs % 10_000_000:0000000}");
        return frame.Bytes;
    }

    /// <summary>What the strip says: the time and its checksum.</summary>
    public static uint Code(long unixMs)
    {
        uint time = (uint)(unixMs % Period);
        return (time << 8) | Checksum(time);
    }

    /// <summary>CRC-8 (x⁸+x²+x+1) over three bytes, not zero for zero, so that a black picture says nothing.</summary>
    private static byte Checksum(uint time)
    {
        int crc = 0x5a;
        for (int shift = 16; shift >= 0; shift -= 8)
        {
            crc ^= (int)(time >> shift & 0xff);
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 0x80) != 0 ? (crc << 1 ^ 0x07) & 0xff : crc << 1;
        }
        return (byte)crc;
    }

    // Cells of 16 pixels with even shade between their corners, and grain: something between a street and noise.
    private void DrawScene(int seed)
    {
        const int Cell = 16;
        var random = new Random(seed);
        int columns = (frame.Width / Cell) + 1, rows = (frame.Height / Cell) + 2;
        var corners = new byte[columns * rows];
        random.NextBytes(corners);
        for (int y = 0; y < frame.Height; y++)
        {
            for (int x = 0; x < sceneWidth; x++)
            {
                int column = x % frame.Width / Cell, row = y / Cell, right = (column + 1) % (columns - 1);
                float along = x % Cell / (float)Cell, down = y % Cell / (float)Cell;
                float upper = float.Lerp(corners[(row * columns) + column], corners[(row * columns) + right], along);
                float lower = float.Lerp(corners[((row + 1) * columns) + column], corners[((row + 1) * columns) + right], along);
                scene[(y * sceneWidth) + x] = (byte)(60 + (float.Lerp(upper, lower, down) / 2) + random.Next(6));
            }
        }
    }

    private void DrawDigits(string digits)
    {
        int unit = frame.Width / 80, top = frame.Height / StripShare + (2 * unit);
        Fill(0, top - unit, ((digits.Length * 6) + 1) * unit, 11 * unit, Black);
        for (int i = 0; i < digits.Length; i++)
            DrawDigit(Segments[digits[i] - '0'], ((i * 6) + 1) * unit, top, unit);
    }

    private void DrawDigit(byte lit, int x, int y, int unit)
    {
        (int X, int Y, int Width, int Height)[] places = [(0, 0, 5, 1), (0, 0, 1, 5), (4, 0, 1, 5), (0, 4, 5, 1), (0, 4, 1, 5), (4, 4, 1, 5), (0, 8, 5, 1)];
        for (int i = 0; i < places.Length; i++)
        {
            if ((lit >> (places.Length - 1 - i) & 1) == 1)
                Fill(x + (places[i].X * unit), y + (places[i].Y * unit), places[i].Width * unit, places[i].Height * unit, White);
        }
    }

    private void Fill(int x, int y, int width, int height, byte shade)
    {
        for (int row = y; row < y + height; row++)
            frame.Luma.Slice((row * frame.Width) + x, width).Fill(shade);
    }
}
