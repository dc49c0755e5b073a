using System.CommandLine;
using System.Text.Json;
using EdgeAgent.Edgectl.Box;

namespace EdgeAgent.Edgectl;

/// <summary>A remark of the agent's on its options file.</summary>
internal sealed record OptionsRemark(string Key, string Sentence);

/// <summary>What the agent itself makes of its options file (`edge-agent config report`).</summary>
internal sealed record OptionsReport(
    string File, bool InOrder, IReadOnlyList<OptionsRemark> Problems, IReadOnlyList<OptionsRemark> Warnings, ulong CentreVersion, SortedDictionary<string, JsonElement> Settings)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true };

    public static async Task<OptionsReport> AskAsync(AgentProgram agent, ParseResult parsed, string file, CancellationToken stop)
    {
        var (exitCode, output, error) = await agent.AskAsync(parsed, ["config", "report", "--config", Path.GetFullPath(file)], stop);
        try
        {
            return JsonSerializer.Deserialize<OptionsReport>(output, Format) ?? throw new JsonException("nothing");
        }
        catch (JsonException e)
        {
            throw new IOException($"The agent's program cannot check a file (it ended with {exitCode}: {error.Split('\n')[0]}).", e);
        }
    }
}

internal static class ConfigCommand
{
    public const string StandardFile = "/etc/edge-agent/agent.json";

    public static Command Create() => new("config", "The car's options file.") { CreateCheck() };

    public static Option<string> File() => new("--config") { Description = "The car's options file.", DefaultValueFactory = _ => StandardFile };

    private static Command CreateCheck()
    {
        var file = File();
        var agent = new AgentProgram();
        var json = Cli.AsJson();
        var command = new Command(
            "check",
            """
            Has the agent itself read the car's options file, with what the centre set laid over it, and says every mistake at once, then
            what is unsafe or odd. Nothing is changed; the running agent is not touched.

            Example: edgectl config check --config /etc/edge-agent/agent.json
            JSON: {"file","inOrder","problems":[{"key","sentence"}],"warnings":[{"key","sentence"}],"centreVersion","settings":{KEY:VALUE}};
            settings without passwords, users and the queries of addresses.
            Exit codes: 0 in order, perhaps with warnings; 1 mistakes, or it could not be checked; 2 wrong command line.
            """)
        { file, json };
        command.Does(json, agent, async (parsed, stop) =>
        {
            var report = await OptionsReport.AskAsync(agent, parsed, parsed.GetValue(file)!, stop);
            if (parsed.GetValue(json))
                Cli.Print(report);
            else
                Show(report);
            return report.InOrder ? Cli.Done : Cli.Failed;
        });
        return command;
    }

    private static void Show(OptionsReport report)
    {
        foreach (var problem in report.Problems)
            Console.Out.WriteLine($"mistake: {problem.Sentence}");
        foreach (var warning in report.Warnings)
            Console.Out.WriteLine($"warning: {warning.Sentence}");
        Console.Out.WriteLine(report.InOrder
            ? $"{report.File} is in order{(report.CentreVersion > 0 ? $", with version {report.CentreVersion} of what the centre set" : "")}: {Cli.Counted(report.Warnings.Count, "warning")}."
            : $"{report.File} has {Cli.Counted(report.Problems.Count, "mistake")}: the car does not start with it.");
    }
}
