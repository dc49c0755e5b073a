using System.CommandLine;
using System.Text.Json;
using EdgeAgent.Edgectl.Box;

namespace EdgeAgent.Edgectl;

internal static class SwapCommand
{
    private const int SomethingWaits = 3;

    public static Command Create()
    {
        var from = new Option<string>("--from") { Description = "The data folder on the dead box's disk, mounted here; it is only read.", Required = true };
        var config = ConfigCommand.File();
        var patience = new Option<double>("--patience") { Description = "So long it is delivered, seconds, 1 to 86400; the rest waits for the next run.", DefaultValueFactory = _ => 600 };
        var agent = new AgentProgram();
        var json = Cli.AsJson();
        var command = new Command(
            "swap",
            """
            This box takes a dead one's place: what that one had not told the centre is copied off its disk and delivered, with the same
            ids, numbers and signatures, and what the centre has already is not doubled; its audit chain is kept and verified. Enrol this
            box as the same unit first, and stop its agent. Cut at any moment, it can be run again.
            Where the old box sealed its key to a TPM, its events open in that TPM alone: the audit chain is all that can be rescued.

            Example: edgectl swap --from /mnt/old/var/lib/edge-agent
            JSON: {"unitId","incarnation","delivered","waiting","refused","auditHead","auditProblem","kept"}.
            Exit codes: 0 all delivered; 1 not done (codes not_a_data_folder, old_box_runs, other_unit, agent_runs, sealed_to_old_tpm,
            outbox_damaged, wrong_key, no_identity, bad_configuration); 2 wrong command line; 3 something waits for the next run or was
            refused by the centre; 130 interrupted, run it again.
            """)
        { from, config, patience, json };
        command.Does(json, agent, async (parsed, stop) =>
        {
            Owner.BecomeBySettings(parsed.GetValue(config)!);
            var seconds = Cli.Within(parsed.GetValue(patience), 1, 86_400, "--patience");
            var (exitCode, said) = await agent.DoAsync(
                parsed, ["rescue", "--config", Path.GetFullPath(parsed.GetValue(config)!), "--from", Path.GetFullPath(parsed.GetValue(from)!), "--patience", $"{seconds}"],
                TimeSpan.FromSeconds(seconds) + TimeSpan.FromHours(1), stop);
            if (parsed.GetValue(json))
                Console.Out.WriteLine(said.GetRawText());
            else
                Show(said);
            return exitCode == SomethingWaits ? SomethingWaits : Cli.Done;
        });
        return command;
    }

    private static void Show(JsonElement said)
    {
        var (waiting, refused) = (said.GetProperty("waiting").GetInt64(), said.GetProperty("refused").GetInt64());
        Console.Out.WriteLine($"{said.GetProperty("delivered")} events of unit {said.GetProperty("unitId")} reached the centre.");
        if (waiting > 0)
            Console.Out.WriteLine($"{waiting} events and attachments wait, or the centre has not promised yet to keep them: run this again.");
        if (refused > 0)
            Console.Out.WriteLine($"{refused} events are refused by the centre and kept: edgectl outbox --data {said.GetProperty("kept")}");
        var problem = said.GetProperty("auditProblem").GetString();
        Console.Out.WriteLine(problem is { Length: > 0 } ? $"The audit chain is kept and NOT whole: {problem}" : $"The audit chain is kept in {said.GetProperty("kept")}/audit and ends at {said.GetProperty("auditHead")}.");
    }
}
