namespace EdgeAgent.Vision.Plates;

/// <summary>
/// What a Chinese plate may say, class by class (GA 36): each class is a list of sets, one for each character. Symbols are numbered
/// so that a set is one 128-bit mask and the classes that a beginning still fits are one bit each.
/// </summary>
internal static class PlateGrammar
{
    /// <summary>Characters of the longest class.</summary>
    public const int MaxLength = 8;

    public const string Provinces = "京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新";

    private const string Letters = "ABCDEFGHJKLMNPQRSTUVWXYZ";
    private const string Digits = "0123456789";
    private const string Serial = Letters + Digits;

    /// <summary>Second letter: the city. O was the police's before they had 警.</summary>
    private const string City = Letters + "O";

    /// <summary>First or last of six marks a new-energy car: small ones D F A B C E G H J K.</summary>
    private const string NewEnergy = "DFABCEGHJK";

    private static readonly string[][] Classes =
    [
        [Provinces, City, Serial, Serial, Serial, Serial, Serial],
        [Provinces, Letters, NewEnergy, Serial, Digits, Digits, Digits, Digits],
        [Provinces, Letters, Digits, Digits, Digits, Digits, Digits, NewEnergy],
        [Provinces, City, Serial, Serial, Serial, Serial, "学警挂领"],
        [Provinces, Letters, Digits, Digits, Digits, Digits, "领"],
        ["粤", "Z", Serial, Serial, Serial, Serial, "港澳"],
        ["使", Digits, Digits, Digits, Digits, Digits, Digits],
        ["民", "航", Serial, Serial, Serial, Serial, Serial],
    ];

    /// <summary>Every symbol of any class; its place here is its number.</summary>
    public static readonly string Symbols = string.Concat(Classes.SelectMany(c => c).SelectMany(s => s).Distinct().Order());

    private static readonly UInt128[][] Sets = [.. Classes.Select(c => c.Select(MaskOf).ToArray())];

    /// <summary>All classes: what an empty beginning fits.</summary>
    public static byte AllClasses => (byte)((1 << Classes.Length) - 1);

    /// <summary>Symbols that may follow a beginning of <paramref name="length"/> characters that fits <paramref name="classes"/>.</summary>
    public static UInt128 Allowed(byte classes, int length)
    {
        UInt128 allowed = 0;
        for (int c = 0; c < Sets.Length; c++)
            if ((classes & (1 << c)) != 0 && length < Sets[c].Length)
                allowed |= Sets[c][length];
        return allowed;
    }

    /// <summary>Classes that still fit after <paramref name="symbol"/> at <paramref name="position"/>.</summary>
    public static byte After(byte classes, int position, int symbol)
    {
        var bit = UInt128.One << symbol;
        for (int c = 0; c < Sets.Length; c++)
            if (position >= Sets[c].Length || (Sets[c][position] & bit) == 0)
                classes &= (byte)~(1 << c);
        return classes;
    }

    /// <summary>Whether one of <paramref name="classes"/> ends after <paramref name="length"/> characters.</summary>
    public static bool Complete(byte classes, int length)
    {
        for (int c = 0; c < Sets.Length; c++)
            if ((classes & (1 << c)) != 0 && Sets[c].Length == length)
                return true;
        return false;
    }

    /// <summary>Whether a whole text is a plate.</summary>
    public static bool Fits(ReadOnlySpan<char> text)
    {
        byte classes = AllClasses;
        for (int i = 0; i < text.Length && classes != 0; i++)
        {
            int symbol = Symbols.IndexOf(text[i], StringComparison.Ordinal);
            classes = symbol < 0 ? (byte)0 : After(classes, i, symbol);
        }
        return Complete(classes, text.Length);
    }

    private static UInt128 MaskOf(string set) =>
        set.Aggregate(UInt128.Zero, (mask, c) => mask | (UInt128.One << Symbols.IndexOf(c, StringComparison.Ordinal)));
}
