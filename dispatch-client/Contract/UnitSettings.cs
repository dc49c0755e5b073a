using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeAgent.Contract;

/// <summary>
/// What of a car's configuration the centre may set. A closed set: where the car keeps things, whom it trusts and what its cameras are
/// belongs to who built it.
/// </summary>
public static class UnitSettings
{
    private const int MaxCharacters = 64 << 10;

    /// <summary>Top-level keys of the car's file.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["AlertLapseSeconds", "Alerts", "Lists", "Privacy"];

    /// <summary>Reads settings as they were signed.</summary>
    /// <returns>The object, or why not: too long, no JSON object, or a key outside <see cref="Keys"/>.</returns>
    public static (JsonObject? Settings, string Problem) Read(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (json.Length > MaxCharacters)
            return (null, $"The settings have {json.Length} characters: at most {MaxCharacters}.");
        try
        {
            if (JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip }) is not JsonObject settings)
                return (null, "The settings are no JSON object.");
            var unknown = settings.Select(pair => pair.Key).FirstOrDefault(key => !Keys.Contains(key));
            return unknown is null ? (settings, "") : (null, $"'{unknown}' is not for the centre to set: it may set {string.Join(", ", Keys)}.");
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            // ArgumentException: a key that stands there twice.
            return (null, $"The settings are no JSON: {error.Message}");
        }
    }
}
