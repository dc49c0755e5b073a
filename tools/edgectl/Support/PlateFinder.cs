using System.Text.RegularExpressions;
using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Edgectl.Support;

/// <summary>Plates in text, by the grammar that the car reads them with; separators between their characters do not hide them.</summary>
internal static partial class PlateFinder
{
    private static readonly int[] Lengths = [.. Enum.GetValues<PlateKind>().Select(k => PlateGrammar.SetsOf(k).Count).Distinct()];

    public static bool IsIn(string text)
    {
        char[] compact = [.. text.Where(char.IsLetterOrDigit).Select(char.ToUpperInvariant)];
        for (int i = 0; i < compact.Length; i++)
        {
            // Every kind but the military one bears a Chinese character somewhere.
            if (!char.IsAscii(compact[i]) && PlateGrammar.Symbols.Contains(compact[i]) && Lengths.Any(length => AnyAround(compact, i, length)))
                return true;
        }
        // Two letters and five digits are also what other things are called: as one word alone.
        return Military().Matches(text).Any(m => PlateGrammar.Fits(string.Concat(m.Value.Where(char.IsAsciiLetterOrDigit))));
    }

    private static bool AnyAround(ReadOnlySpan<char> compact, int at, int length)
    {
        for (int start = Math.Max(0, at - length + 1); start <= at && start + length <= compact.Length; start++)
            if (PlateGrammar.Fits(compact.Slice(start, length)))
                return true;
        return false;
    }

    [GeneratedRegex(@"(?<![A-Za-z0-9])[A-Z]{2}[-·.]?[0-9]{5}(?![A-Za-z0-9])")]
    private static partial Regex Military();
}
