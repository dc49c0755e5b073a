namespace EdgeAgent.Vision.Plates;

/// <summary>The class of a plate, as watchlists name it. <see cref="Other"/>: none of the colours says which, such as civil aviation.</summary>
public enum PlateClass
{
    Blue,
    Yellow,
    YellowTwoRow,
    Green,
    White,
    Black,
    Other,
}

/// <summary>What the text and the look of a plate say of its class together.</summary>
internal static class PlateClasses
{
    /// <summary>Order of the recogniser's colours.</summary>
    public static readonly string[] Colours = ["blue", "green", "yellow", "white", "black"];

    private const int Blue = 0, Green = 1, Yellow = 2, White = 3, Black = 4;

    /// <summary>Nothing the recogniser says of the colour counts for less than this: at dusk it is often wrong.</summary>
    private const float LeastFit = 0.02f;

    /// <summary>
    /// Letters and digits alone are on shop signs and lorries as well: without the white ground they are no military plate.
    /// </summary>
    public static bool Allows(PlateKind kind, ReadOnlySpan<float> colours) => kind != PlateKind.Military || colours[White] > 0.5f;

    /// <summary>How well a kind goes with the colours seen, 0.02 … 1.</summary>
    /// <param name="colours">A probability for each of <see cref="Colours"/>.</param>
    public static float Fit(PlateKind kind, ReadOnlySpan<float> colours)
    {
        float fit = kind switch
        {
            PlateKind.Ordinary => colours[Blue] + colours[Yellow] + colours[Black],
            PlateKind.PoliceOld => colours[Blue] + colours[Yellow] + colours[White],
            PlateKind.NewEnergySmall or PlateKind.CivilAviation => colours[Green],
            PlateKind.NewEnergyBig => colours[Green] + colours[Yellow],
            PlateKind.Training or PlateKind.Trailer => colours[Yellow],
            PlateKind.Consular or PlateKind.HongKongMacau or PlateKind.EmbassyOld or PlateKind.Embassy => colours[Black],
            _ => colours[White],
        };
        return fit > LeastFit ? fit : LeastFit;
    }

    /// <summary>Where the text leaves the colour open, the look decides.</summary>
    public static PlateClass Of(PlateKind kind, ReadOnlySpan<float> colours, bool twoRow)
    {
        switch (kind)
        {
            case PlateKind.NewEnergySmall or PlateKind.NewEnergyBig:
                return PlateClass.Green;
            case PlateKind.Police or PlateKind.ArmedPolice or PlateKind.Military or PlateKind.Emergency:
                return PlateClass.White;
            case PlateKind.Consular or PlateKind.HongKongMacau or PlateKind.EmbassyOld or PlateKind.Embassy:
                return PlateClass.Black;
            case PlateKind.CivilAviation:
                return PlateClass.Other;
            case PlateKind.Training or PlateKind.Trailer:
                return twoRow ? PlateClass.YellowTwoRow : PlateClass.Yellow;
            default:
                if (kind == PlateKind.PoliceOld && colours[White] > colours[Blue])
                    return PlateClass.White;
                bool yellow = colours[Yellow] > colours[Blue] && colours[Yellow] > colours[Black];
                return yellow || twoRow ? (twoRow ? PlateClass.YellowTwoRow : PlateClass.Yellow)
                    : colours[Black] > colours[Blue] ? PlateClass.Black : PlateClass.Blue;
        }
    }

    /// <summary>The colour of a class, as alerts name it; empty for <see cref="PlateClass.Other"/>.</summary>
    public static string Colour(PlateClass plateClass) => plateClass switch
    {
        PlateClass.Blue => "blue",
        PlateClass.Yellow or PlateClass.YellowTwoRow => "yellow",
        PlateClass.Green => "green",
        PlateClass.White => "white",
        PlateClass.Black => "black",
        _ => "",
    };
}
