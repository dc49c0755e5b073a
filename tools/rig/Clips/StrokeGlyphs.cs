using System.Numerics;

namespace EdgeAgent.Rig.Clips;

/// <summary>
/// Digits and Latin letters of Chinese number plates, as strokes in a 45 × 90 mm box. Drawn for this project near the shapes
/// of GA 36 (flat-topped 3, a bar for 1, short-waisted M); the same strokes as the recogniser was trained on.
/// </summary>
internal static class StrokeGlyphs
{
    public const float BoxWidth = 45;
    public const float BoxHeight = 90;

    private const float Left = 6;
    private const float Right = BoxWidth - 6;
    private const float Top = 6;
    private const float Bottom = BoxHeight - 6;
    private const float MidX = BoxWidth / 2;
    private const float MidY = BoxHeight / 2;
    private const float Round = (Right - Left) / 2;

    private static readonly Dictionary<char, Vector2[][]> Strokes = Digits().Concat(LettersAToM()).Concat(LettersNToZ()).ToDictionary();

    /// <summary>Lines of a character, in millimetres from the top left of its box. Clip them at the box.</summary>
    public static Vector2[][] Of(char character) => Strokes[character];

    private static Dictionary<char, Vector2[][]> Digits() => new()
    {
        ['0'] = [Oval()],
        ['1'] = [Line((MidX, 0), (MidX, BoxHeight))],
        ['2'] = [[.. Arc(MidX, Top + Round, Round, Round, 180, 390), .. Line((Left, Bottom), (BoxWidth, Bottom))]],
        ['3'] = [[.. Line((Left - 1, Top), (Right, Top), (MidX - 3, Top + 30)), .. Arc(MidX - 1, Bottom - 24, Round + 1, 24, -85, 165)]],
        ['4'] = [Line((Right - 6, BoxHeight), (Right - 6, 0), (Left - 4, BoxHeight - 26), (BoxWidth, BoxHeight - 26))],
        ['5'] = [[.. Line((Right, Top), (Left, Top), (Left, MidY - 6)), .. Arc(MidX, MidY + 10, Round, Round, 200, 360), .. Line((Right, Bottom - Round)), .. Arc(MidX, Bottom - Round, Round, Round, 0, 170)]],
        ['6'] = [Line((Right - 6, 0), (Left + 2, MidY + 4)), Arc(MidX, Bottom - Round - 3, Round, Round + 3, 0, 360)],
        ['7'] = [Line((0, Top), (Right, Top), (MidX - 5, BoxHeight))],
        ['8'] = [Arc(MidX, Top + Round - 2, Round - 2, Round + 1, 0, 360), Arc(MidX, Bottom - Round, Round, Round + 2, 0, 360)],
        ['9'] = [Line((Left + 6, BoxHeight), (Right - 2, MidY - 4)), Arc(MidX, Top + Round + 3, Round, Round + 3, 0, 360)],
    };

    private static Dictionary<char, Vector2[][]> LettersAToM() => new()
    {
        ['A'] = [Line((Left - 3, BoxHeight), (MidX, 0), (Right + 3, BoxHeight)), Line((Left + 4, BoxHeight - 28), (Right - 4, BoxHeight - 28))],
        ['B'] = [Line((Left, Top), (Left, Bottom)), [.. Line((Left, Top)), .. Arc(Right - 16, Top + 18, 16, 18, -90, 90), .. Line((Left, Top + 36))],
            [.. Line((Left, Top + 36), (Right - 17, Top + 36)), .. Arc(Right - 20, Bottom - 21, 20, 21, -90, 90), .. Line((Left, Bottom))]],
        ['C'] = [[.. Arc(MidX, Top + Round, Round, Round, 350, 180), .. Arc(MidX, Bottom - Round, Round, Round, 180, 10)]],
        ['D'] = [[.. Line((Left, Top), (Left, Bottom), (MidX - 4, Bottom)), .. Arc(MidX - 2, Bottom - Round, Round + 2, Round, 90, 0),
            .. Arc(MidX - 2, Top + Round, Round + 2, Round, 0, -90), .. Line((Left, Top))]],
        ['E'] = [Line((BoxWidth, Top), (Left, Top), (Left, Bottom), (BoxWidth, Bottom)), Line((Left, MidY - 2), (Right, MidY - 2))],
        ['F'] = [Line((BoxWidth, Top), (Left, Top), (Left, BoxHeight)), Line((Left, MidY), (Right, MidY))],
        ['G'] = [[.. Arc(MidX, Top + Round, Round, Round, 350, 180), .. Arc(MidX, Bottom - Round, Round, Round, 180, 0), .. Line((Right, MidY + 4), (MidX + 2, MidY + 4))]],
        ['H'] = [Line((Left, 0), (Left, BoxHeight)), Line((Right, 0), (Right, BoxHeight)), Line((Left, MidY), (Right, MidY))],
        ['J'] = [[.. Line((Right - 2, 0), (Right - 2, Bottom - Round)), .. Arc(MidX - 2, Bottom - Round, Round, Round, 0, 170)]],
        ['K'] = [Line((Left, 0), (Left, BoxHeight)), Line((Right + 2, 0), (Left + 2, MidY + 8)), Line((Left + 12, MidY - 4), (Right + 3, BoxHeight))],
        ['L'] = [Line((Left, 0), (Left, Bottom), (BoxWidth, Bottom))],
        ['M'] = [Line((Left - 2, BoxHeight), (Left - 2, 3), (MidX, MidY + 6), (Right + 2, 3), (Right + 2, BoxHeight))],
    };

    private static Dictionary<char, Vector2[][]> LettersNToZ() => new()
    {
        ['N'] = [Line((Left, BoxHeight), (Left, 4), (Right, BoxHeight - 4), (Right, 0))],
        ['P'] = [[.. Line((Left, BoxHeight), (Left, Top)), .. Arc(Right - 22, Top + 23, 22, 23, -90, 90), .. Line((Left, Top + 46))]],
        ['Q'] = [Oval(), Line((MidX, MidY + 16), (Right + 3, BoxHeight))],
        ['R'] = [[.. Line((Left, BoxHeight), (Left, Top)), .. Arc(Right - 20, Top + 21, 20, 21, -90, 90), .. Line((Left, Top + 42))], Line((MidX - 2, Top + 42), (Right + 3, BoxHeight))],
        ['S'] = [[.. Arc(MidX, Top + Round, Round, Round, 345, 180), .. Line((Left, Top + Round + 4), (Right, Bottom - Round - 6)), .. Arc(MidX, Bottom - Round, Round, Round, 0, 165)]],
        ['T'] = [Line((0, Top), (BoxWidth, Top)), Line((MidX, Top), (MidX, BoxHeight))],
        ['U'] = [[.. Line((Left, 0), (Left, Bottom - Round)), .. Arc(MidX, Bottom - Round, Round, Round, 180, 0), .. Line((Right, 0))]],
        ['V'] = [Line((Left - 3, 0), (MidX, BoxHeight - 3), (Right + 3, 0))],
        ['W'] = [Line((Left - 3, 0), (Left + 7, BoxHeight - 4), (MidX, 14), (Right - 7, BoxHeight - 4), (Right + 3, 0))],
        ['X'] = [Line((Left - 2, 0), (Right + 2, BoxHeight)), Line((Right + 2, 0), (Left - 2, BoxHeight))],
        ['Y'] = [Line((Left - 3, 0), (MidX, MidY), (Right + 3, 0)), Line((MidX, MidY), (MidX, BoxHeight))],
        ['Z'] = [Line((0, Top), (Right - 1, Top), (Left, Bottom), (BoxWidth, Bottom))],
    };

    private static Vector2[] Oval() =>
        [.. Arc(MidX, Top + Round, Round, Round, 180, 360), .. Arc(MidX, Bottom - Round, Round, Round, 0, 180), .. Line((Left, Top + Round))];

    private static Vector2[] Line(params (float X, float Y)[] points) => [.. points.Select(p => new Vector2(p.X, p.Y))];

    private static Vector2[] Arc(float centreX, float centreY, float radiusX, float radiusY, float fromDegrees, float toDegrees)
    {
        const int steps = 16;
        var points = new Vector2[steps + 1];
        for (int i = 0; i <= steps; i++)
        {
            (float sin, float cos) = MathF.SinCos((fromDegrees + (toDegrees - fromDegrees) * i / steps) * MathF.PI / 180);
            points[i] = new Vector2(centreX + radiusX * cos, centreY + radiusY * sin);
        }
        return points;
    }
}
