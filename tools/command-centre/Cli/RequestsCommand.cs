using System.CommandLine;
using EdgeAgent.CommandCentre.Requests;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Cli;

/// <summary>The register of what the public asks. Whoever uses it says who they are: the command line knows no sign-in.</summary>
internal static class RequestsCommand
{
    public static Command Create() => new(
        "requests", "What the public asks: access, correction, deletion, complaint, objection; with deadlines, sealed, each reading written down.")
    { Add(), RequestsView.List(), RequestsView.Show(), Answer(), Extend() };

    private static Command Add()
    {
        var data = CliShared.Data();
        var kind = new Option<string>("--kind") { Description = string.Join(", ", RequestRules.Kinds), Required = true };
        var channel = new Option<string>("--channel") { Description = $"How it came: {string.Join(", ", RequestRules.Channels)}", Required = true };
        var received = new Option<string?>("--received") { Description = "The day it came, such as 2026-11-03. Default: today." };
        var days = new Option<int?>("--due-days")
        {
            Description = $"Calendar days to answer within, 1 to {RequestRules.MostDays}; the local rule decides. "
                + $"Default: complaint {RequestRules.ComplaintDays}, others {RequestRules.RightDays}.",
        };
        var unit = new Option<string?>("--about-unit") { Description = "Id of the unit that it is about." };
        var list = new Option<string?>("--about-list") { Description = "Id of the list that it is about." };
        var happened = new Option<string?>("--about-event") { Description = "Id of the event that it is about." };
        var (by, text, zone, json) = (By(), Text("Name and contact, an empty line, the person's own words"), Zone(), CliShared.AsJson());
        _ = kind.AcceptOnlyFromAmong([.. RequestRules.Kinds]);
        _ = channel.AcceptOnlyFromAmong([.. RequestRules.Channels]);
        var command = new Command(
            "add",
            "Registers a request; prints its number and the day by which it is to be answered. "
            + "Example: command-centre requests add --data /var/lib/centre --by wang --kind access --channel letter < letter.txt")
        { data, kind, channel, received, days, unit, list, happened, by, text, zone, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var register = OpenRegister(centre, parsed.GetValue(by)!, parsed.GetValue(zone)!);
            var day = RequestRules.Day(parsed.GetValue(received), "--received", register.Today);
            var within = Days(parsed.GetValue(days) ?? RequestRules.DefaultDays(parsed.GetValue(kind)!), "--due-days", RequestRules.MostDays);
            var row = new RequestRow
            {
                Kind = parsed.GetValue(kind)!,
                Channel = parsed.GetValue(channel)!,
                ReceivedOn = $"{day:yyyy-MM-dd}",
                DueOn = $"{day.AddDays(within):yyyy-MM-dd}",
                AboutUnit = parsed.GetValue(unit),
                AboutList = parsed.GetValue(list),
                AboutEvent = parsed.GetValue(happened),
            };
            var (contact, words) = RequestText.ReadRequest(parsed.GetValue(text));
            var reference = register.Add(row, contact, words);
            if (parsed.GetValue(json))
                CliShared.Print(new { reference, dueOn = row.DueOn });
            else
                Console.Out.WriteLine($"{reference} is to be answered by {row.DueOn}.");
        });
        return command;
    }

    private static Command Answer()
    {
        var (data, reference, by) = (CliShared.Data(), Reference(), By());
        var refuse = new Option<string?>("--refuse") { Description = $"Refuses on this ground: {string.Join(", ", RequestRules.Grounds)}" };
        var keep = new Option<int>("--keep-days")
        {
            Description = $"After so many days contact, words and answer are erased, 1 to {RequestRules.MostKeepDays}. The row stays for the statistics.",
            DefaultValueFactory = _ => RequestRules.KeepDays,
        };
        var (text, zone) = (Text("What the person was told"), Zone());
        _ = refuse.AcceptOnlyFromAmong([.. RequestRules.Grounds]);
        var command = new Command(
            "answer",
            "Closes a request with what the person was told, answered or refused. "
            + "Example: command-centre requests answer --data /var/lib/centre --reference R-2026-000001 --by wang --text-file answer.txt")
        { data, reference, by, refuse, keep, text, zone };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var register = OpenRegister(centre, parsed.GetValue(by)!, parsed.GetValue(zone)!);
            var kept = Days(parsed.GetValue(keep), "--keep-days", RequestRules.MostKeepDays);
            var (number, ground) = (parsed.GetValue(reference)!, parsed.GetValue(refuse));
            var inTime = register.Answer(number, ground, RequestText.Read(parsed.GetValue(text)), kept);
            Console.Out.WriteLine($"{number} is {(ground is null ? "answered" : "refused")}, {(inTime ? "in time" : "late")}.");
        });
        return command;
    }

    private static Command Extend()
    {
        var (data, reference, by) = (CliShared.Data(), Reference(), By());
        var days = new Option<int>("--days") { Description = $"By so many days, 1 to {RequestRules.MostExtensionDays}.", Required = true };
        var (text, zone) = (Text("The reason, as the person was told"), Zone());
        var command = new Command(
            "extend",
            "Gives a request more time, once, and before it is late. "
            + "Example: command-centre requests extend --data /var/lib/centre --reference R-2026-000001 --by wang --days 15 --text-file reason.txt")
        { data, reference, by, days, text, zone };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var register = OpenRegister(centre, parsed.GetValue(by)!, parsed.GetValue(zone)!);
            var more = Days(parsed.GetValue(days), "--days", RequestRules.MostExtensionDays);
            var due = register.Extend(parsed.GetValue(reference)!, more, RequestText.Read(parsed.GetValue(text)));
            Console.Out.WriteLine($"{parsed.GetValue(reference)} is now to be answered by {due:yyyy-MM-dd}.");
        });
        return command;
    }

    public static Option<string> Reference() => new("--reference") { Description = "Its number, such as R-2026-000001.", Required = true };

    public static Option<string> By() => new("--by") { Description = "Your name; it stands in the audit.", Required = true };

    public static Option<string> Zone() => new("--time-zone")
    {
        Description = "Where days begin and end (IANA name).",
        DefaultValueFactory = _ => LocalCalendar.DefaultZone,
    };

    /// <exception cref="CentreException">Not a name, or not a zone.</exception>
    public static Register OpenRegister(OpenCentre centre, string by, string zone)
    {
        var name = by.Trim();
        if (name.Length is 0 or > 64 || name.Any(char.IsControl))
            throw new CentreException("--by is the name of the person who does this, 1 to 64 characters.");
        var now = OpenCentre.Time.GetUtcNow();
        return new Register(centre.Database, new RequestTable(centre.Sealing), now, LocalCalendar.Today(LocalCalendar.Zone(zone), now), name);
    }

    private static Option<string?> Text(string what) => new("--text-file") { Description = $"{what}. Default: standard input." };

    private static int Days(int days, string option, int most) => days >= 1 && days <= most
        ? days
        : throw new CentreException($"{option} is {days}: give 1 to {most}.");
}
