using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Calls;

/// <summary>The closed sets of words of calls, as the page and the API write them.</summary>
internal static class CallWords
{
    /// <summary>With what a call may be closed.</summary>
    public static readonly IReadOnlyList<string> Results = ["handled", "mediated", "transferred", "nothing_found", "false_alarm", "duplicate"];

    private static readonly Dictionary<string, CallKind> Kinds = Named<CallKind>();

    public static CallKind? Kind(string? word) => word is not null && Kinds.TryGetValue(word, out var kind) ? kind : null;

    /// <summary>Null for a word that is none; "" stands for what the kind asks for.</summary>
    public static PoliceType? Police(string? word, CallKind kind) => word switch
    {
        null or "" => kind == CallKind.Traffic ? PoliceType.Traffic : PoliceType.PublicOrder,
        "public_order" => PoliceType.PublicOrder,
        "traffic" => PoliceType.Traffic,
        _ => null,
    };

    /// <summary>EnRoute becomes en_route.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum
    {
        var name = value.ToString();
        var word = new System.Text.StringBuilder(name.Length + 4);
        for (var at = 0; at < name.Length; at++)
        {
            if (at > 0 && char.IsAsciiLetterUpper(name[at]))
                _ = word.Append('_');
            _ = word.Append(char.ToLowerInvariant(name[at]));
        }
        return word.ToString();
    }

    private static Dictionary<string, T> Named<T>()
        where T : struct, Enum =>
        Enum.GetValues<T>().Where(value => !value.Equals(default(T))).ToDictionary(value => Of(value), StringComparer.Ordinal);
}
