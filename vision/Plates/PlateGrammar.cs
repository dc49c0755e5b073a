namespace EdgeAgent.Vision.Plates;

/// <summary>What kinds of plate there are (GA 36-2018, and GB 24407/GJB for the last).</summary>
internal enum PlateKind
{
    Ordinary,
    NewEnergySmall,
    NewEnergyBig,

    /// <summary>Police before 2003: city letter O.</summary>
    PoliceOld,
    Police,
    Training,
    Trailer,
    Consular,
    HongKongMacau,
    EmbassyOld,
    Embassy,
    CivilAviation,
    ArmedPolice,
    Military,
    Emergency,
}

/// <summary>
/// What a Chinese plate may say, kind by kind: each kind is a list of sets, one for each character. Symbols are numbered so that a
/// set is one 128-bit mask and the kinds that a beginning still fits are one bit each.
/// </summary>
internal static class PlateGrammar
{
    /// <summary>Characters of the longest kind.</summary>
    public const int MaxLength = 8;

    public const string Provinces = "京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新";

    private const string Letters = "ABCDEFGHJKLMNPQRSTUVWXYZ";
    private const string Digits = "0123456789";
    private const string Serial = Letters + Digits;

    /// <summary>Second letter: the city. Police before 2003 and after have O as well.</summary>
    private const string City = Letters + "O";

    /// <summary>First or last of six marks a new-energy car: D F A B C E G H J K.</summary>
    private const string NewEnergy = "DFABCEGHJK";

    private static readonly Rule[] Rules =
    [
        new(PlateKind.Ordinary, 0, [Provinces, Letters, Serial, Serial, Serial, Serial, Serial]),
        new(PlateKind.NewEnergySmall, -1, [Provinces, Letters, NewEnergy, Serial, Digits, Digits, Digits, Digits]),
        new(PlateKind.NewEnergyBig, -3, [Provinces, Letters, Digits, Digits, Digits, Digits, Digits, NewEnergy]),
        new(PlateKind.PoliceOld, -6, [Provinces, "O", Serial, Serial, Serial, Serial, Serial]),
        new(PlateKind.Police, -3, [Provinces, City, Serial, Serial, Serial, Serial, "警"]),
        new(PlateKind.Training, -3, [Provinces, Letters, Serial, Serial, Serial, Serial, "学"]),
        new(PlateKind.Trailer, -3, [Provinces, Letters, Serial, Serial, Serial, Serial, "挂"]),
        new(PlateKind.Consular, -5, [Provinces, Letters, Serial, Serial, Serial, Serial, "领"]),
        new(PlateKind.HongKongMacau, -4, ["粤", "Z", Serial, Serial, Serial, Serial, "港澳"]),
        new(PlateKind.EmbassyOld, -6, ["使", Digits, Digits, Digits, Digits, Digits, Digits]),
        new(PlateKind.Embassy, -6, [Digits, Digits, Digits, Digits, Digits, Digits, "使"]),
        new(PlateKind.CivilAviation, -6, ["民", "航", Serial, Serial, Serial, Serial, Serial]),
        new(PlateKind.ArmedPolice, -5, ["W", "J", Provinces, Digits, Digits, Digits, Digits, Serial]),
        new(PlateKind.Military, -6, [Letters, Letters, Digits, Digits, Digits, Digits, Digits]),
        new(PlateKind.Emergency, -6, [Provinces, "X", Digits, Digits, Digits, Digits, "应", "急"]),
    ];

    /// <summary>Every symbol of any kind; its place here is its number.</summary>
    public static readonly string Symbols = string.Concat(Rules.SelectMany(r => r.Sets).SelectMany(s => s).Distinct().Order());

    private static readonly UInt128[][] Masks = [.. Rules.Select(r => r.Sets.Select(MaskOf).ToArray())];

    /// <summary>All kinds: what an empty beginning fits.</summary>
    public static ushort AllKinds => (ushort)((1 << Rules.Length) - 1);

    /// <summary>Symbols that may follow a beginning of <paramref name="length"/> characters that fits <paramref name="kinds"/>.</summary>
    public static UInt128 Allowed(ushort kinds, int length)
    {
        UInt128 allowed = 0;
        for (int k = 0; k < Masks.Length; k++)
            if ((kinds & (1 << k)) != 0 && length < Masks[k].Length)
                allowed |= Masks[k][length];
        return allowed;
    }

    /// <summary>Kinds that still fit after <paramref name="symbol"/> at <paramref name="position"/>.</summary>
    public static ushort After(ushort kinds, int position, int symbol)
    {
        var bit = UInt128.One << symbol;
        for (int k = 0; k < Masks.Length; k++)
            if (position >= Masks[k].Length || (Masks[k][position] & bit) == 0)
                kinds &= (ushort)~(1 << k);
        return kinds;
    }

    /// <summary>Whether one of <paramref name="kinds"/> ends after <paramref name="length"/> characters.</summary>
    public static bool Complete(ushort kinds, int length) => EndingAt(kinds, length) != 0;

    /// <summary>Whether a whole text is a plate.</summary>
    public static bool Fits(ReadOnlySpan<char> text) => KindOf(text) is not null;

    /// <summary>The likeliest kind that says this; null when none does.</summary>
    public static PlateKind? KindOf(ReadOnlySpan<char> text)
    {
        ushort kinds = AllKinds;
        for (int i = 0; i < text.Length && kinds != 0; i++)
        {
            int symbol = Symbols.IndexOf(text[i], StringComparison.Ordinal);
            kinds = symbol < 0 ? (ushort)0 : After(kinds, i, symbol);
        }
        kinds = EndingAt(kinds, text.Length);
        Rule? best = null;
        for (int k = 0; k < Rules.Length; k++)
            if ((kinds & (1 << k)) != 0 && (best is null || Rules[k].LogPrior > best.LogPrior))
                best = Rules[k];
        return best?.Kind;
    }

    /// <summary>Roughly how rare a kind is on the road: the logarithm of its share over the ordinary plates'.</summary>
    public static float LogPrior(PlateKind kind) => Rules[(int)kind].LogPrior;

    /// <summary>The characters that a kind allows, one set a position.</summary>
    public static IReadOnlyList<string> SetsOf(PlateKind kind) => Rules[(int)kind].Sets;

    private static ushort EndingAt(ushort kinds, int length)
    {
        for (int k = 0; k < Masks.Length; k++)
            if (Masks[k].Length != length)
                kinds &= (ushort)~(1 << k);
        return kinds;
    }

    private static UInt128 MaskOf(string set) =>
        set.Aggregate(UInt128.Zero, (mask, c) => mask | (UInt128.One << Symbols.IndexOf(c, StringComparison.Ordinal)));

    private sealed record Rule(PlateKind Kind, float LogPrior, string[] Sets);
}
