namespace EdgeAgent.CommandCentre.PublicReports;

/// <summary>A share of counted cases with the bounds that the true one lies within, 19 times of 20.</summary>
/// <param name="Value">0 … 1.</param>
/// <param name="Count">Of how many.</param>
internal readonly record struct Share(double Value, double Low, double High, long Count)
{
    /// <summary>The normal distribution's 97.5 % point.</summary>
    private const double Z = 1.959964;

    /// <summary>Wilson's score interval (1927): it holds for few cases and near the ends. Null where there was no case.</summary>
    public static Share? Wilson(long hits, long count)
    {
        if (count == 0)
            return null;
        double share = (double)hits / count, z2 = Z * Z / count;
        double middle = (share + z2 / 2) / (1 + z2);
        double half = Z / (1 + z2) * Math.Sqrt((share * (1 - share) + z2 / 4) / count);
        return new Share(share, hits == 0 ? 0 : middle - half, hits == count ? 1 : middle + half, count);
    }

    public override string ToString() => $"{Value:0.0%} [{Low:0.0%}, {High:0.0%}], n = {Count}";
}
