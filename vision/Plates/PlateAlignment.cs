namespace EdgeAgent.Vision.Plates;

/// <summary>Which character of one reading is which of another, when one has lost or gained some.</summary>
internal static class PlateAlignment
{
    private const int Side = PlateGrammar.MaxLength + 1;

    /// <summary>For each character of <paramref name="text"/> its place in <paramref name="reference"/>, or −1: the fewest edits (Levenshtein).</summary>
    /// <returns>How many characters stand in the same place of the alignment and are the same.</returns>
    public static int Align(ReadOnlySpan<char> text, ReadOnlySpan<char> reference, Span<int> places)
    {
        Span<int> cost = stackalloc int[Side * Side];
        for (int i = 0; i <= text.Length; i++)
            for (int j = 0; j <= reference.Length; j++)
                cost[i * Side + j] = i == 0 ? j : j == 0 ? i : Math.Min(
                    cost[(i - 1) * Side + j - 1] + (text[i - 1] == reference[j - 1] ? 0 : 1),
                    Math.Min(cost[(i - 1) * Side + j], cost[i * Side + j - 1]) + 1);
        places[..text.Length].Fill(-1);
        int same = 0;
        for (int i = text.Length, j = reference.Length; i > 0 && j > 0;)
        {
            bool equal = text[i - 1] == reference[j - 1];
            if (cost[i * Side + j] == cost[(i - 1) * Side + j - 1] + (equal ? 0 : 1))
            {
                places[--i] = --j;
                same += equal ? 1 : 0;
            }
            else if (cost[i * Side + j] == cost[(i - 1) * Side + j] + 1)
            {
                i--;
            }
            else
            {
                j--;
            }
        }
        return same;
    }
}
