using System.Text;

namespace EdgeAgent.Rig.Clips;

/// <summary>Coverage of a character, cut to its outline's box.</summary>
/// <param name="Coverage">0..255, rows packed.</param>
internal sealed record GlyphMask(int Width, int Height, byte[] Coverage)
{
    /// <summary>Bilinear; x and y in 0..1 of the box.</summary>
    public float At(float x, float y)
    {
        float column = Math.Clamp(x * Width - 0.5f, 0, Width - 1.001f);
        float row = Math.Clamp(y * Height - 0.5f, 0, Height - 1.001f);
        int left = (int)column;
        int top = (int)row;
        float alongX = column - left;
        float alongY = row - top;
        int at = top * Width + left;
        float upper = Coverage[at] + (Coverage[at + 1] - Coverage[at]) * alongX;
        float lower = Coverage[at + Width] + (Coverage[at + Width + 1] - Coverage[at + Width]) * alongX;
        return (upper + (lower - upper) * alongY) / 255;
    }
}

/// <summary>The Chinese characters that plates carry, out of the Noto CJK font (Debian: fonts-noto-cjk).</summary>
internal sealed class HanGlyphs
{
    public const string Provinces = "京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新";

    /// <summary>What stands at the end of some plates, and what provinces bear: all that can be drawn.</summary>
    public const string All = Provinces + "警港澳领学挂使";

    private const int CellSize = 200;
    private const int FontSize = 150;

    private readonly Dictionary<char, GlyphMask> masks;

    private HanGlyphs(Dictionary<char, GlyphMask> masks) => this.masks = masks;

    public GlyphMask this[char character] => masks[character];

    public static async Task<HanGlyphs> LoadAsync(CancellationToken stop)
    {
        int width = CellSize * All.Length;
        var filter = new StringBuilder();
        for (int i = 0; i < All.Length; i++)
        {
            // Simplified forms: the font's first face holds the Japanese ones. The border makes them as heavy as a plate's.
            filter.Append(i == 0 ? "" : ",").Append("drawtext=font=Noto Sans CJK SC:fontcolor=white:borderw=3:bordercolor=white:fontsize=").Append(FontSize)
                .Append(":x=").Append(i * CellSize + 25).Append(":y=25:text=").Append(All[i]);
        }
        byte[] grey = await Ffmpeg.RunAsync(
            ["-f", "lavfi", "-i", $"color=black:s={width}x{CellSize}", "-frames:v", "1", "-vf", filter.ToString(), "-pix_fmt", "gray", "-f", "rawvideo", "-"], stop);
        Dictionary<char, GlyphMask> masks = All.Select((c, i) => KeyValuePair.Create(c, Cut(grey, width, i * CellSize))).ToDictionary();
        // Without the font all of them are the same empty box.
        if (masks.Values.DistinctBy(m => Convert.ToHexString(m.Coverage)).Count() < All.Length)
            throw new RigException("The font Noto Sans CJK SC is missing: install the Debian package fonts-noto-cjk.");
        return new HanGlyphs(masks);
    }

    private static GlyphMask Cut(byte[] grey, int stride, int fromX)
    {
        int left = CellSize, right = -1, top = CellSize, bottom = -1;
        for (int y = 0; y < CellSize; y++)
        {
            for (int x = 0; x < CellSize; x++)
            {
                if (grey[y * stride + fromX + x] < 64)
                    continue;
                left = Math.Min(left, x);
                right = Math.Max(right, x);
                top = Math.Min(top, y);
                bottom = Math.Max(bottom, y);
            }
        }
        if (right < left)
            return new GlyphMask(0, 0, []);
        int width = right - left + 1;
        int height = bottom - top + 1;
        var coverage = new byte[width * height];
        for (int y = 0; y < height; y++)
            grey.AsSpan((top + y) * stride + fromX + left, width).CopyTo(coverage.AsSpan(y * width));
        return new GlyphMask(width, height, coverage);
    }
}
