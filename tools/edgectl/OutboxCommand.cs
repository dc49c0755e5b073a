using System.CommandLine;
using EdgeAgent.DispatchClient.Outbox;
using Spectre.Console;

namespace EdgeAgent.Edgectl;

internal static class OutboxCommand
{
    public static Command Create()
    {
        var data = Cli.Data();
        var json = Cli.AsJson();
        var ids = new Option<bool>("--ids") { Description = "With --json: every event held, with its id and state." };
        var command = new Command(
            "outbox",
            """
            Shows what waits for the centre, what it acknowledged and what it refused; never what events say. The agent may run meanwhile.

            Example: edgectl outbox --data /var/lib/edge-agent --json
            JSON: incarnation, appended, pending, acknowledged, forgotten, refused, attachmentsPending, attachmentsRefused, bytes, dropped,
            lanes, refusedEvents, quarantines, and with --ids events: [{id, lane, number, state: pending|acked|refused, …}].
            Exit codes: 0 shown, 1 there is no outbox or it cannot be read, 2 wrong command line.
            """)
        { data, json, ids };
        command.Does(json, (parsed, _) =>
        {
            var directory = parsed.GetValue(data)!;
            var report = OutboxReport.Read(directory);
            if (parsed.GetValue(json))
                Cli.Print(Shape(report, parsed.GetValue(ids) ? OutboxReport.ReadEvents(directory) : null));
            else
                Show(report);
            return Task.FromResult(Cli.Done);
        });
        return command;
    }

    private static Dictionary<string, object> Shape(OutboxReport report, IReadOnlyList<EventReport>? events)
    {
        var shape = new Dictionary<string, object>
        {
            ["incarnation"] = report.Incarnation,
            ["appended"] = report.Lanes.Sum(lane => lane.Appended),
            ["pending"] = report.Lanes.Sum(lane => lane.Pending),
            ["acknowledged"] = report.Lanes.Sum(lane => lane.Acknowledged),
            ["forgotten"] = report.Lanes.Sum(lane => lane.Forgotten),
            ["refused"] = report.Lanes.Sum(lane => lane.Refused),
            ["attachmentsPending"] = report.AttachmentsPending,
            ["attachmentsRefused"] = report.AttachmentsRefused,
            ["bytes"] = report.Bytes,
            ["dropped"] = report.Dropped,
            ["lanes"] = report.Lanes,
            ["refusedEvents"] = report.Refused,
            ["quarantines"] = report.Quarantines,
        };
        if (events is not null)
            shape["events"] = events;
        return shape;
    }

    private static void Show(OutboxReport report)
    {
        var table = new Table().AddColumns("lane", "appended", "pending", "acknowledged", "let go", "refused");
        foreach (var lane in report.Lanes)
            table.AddRow($"{lane.Lane}", $"{lane.Appended}", $"{lane.Pending}", $"{lane.Acknowledged}", $"{lane.Forgotten}", $"{lane.Refused}");
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"{report.Bytes} bytes, {report.AttachmentsPending} attachments waiting, {report.AttachmentsRefused} parked, {report.Dropped} events dropped for space.");
        foreach (var refused in report.Refused)
            AnsiConsole.WriteLine($"refused: {refused.Id} ({refused.Lane} {refused.Number}): {refused.Code}, {refused.Detail}");
        foreach (var quarantine in report.Quarantines)
            AnsiConsole.WriteLine($"damaged and put aside: {quarantine}");
    }
}
