using System.CommandLine;
using System.Data.Common;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Cli;

/// <summary>What all commands share: the data folder, JSON or words, and how an error is told.</summary>
internal static class CliShared
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Option<string> Data() => new("--data") { Description = "The centre's data folder.", Required = true };

    public static Option<bool> AsJson() => new("--json") { Description = "Print one JSON line instead of words." };

    /// <summary>Runs a command's work; what a person can mend becomes one sentence and exit code 1.</summary>
    public static void Does(this Command command, Func<ParseResult, CancellationToken, Task> work) => command.SetAction(async (parsed, stop) =>
    {
        try
        {
            await work(parsed, stop);
            return 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 130;
        }
        catch (Exception e) when (e is CentreException or DbException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e is DbException ? $"The database cannot be used: {e.Message}" : e.Message);
            return 1;
        }
    });

    public static void Does(this Command command, Action<ParseResult> work) => command.Does((parsed, _) =>
    {
        work(parsed);
        return Task.CompletedTask;
    });

    public static void Print(object value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, Json));

    /// <summary>The first line of standard input, for secrets: arguments are seen by every user of the machine.</summary>
    public static string Secret(string what) => Console.In.ReadLine() is { Length: > 0 } line
        ? line
        : throw new CentreException($"No {what} came on standard input.");

    /// <exception cref="CentreException">Not an id; the sentence says what one is.</exception>
    public static string RequireId(string id, string what) => id.Length is > 0 and <= 32 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        ? id
        : throw new CentreException($"'{id}' cannot be {what}: use 1 to 32 letters, digits, '-', '_' or '.'.");

    /// <summary>"" is the whole city.</summary>
    public static string District(string? name) => string.IsNullOrEmpty(name) ? "" : RequireId(name, "a district");
}

/// <summary>A data folder opened for one command.</summary>
internal sealed class OpenCentre : IDisposable
{
    public OpenCentre(string data)
    {
        Folder = new DataFolder(data).Require();
        Database = CentreDatabase.Of(Folder);
        Sealing = CentreKeys.LoadSealing(Folder);
        if (Database.IsShared)
            GatewayTable.RequireSameKey(Database, Sealing);
        Commands = new CommandTable(Database, Sealing);
        Lists = new ListTable(Database, Sealing);
        Registers = new RegisterTable(Database, Sealing);
    }

    public DataFolder Folder { get; }

    public CentreDatabase Database { get; }

    public Sealing Sealing { get; }

    public CommandTable Commands { get; }

    public ListTable Lists { get; }

    public RegisterTable Registers { get; }

    public static TimeProvider Time => TimeProvider.System;

    public static long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public ListIssuing Issuing() => new(Folder, Database, Lists, Registers, Commands, Time);

    public EntryReading Reading() => new(Lists, Registers, Time);

    public CanaryPlanting Planting() => new(Lists, Registers, new AccountTable(Database), Time);

    public void Dispose()
    {
        Sealing.Dispose();
        Database.Close();
    }
}
