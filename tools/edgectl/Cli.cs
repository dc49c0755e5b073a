using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Releases;
using EdgeAgent.Edgectl.Box;
using EdgeAgent.Vision.Inference;
using Microsoft.Data.Sqlite;

namespace EdgeAgent.Edgectl;

/// <summary>What all commands share: the data folder, words or JSON, and how a failure is told.</summary>
internal static class Cli
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongCommandLine = 2;
    public const int Interrupted = 130;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public static Option<string> Data() => new("--data") { Description = "The agent's data folder.", Required = true };

    public static Option<bool> AsJson() => new("--json") { Description = "Print one JSON line instead of words." };

    /// <summary>Where the agent looks for the unit's identity unless it is told otherwise.</summary>
    public static string IdentityIn(string data) => Path.Combine(data, "identity");

    /// <summary>The same for work that the agent's program has a part in.</summary>
    public static void Does(this Command command, Option<bool> json, AgentProgram agent, Func<ParseResult, CancellationToken, Task<int>> work)
    {
        foreach (var option in agent.Options)
            command.Add(option);
        command.Does(json, work);
    }

    /// <summary>Runs a command's work; what a person can mend becomes one sentence and exit code 1.</summary>
    public static void Does(this Command command, Option<bool> json, Func<ParseResult, CancellationToken, Task<int>> work) =>
        command.SetAction(async (parsed, stop) =>
        {
            // Signals are listened to only once this has waited for something: what begins at once could be ended without a word.
            await Task.Yield();
            try
            {
                return await work(parsed, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return Interrupted;
            }
            catch (Exception e) when (e is CommandException or IdentityException or ReleaseException or ModelException or SqliteException or IOException or UnauthorizedAccessException)
            {
                return Fail(parsed.GetValue(json), (e as CommandException)?.Code ?? (e as IdentityException)?.Code ?? (e as ReleaseException)?.Code ?? "failed", e.Message);
            }
        });

    /// <summary>What no sane person means is refused in a sentence.</summary>
    public static double Within(double value, double least, double most, string option) =>
        value >= least && value <= most ? value : throw new IOException($"{option} {value}: {least} to {most}.");

    /// <summary>"1 warning", "3 warnings".</summary>
    public static string Counted(int count, string one, string? many = null) => $"{count} {(count == 1 ? one : many ?? one + "s")}";

    public static void Print(object value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, Json));

    private static int Fail(bool json, string code, string message)
    {
        if (json)
            Print(new { error = code, message });
        Console.Error.WriteLine(message);
        return Failed;
    }
}
