using System.Text.Encodings.Web;
using System.Text.Json;

namespace EdgeAgent.Chaos;

/// <summary>The scenario cannot be played here; the message says why and what to do.</summary>
internal sealed class ScenarioException(string message) : Exception(message);

/// <summary>How every scenario ends: one JSON object, and a sentence for each thing that was wrong.</summary>
internal static class Verdict
{
    private const int Failed = 1;
    private const int WrongInput = 2;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <param name="play">Figures, and what was wrong: empty when the scenario held.</param>
    public static async Task<int> RunAsync<T>(Func<Task<(T Figures, IReadOnlyList<string> Wrong)>> play)
    {
        try
        {
            (T figures, IReadOnlyList<string> wrong) = await play();
            foreach (string sentence in wrong)
                Console.Error.WriteLine($"  ✗ {sentence}");
            Console.WriteLine(JsonSerializer.Serialize(figures, Options));
            return wrong.Count == 0 ? 0 : Failed;
        }
        catch (Exception e) when (e is ScenarioException or Rig.Run.BenchException)
        {
            return Refuse(e.Message);
        }
    }

    public static int Refuse(string sentence)
    {
        Console.Error.WriteLine(sentence);
        return WrongInput;
    }
}
