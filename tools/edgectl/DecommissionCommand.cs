using System.CommandLine;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Edgectl.Box;
using EdgeAgent.Hw.Programs;

namespace EdgeAgent.Edgectl;

/// <summary>`edgectl decommission`: a box leaves service at the box itself, in one command.</summary>
internal static class DecommissionCommand
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1), StopWithin = TimeSpan.FromMinutes(1);

    public static Command Create()
    {
        var config = ConfigCommand.File();
        var unit = new Option<string>("--unit") { Description = "The unit's id, so that no other box is meant.", Required = true };
        var wait = new Option<double>("--wait") { Description = "Seconds to let the running agent deliver what waits.", DefaultValueFactory = _ => 120 };
        var lose = new Option<bool>("--lose-unsent") { Description = "Also where events do not reach the centre in that time." };
        var agent = new AgentProgram();
        var json = Cli.AsJson();
        var command = new Command(
            "decommission",
            """
            Takes a box out of service: lets the agent deliver what waits, stops it for good (systemctl disable --now edge-agent), and makes
            the box nobody's as `edgectl wipe` does. A box that is not at hand is decommissioned at the centre: Cars, Decommission.

            Example: edgectl decommission --unit PB-0001
            JSON: {"unitId","dataDirectory","lostEvents"}.
            Exit codes: 0 done; 1 not, and nothing was destroyed (codes other_unit, agent_runs, unsent_events, nothing_to_wipe,
            bad_configuration), or the wiping was begun and is to be run again; 2 wrong command line.
            """)
        { config, unit, wait, lose, json };
        command.Does(json, agent, async (parsed, stop) =>
        {
            string file = Path.GetFullPath(parsed.GetValue(config)!);
            var (options, problems) = CarOptions.Read(file);
            if (options is null)
                throw new CommandException("bad_configuration", string.Join(' ', problems));
            string data = options.DataDirectory;
            if (await RunningAgent.AskAsync(data, stop) is { } running)
            {
                if (running.UnitId != parsed.GetRequiredValue(unit))
                    throw new CommandException("other_unit", $"This box is unit {running.UnitId}: look at its label again. Nothing was destroyed.");
                await DeliverAsync(data, TimeSpan.FromSeconds(Cli.Within(parsed.GetValue(wait), 0, 86_400, "--wait")), parsed.GetValue(lose), stop);
                await StopAgentAsync(data, stop);
            }
            return await WipeCommand.DoAsync(parsed, agent, file, parsed.GetRequiredValue(unit), parsed.GetValue(lose), parsed.GetValue(json), stop);
        });
        return command;
    }

    private static async Task DeliverAsync(string data, TimeSpan wait, bool lose, CancellationToken stop)
    {
        long began = TimeProvider.System.GetTimestamp();
        long waiting;
        while ((waiting = OutboxReport.Read(data).Waiting) > 0 && TimeProvider.System.GetElapsedTime(began) < wait)
        {
            await Console.Error.WriteLineAsync($"  {waiting} wait to be delivered");
            await Task.Delay(Look, stop);
        }
        if (waiting > 0 && !lose)
            throw new CommandException("unsent_events", $"{waiting} events have not reached the centre: see that the box has a link, wait longer (--wait), or lose them (--lose-unsent). Nothing was destroyed.");
    }

    private static async Task StopAgentAsync(string data, CancellationToken stop)
    {
        var asked = await SystemProgram.RunAsync("systemctl", ["disable", "--now", "edge-agent"], StopWithin, TimeProvider.System, stop);
        if (await RunningAgent.AskAsync(data, stop) is null)
            return;
        string why = asked.Fault.Length > 0 ? asked.Fault : asked.FirstError.Length > 0 ? asked.FirstError : "it still runs";
        throw new CommandException("agent_runs", $"The agent could not be stopped ({why}): stop it and run this again. Nothing was destroyed.");
    }
}
