using System.CommandLine;
using System.Globalization;
using EdgeAgent.CommandCentre.Requests;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Cli;

/// <summary>The register to look at: all of it without its sealed part, or one request with it.</summary>
internal static class RequestsView
{
    private const int LeastPurpose = 3;
    private const int MostPurpose = 200;

    public static Command List()
    {
        var data = CliShared.Data();
        var all = new Option<bool>("--all") { Description = "With those that are closed." };
        var (zone, json) = (RequestsCommand.Zone(), CliShared.AsJson());
        var command = new Command(
            "list",
            "Shows open requests, what is due first comes first; nothing of what is sealed. "
            + "Example: command-centre requests list --data /var/lib/centre --json")
        { data, all, zone, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var today = LocalCalendar.Today(LocalCalendar.Zone(parsed.GetValue(zone)!), OpenCentre.Time.GetUtcNow());
            var requests = centre.Database.Read(connection => RequestTable.List(connection, parsed.GetValue(all)));
            if (parsed.GetValue(json))
                CliShared.Print(new { today = $"{today:yyyy-MM-dd}", requests = requests.Select(row => View(row, today)) });
            else
                WriteList(requests, today);
        });
        return command;
    }

    public static Command Show()
    {
        var (data, reference, by) = (CliShared.Data(), RequestsCommand.Reference(), RequestsCommand.By());
        var purpose = new Option<string>("--purpose") { Description = "Why you read it; it stands in the audit.", Required = true };
        var (zone, json) = (RequestsCommand.Zone(), CliShared.AsJson());
        var command = new Command(
            "show",
            "Shows one request with what is sealed of it; the reading is written down first. "
            + "Example: command-centre requests show --data /var/lib/centre --reference R-2026-000001 --by wang --purpose \"to answer it\"")
        { data, reference, by, purpose, zone, json };
        command.Does(parsed =>
        {
            var why = parsed.GetValue(purpose)!.Trim();
            if (why.Length is < LeastPurpose or > MostPurpose || why.Any(char.IsControl))
                throw new CentreException($"--purpose has {LeastPurpose} to {MostPurpose} characters.");
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var register = RequestsCommand.OpenRegister(centre, parsed.GetValue(by)!, parsed.GetValue(zone)!);
            var (row, texts) = register.Read(parsed.GetValue(reference)!, why);
            if (parsed.GetValue(json))
                CliShared.Print(new { request = View(row, register.Today), texts });
            else
                WriteOne(row, texts, register.Today);
        });
        return command;
    }

    private static object View(RequestRow row, DateOnly today) => new
    {
        row.Reference,
        row.Kind,
        row.Channel,
        row.ReceivedOn,
        row.DueOn,
        row.State,
        row.Ground,
        row.AboutUnit,
        row.AboutList,
        row.AboutEvent,
        row.ClosedOn,
        daysLeft = row.IsOpen ? DaysLeft(row, today) : (int?)null,
        overdue = row.IsOpen && DaysLeft(row, today) < 0,
        erased = row.ErasedAt is not null,
    };

    private static void WriteList(IReadOnlyList<RequestRow> requests, DateOnly today)
    {
        if (requests.Count == 0)
            Console.Out.WriteLine("No request waits. 'requests list --all' shows those that are closed.");
        foreach (var row in requests)
        {
            var line = $"{row.Reference}\t{row.Kind}\treceived {row.ReceivedOn}\t{Standing(row, today)}";
            Console.Out.WriteLine(row.IsOpen && DaysLeft(row, today) < 0 ? Red(line) : line);
        }
    }

    private static void WriteOne(RequestRow row, RequestTexts texts, DateOnly today)
    {
        Console.Out.WriteLine($"{row.Reference}\t{row.Kind} by {row.Channel}\treceived {row.ReceivedOn}\t{Standing(row, today)}");
        foreach (var (what, id) in new[] { ("unit", row.AboutUnit), ("list", row.AboutList), ("event", row.AboutEvent) })
        {
            if (id is not null)
                Console.Out.WriteLine($"about {what} {id}");
        }
        if (row.ErasedAt is { } at)
            Console.Out.WriteLine($"Its personal part was erased on {DateTimeOffset.FromUnixTimeMilliseconds(at):yyyy-MM-dd}.");
        foreach (var (heading, text) in new[] { ("Contact", texts.Contact), ("Words", texts.Words), ("Reason of the extension", texts.Extension), ("Answer", texts.Answer) })
        {
            if (text is not null)
                Console.Out.WriteLine($"\n{heading}:\n{RequestText.Printable(text)}");
        }
    }

    private static string Standing(RequestRow row, DateOnly today)
    {
        if (row.ClosedOn is { } closed)
            return $"{row.State}{(row.Ground is { } ground ? $" ({ground})" : "")} on {closed}, {(string.CompareOrdinal(closed, row.DueOn) <= 0 ? "in time" : "late")}";
        var left = DaysLeft(row, today);
        var due = left < 0 ? $"OVERDUE by {-left} days" : left == 0 ? "due today" : $"{left} days left";
        return $"due {row.DueOn}\t{due}{(row.State == "extended" ? ", extended" : "")}";
    }

    private static int DaysLeft(RequestRow row, DateOnly today) =>
        DateOnly.ParseExact(row.DueOn, "yyyy-MM-dd", CultureInfo.InvariantCulture).DayNumber - today.DayNumber;

    // In a file or a pipe the word alone has to do.
    private static string Red(string line) => Console.IsOutputRedirected ? line : $"\e[31m{line}\e[0m";
}
