namespace EdgeAgent.Rig.Clips;

/// <summary>What a plate looks like. The first three are what most cars carry.</summary>
internal enum PlateClass
{
    Blue,
    Yellow,

    /// <summary>New-energy car: white to green.</summary>
    Green,

    /// <summary>New-energy bus or lorry: yellow under province and city, green under the rest.</summary>
    GreenBig,

    /// <summary>The rear plate of buses and lorries.</summary>
    YellowTwoRow,

    /// <summary>Police: white, the last character red.</summary>
    White,

    /// <summary>Consulates, Hong Kong, Macau.</summary>
    Black,
}

/// <param name="Text">As printed, without separator: 浙A12345.</param>
internal sealed record Plate(string Text, PlateClass Class)
{
    public const string CityLetters = "ABCDEFGHJKLM";

    private const string SerialCharacters = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    private const string BigNewEnergy = "DFABCEGHJK";

    /// <summary>The colour, by the name that lists use: blue, yellow, green, white, black.</summary>
    public string ClassName => Class switch
    {
        PlateClass.GreenBig => "green",
        PlateClass.YellowTwoRow => "yellow",
        _ => Class.ToString().ToLowerInvariant(),
    };

    /// <summary>The class, one name each: blue, yellow, green, green-big, yellow-two-row, white, black.</summary>
    public string KindName => Class switch
    {
        PlateClass.GreenBig => "green-big",
        PlateClass.YellowTwoRow => "yellow-two-row",
        _ => ClassName,
    };

    public bool TwoRow => Class == PlateClass.YellowTwoRow;

    public bool IsGreen => Class is PlateClass.Green or PlateClass.GreenBig;

    public float WidthMm => IsGreen ? 480 : 440;

    public float HeightMm => TwoRow ? 220 : 140;

    /// <summary>A text that GA 36 allows on a plate of this class.</summary>
    public static Plate Random(PlateClass kind, Random random)
    {
        string province = HanGlyphs.Provinces[random.Next(HanGlyphs.Provinces.Length)].ToString();
        string head = province + CityLetters[random.Next(CityLetters.Length)];
        string text = kind switch
        {
            PlateClass.Green => head + "DF"[random.Next(2)] + Serial(5, 0, random),
            PlateClass.GreenBig => head + Serial(5, 0, random) + BigNewEnergy[random.Next(BigNewEnergy.Length)],
            PlateClass.White => head + Serial(4, 0.1, random) + '警',
            PlateClass.Black => random.Next(3) switch
            {
                0 => head + Serial(4, 0, random) + '领',
                1 => "粤Z" + Serial(4, 0.3, random) + '港',
                _ => "粤Z" + Serial(4, 0.3, random) + '澳',
            },
            _ => head + Serial(5, 0.25, random),
        };
        return new Plate(text, kind);
    }

    /// <param name="letters">Share of characters that are letters; I and O are on no plate.</param>
    public static string Serial(int length, double letters, Random random) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => SerialCharacters[random.NextDouble() < letters ? random.Next(10, SerialCharacters.Length) : random.Next(10)]));
}
