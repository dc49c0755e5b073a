using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace EdgeAgent.Agent.Hosting;

/// <summary>
/// Walks a configuration file beside the types that it is read into and takes out what does not fit them, each with its sentence, so
/// that one mistake does not hide the others. What is left is read by the serialiser itself.
/// </summary>
internal sealed class OptionsReading(JsonSerializerOptions format)
{
    private const int NearEnough = 2;

    private readonly List<string> problems = [];
    private readonly List<string> taken = [];

    /// <summary>One sentence a mistake; each begins with the key's path.</summary>
    public IReadOnlyList<string> Problems => problems;

    /// <summary>Whether this key, or one above it, was taken out: what is said of the standing default then is no mistake of the file's.</summary>
    public bool IsTakenOut(string key) => taken.Any(path => key == path || (key.StartsWith(path, StringComparison.Ordinal) && key[path.Length] is '.' or '['));

    /// <param name="path">Of this value, "" for the whole file.</param>
    /// <returns>The value without what was wrong in it; null when nothing of it can be read.</returns>
    public JsonNode? Read(JsonElement value, Type type, string path)
    {
        JsonTypeInfo info = format.GetTypeInfo(type);
        return (info.Kind, value.ValueKind) switch
        {
            (JsonTypeInfoKind.Object, JsonValueKind.Object) => ReadObject(value, info, path),
            (JsonTypeInfoKind.Enumerable, JsonValueKind.Array) => ReadArray(value, info.ElementType!, path),
            (JsonTypeInfoKind.Object, _) => TakeOut(path, $"{Named(path)} is {Shown(value)}: give an object, {{ … }}."),
            (JsonTypeInfoKind.Enumerable, _) => TakeOut(path, $"{Named(path)} is {Shown(value)}: give an array, [ … ]."),
            _ => ReadLeaf(value, type, path),
        };
    }

    private JsonObject ReadObject(JsonElement value, JsonTypeInfo info, string path)
    {
        var read = new JsonObject();
        Dictionary<string, JsonPropertyInfo> known = info.Properties.Where(p => p.Set is not null).ToDictionary(p => p.Name, StringComparer.Ordinal);
        foreach (JsonProperty given in value.EnumerateObject())
        {
            string key = path.Length == 0 ? given.Name : $"{path}.{given.Name}";
            if (!known.TryGetValue(given.Name, out JsonPropertyInfo? property))
                problems.Add($"{key} is no setting{Meant(given.Name, known.Keys)}.");
            else if (read.ContainsKey(given.Name))
                problems.Add($"{key} stands there twice: leave one of them.");
            else if (given.Value.ValueKind == JsonValueKind.Null && !property.IsSetNullable)
                _ = TakeOut(key, $"{key} is null: leave it out to have its default.");
            else if (given.Value.ValueKind != JsonValueKind.Null && Read(given.Value, property.PropertyType, key) is { } kept)
                read.Add(given.Name, kept);
        }
        return read;
    }

    private JsonArray ReadArray(JsonElement value, Type element, string path)
    {
        var read = new JsonArray();
        int index = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            string key = $"{path}[{index++}]";
            if (item.ValueKind == JsonValueKind.Null)
                _ = TakeOut(key, $"{key} is null: leave it out.");
            // An empty object keeps the places of those behind it.
            else if ((Read(item, element, key) ?? (format.GetTypeInfo(element).Kind == JsonTypeInfoKind.Object ? new JsonObject() : null)) is { } kept)
                read.Add(kept);
        }
        return read;
    }

    private JsonNode? ReadLeaf(JsonElement value, Type type, string path)
    {
        try
        {
            _ = value.Deserialize(type, format);
            return JsonNode.Parse(value.GetRawText());
        }
        catch (JsonException)
        {
            return TakeOut(path, $"{Named(path)} is {Shown(value)}: give {Wanted(Nullable.GetUnderlyingType(type) ?? type)}.");
        }
    }

    private JsonNode? TakeOut(string path, string problem)
    {
        problems.Add(problem);
        taken.Add(path);
        return null;
    }

    private static string Named(string path) => path.Length == 0 ? "The file" : path;

    private static string Wanted(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean => "true or false",
        TypeCode.String => "text in quotation marks",
        TypeCode.Int32 or TypeCode.Int64 or TypeCode.UInt32 or TypeCode.UInt64 => "a whole number",
        _ => "a number",
    };

    // Never the content of text: it may be a password.
    private static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "text",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        _ => value.GetRawText(),
    };

    private static string Meant(string given, IEnumerable<string> known)
    {
        string? near = known.Select(k => (Name: k, Distance: Distance(given.ToUpperInvariant(), k.ToUpperInvariant())))
            .Where(k => k.Distance <= NearEnough).OrderBy(k => k.Distance).Select(k => k.Name).FirstOrDefault();
        return near is null ? "" : $"; perhaps {near} is meant";
    }

    // Levenshtein's.
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[b.Length];
    }
}
