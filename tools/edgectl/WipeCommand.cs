using System.CommandLine;
using EdgeAgent.Edgectl.Box;

namespace EdgeAgent.Edgectl;

internal static class WipeCommand
{
    public static Command Create()
    {
        var config = ConfigCommand.File();
        var unit = new Option<string?>("--unit") { Description = "The unit's id, so that no other box is meant; without it you are asked for it." };
        var lose = new Option<bool>("--lose-unsent") { Description = "Also where events have not reached the centre." };
        var agent = new AgentProgram();
        var json = Cli.AsJson();
        var command = new Command(
            "wipe",
            """
            Makes this box nobody's: destroys the keys first, so that nothing it kept opens any more, then the data, then the unit's
            identity. The agent must be stopped. Cut at any moment, it can be run again. The options file, with the cameras' passwords,
            stays; so does the program. A disk whose key lay in a file, not in a TPM, is to be destroyed as well where it is not reused.

            Example: edgectl wipe --unit PB-0001
            JSON: {"unitId","dataDirectory","lostEvents"}.
            Exit codes: 0 wiped; 1 not, and nothing was destroyed (codes other_unit, agent_runs, unsent_events, nothing_to_wipe,
            bad_configuration), or it was begun and is to be run again; 2 wrong command line.
            """)
        { config, unit, lose, json };
        command.Does(json, agent, (parsed, stop) => DoAsync(
            parsed, agent, Path.GetFullPath(parsed.GetValue(config)!), parsed.GetValue(unit) ?? Ask(), parsed.GetValue(lose), parsed.GetValue(json), stop));
        return command;
    }

    /// <summary>Has the agent's program wipe its stopped box, and says what became of it.</summary>
    /// <exception cref="CommandException">It did not, by its own code and sentence.</exception>
    public static async Task<int> DoAsync(ParseResult parsed, AgentProgram agent, string config, string unit, bool lose, bool json, CancellationToken stop)
    {
        var (_, said) = await agent.DoAsync(parsed, ["wipe", "--config", config, "--unit", unit, "--lose-unsent", lose ? "true" : "false"], TimeSpan.FromHours(1), stop);
        if (json)
            Console.Out.WriteLine(said.GetRawText());
        else
            Console.Out.WriteLine($"This box is unit {said.GetProperty("unitId")} no longer, and {said.GetProperty("dataDirectory")} is empty. At the centre: command-centre units revoke --unit {said.GetProperty("unitId")}.");
        return Cli.Done;
    }

    private static string Ask()
    {
        Console.Error.Write("Everything that this box keeps is destroyed. Its unit's id: ");
        return Console.In.ReadLine() is { Length: > 0 } id ? id.Trim() : throw new CommandException("other_unit", "No unit's id was given. Nothing was destroyed.");
    }
}
