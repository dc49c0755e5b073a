namespace EdgeAgent.Vision.Matching;

/// <summary>Plates as 64-bit keys: up to eight characters of seven bits, the first in the highest place.</summary>
internal static class PlateText
{
    /// <summary>Everything that a Chinese plate may bear, the two of WJ and the foreign missions' included.</summary>
    public const string Alphabet =
        "京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新学警港澳挂使领民航应急临试超0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    public const int MaxLength = 8;
    private const int Bits = 7;

    // By character; 0: no plate bears it.
    private static readonly byte[] Codes = TableOfCodes();

    /// <summary>False when the text is longer than eight characters or has one that no plate bears.</summary>
    public static bool TryPack(ReadOnlySpan<char> text, out ulong key)
    {
        key = 0;
        if (text.IsEmpty || text.Length > MaxLength)
            return false;
        for (int i = 0; i < text.Length; i++)
        {
            ulong code = Codes[text[i]];
            if (code == 0)
                return false;
            key |= code << Shift(i);
        }
        return true;
    }

    /// <summary>The same for a plate as a list writes it: small letters count as capitals, spaces and separators do not count.</summary>
    public static bool TryPackListed(ReadOnlySpan<char> text, out ulong key)
    {
        Span<char> plain = stackalloc char[MaxLength + 1];
        int length = 0;
        foreach (char c in text)
        {
            if (!char.IsLetterOrDigit(c))
                continue;
            plain[length++] = char.ToUpperInvariant(c);
            if (length > MaxLength)
                break;
        }
        return TryPack(plain[..length], out key);
    }

    /// <summary>The plate of a key.</summary>
    public static string Unpack(ulong key)
    {
        Span<char> text = stackalloc char[MaxLength];
        int length = 0;
        for (; length < MaxLength && CodeAt(key, length) is > 0 and var code; length++)
            text[length] = Alphabet[(int)code - 1];
        return new string(text[..length]);
    }

    /// <summary><paramref name="key"/> with another character at <paramref name="position"/>.</summary>
    public static ulong Replace(ulong key, int position, ulong code) =>
        (key & ~(127UL << Shift(position))) | (code << Shift(position));

    public static ulong CodeAt(ulong key, int position) => (key >> Shift(position)) & 127;

    private static int Shift(int position) => Bits * (MaxLength - 1 - position);

    private static byte[] TableOfCodes()
    {
        var codes = new byte[char.MaxValue + 1];
        for (int i = 0; i < Alphabet.Length; i++)
            codes[Alphabet[i]] = (byte)(i + 1);
        return codes;
    }
}
