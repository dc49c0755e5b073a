using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Alerts;

/// <summary>
/// What a plate's class says of the vehicle under it, against what the list says of the vehicle. In mainland China yellow plates are
/// for large vehicles (and some motorcycles and trailers), blue ones for small cars and light lorries. Only words that leave no doubt
/// count; a list's free words mostly say nothing here, and then nothing is said.
/// </summary>
internal static class VehicleClue
{
    private static readonly string[] Small = ["轿车", "跑车", "suv", "sedan", "hatchback", "saloon", "coupe"];
    private static readonly string[] Large =
        ["大型", "重型", "大客车", "公交", "半挂", "牵引车", "渣土车", "heavy", "coach", "bus", "semitrailer", "semi-trailer", "articulated"];

    /// <summary>Whether the plate cannot well be on the listed vehicle.</summary>
    /// <param name="seen">The class that was read.</param>
    /// <param name="listed">The entry's words, Chinese or English.</param>
    public static bool Contradicts(PlateClass seen, string listed)
    {
        bool small = Says(listed, Small), large = Says(listed, Large);
        if (small == large)
            return false;
        return small
            ? seen is PlateClass.Yellow or PlateClass.YellowTwoRow
            : seen is PlateClass.Blue;
    }

    private static bool Says(string listed, string[] words) => words.Any(word => Holds(listed, word));

    // Chinese runs on; an English word must stand alone ("bus" is in "business").
    private static bool Holds(string listed, string word)
    {
        for (int at = 0; (at = listed.IndexOf(word, at, StringComparison.OrdinalIgnoreCase)) >= 0; at++)
        {
            bool latin = char.IsAsciiLetter(word[0]);
            bool alone = (at == 0 || !char.IsAsciiLetter(listed[at - 1]))
                && (at + word.Length == listed.Length || !char.IsAsciiLetter(listed[at + word.Length]));
            if (!latin || alone)
                return true;
        }
        return false;
    }
}
