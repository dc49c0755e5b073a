using System.CommandLine;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Cli;

internal static class EventsCommand
{
    public static Command Create()
    {
        var data = CliShared.Data();
        var json = CliShared.AsJson();
        var ids = new Option<bool>("--ids") { Description = "With the id of every event, one for each row." };
        var decisions = new Option<bool>("--decisions") { Description = "With the decisions on alerts." };
        var unit = new Option<string?>("--unit") { Description = "Only this unit." };
        var command = new Command(
            "events",
            "What each unit reported: counts, what is missing, what was refused or came twice. "
            + "Example: command-centre events --data /var/lib/centre --json --ids")
        { data, json, ids, decisions, unit };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var ledger = new EventLedger(centre.Database, centre.Sealing);
            var units = ledger.Units(parsed.GetValue(unit), parsed.GetValue(ids), parsed.GetValue(decisions));
            if (parsed.GetValue(json))
            {
                CliShared.Print(new { units });
                return;
            }
            foreach (var one in units)
                Console.Out.WriteLine($"{one.UnitId}\t{one.Events} events, {one.MissingNumbers} missing, {one.RefusedEvents} refused, {one.DuplicatesAttempted} came twice");
        });
        return command;
    }
}
