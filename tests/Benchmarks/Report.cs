using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Benchmarks;

/// <summary>The input cannot be measured; the message says what is wrong with it.</summary>
internal sealed class InputException(string message) : Exception(message);

/// <summary>How every measurement ends: one JSON object on standard output, or one sentence on standard error.</summary>
internal static class Report
{
    private const int WrongInput = 2;

    // Chinese characters as themselves: the line is read by people too.
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static int Run<T>(Func<T> measure)
    {
        try
        {
            Console.WriteLine(Line(measure()));
            return 0;
        }
        catch (Exception e) when (e is InputException or ModelException)
        {
            return Refuse(e.Message);
        }
    }

    public static async Task<int> RunAsync<T>(Func<Task<T>> measure)
    {
        try
        {
            Console.WriteLine(Line(await measure()));
            return 0;
        }
        catch (Exception e) when (e is InputException or ModelException)
        {
            return Refuse(e.Message);
        }
    }

    public static string Line<T>(T figures) => JsonSerializer.Serialize(figures, Options);

    public static int Refuse(string sentence)
    {
        Console.Error.WriteLine(sentence);
        return WrongInput;
    }
}
