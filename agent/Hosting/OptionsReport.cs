using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeAgent.DispatchClient.Identity;

namespace EdgeAgent.Agent.Hosting;

/// <param name="Key">Path of the setting, "" for the file as a whole.</param>
/// <param name="Sentence">What is wrong or odd, and what to do.</param>
internal sealed partial record OptionsRemark(string Key, string Sentence)
{
    /// <summary>Of a sentence that begins with the key.</summary>
    public static OptionsRemark Of(string sentence) => new(Path().Match(sentence).Value, sentence);

    [GeneratedRegex(@"^[A-Z]\w+(\[\d+\])?(\.\w+(\[\d+\])?)*(?=[ :])")]
    private static partial Regex Path();
}

/// <summary>What the car makes of a configuration file, for `edgectl config check`: read by the very code that the car starts with.</summary>
/// <param name="CentreVersion">Of what the centre set and the car lays over the file, 0: nothing.</param>
/// <param name="Settings">All that the car would run with, by key, without what opens anything; empty when the file is not in order.</param>
internal sealed record OptionsReport(
    string File, bool InOrder, IReadOnlyList<OptionsRemark> Problems, IReadOnlyList<OptionsRemark> Warnings, ulong CentreVersion,
    IReadOnlyDictionary<string, JsonNode?> Settings)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string ToJson() => JsonSerializer.Serialize(this, Format);

    public static OptionsReport Of(string file)
    {
        (CarOptions? own, IReadOnlyList<string> problems) = CarOptions.Read(file);
        if (own is null)
            return new OptionsReport(file, false, [.. problems.Select(OptionsRemark.Of)], [], 0, new Dictionary<string, JsonNode?>());
        (CarOptions whole, ulong version, string problem) = WithCentre(own);
        IEnumerable<string> warnings = OptionsWarnings.Of(whole, file);
        return new OptionsReport(
            file, true, [], [.. (problem.Length > 0 ? warnings.Prepend(problem) : warnings).Select(OptionsRemark.Of)], version, OptionsShown.Flat(whole.ToJson()));
    }

    private static (CarOptions Whole, ulong Version, string Problem) WithCentre(CarOptions own)
    {
        try
        {
            SettingsAtStart start = CentreSettings.Over(own);
            return (start.Options, start.Version, start.Problem.Length == 0 ? "" : $"What the centre set (version {start.Version}) is left out, the file stands: {start.Problem}");
        }
        catch (Exception error) when (error is IdentityException or IOException or UnauthorizedAccessException)
        {
            return (own, 0, $"What the centre set could not be looked at: {error.Message}");
        }
    }
}
