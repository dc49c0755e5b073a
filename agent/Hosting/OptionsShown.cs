using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EdgeAgent.Agent.Hosting;

/// <summary>Settings as they may leave the car: flat, and without what opens anything.</summary>
internal static partial class OptionsShown
{
    public const string Removed = "(removed)";

    /// <summary>Every setting by its key's path. Passwords and users are removed, and of addresses the user, the password and the query.</summary>
    public static SortedDictionary<string, JsonNode?> Flat(JsonNode settings)
    {
        var flat = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        Add(flat, "", settings);
        return flat;
    }

    private static void Add(SortedDictionary<string, JsonNode?> flat, string path, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject part:
                foreach ((string key, JsonNode? inner) in part)
                    Add(flat, path.Length == 0 ? key : $"{path}.{key}", inner);
                break;
            case JsonArray { Count: > 0 } items when items.Any(i => i is JsonObject):
                for (int i = 0; i < items.Count; i++)
                    Add(flat, $"{path}[{i}]", items[i]);
                break;
            case JsonValue text when text.TryGetValue(out string? plain):
                flat[path] = Opens().IsMatch(path) ? plain.Length == 0 ? "" : Removed : WithoutSecrets(plain);
                break;
            case JsonArray texts:
                flat[path] = new JsonArray([.. texts.Select(t => t is JsonValue v && v.TryGetValue(out string? plain) ? JsonValue.Create(WithoutSecrets(plain)) : t?.DeepClone())]);
                break;
            default:
                flat[path] = value?.DeepClone();
                break;
        }
    }

    /// <summary>An address without user, password and query; other text as it is.</summary>
    public static string WithoutSecrets(string text) => Query().Replace(Authority().Replace(text, "$1"), "$1");

    [GeneratedRegex("(Password|User|Pin|Secret|Token|Key)$")]
    private static partial Regex Opens();

    // A password may hold '@': the last one before the path ends it.
    [GeneratedRegex(@"([A-Za-z][A-Za-z0-9+.-]*://)[^/?#\s]*@")]
    private static partial Regex Authority();

    [GeneratedRegex(@"([A-Za-z][A-Za-z0-9+.-]*://[^?#\s]*)[?#]\S*")]
    private static partial Regex Query();
}
