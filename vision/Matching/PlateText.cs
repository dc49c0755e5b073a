namespace EdgeAgent.Vision.Matching;

/// <summary>Plates as 64-bit keys: up to eight characters of seven bits, the first in the highest place.</summary>
internal static class PlateText
{
    /// <summary>Everything that a Chinese plate may bear, the two of WJ and the foreign missions' included.</summary>
    public const string Alphabet =
        "京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新学警港澳挂使领民航应急临试超0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    public const int MaxLength = 8;
    private const int Bits = 7;
    private static readonly Dictionary<char, ulong> Codes = Alphabet.Select((c, i) => (c, (ulong)i + 1)).ToDictionary();

    /// <summary>Upper case, without spaces and separators.</summary>
    public static string Normalise(string text) =>
        string.Concat(text.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    /// <summary>False when the text is longer than eight characters or has one that no plate bears.</summary>
    public static bool TryPack(ReadOnlySpan<char> text, out ulong key)
    {
        key = 0;
        if (text.IsEmpty || text.Length > MaxLength)
            return false;
        for (int i = 0; i < text.Length; i++)
        {
            if (!Codes.TryGetValue(text[i], out ulong code))
                return false;
            key |= code << Shift(i);
        }
        return true;
    }

    /// <summary><paramref name="key"/> with another character at <paramref name="position"/>.</summary>
    public static ulong Replace(ulong key, int position, ulong code) =>
        (key & ~(127UL << Shift(position))) | (code << Shift(position));

    public static ulong CodeAt(ulong key, int position) => (key >> Shift(position)) & 127;

    private static int Shift(int position) => Bits * (MaxLength - 1 - position);
}
