using System.CommandLine;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Cli;

/// <summary>lists entries, lists canary, and alarms: reading entries here is as much in the audit as at the console.</summary>
internal static class EntriesCommand
{
    public static Command Entries()
    {
        var data = CliShared.Data();
        var list = new Option<string>("--list") { Description = "Id of the list.", Required = true };
        var search = new Option<string>("--search") { Description = "Part of an entry's id, plate or case number; two characters or more. '-': from standard input.", Required = true };
        var by = new Option<string>("--by") { Description = "Who reads: a supervisor's or administrator's account.", Required = true };
        var purpose = new Option<string>("--purpose") { Description = "What for; kept in the audit.", Required = true };
        var json = CliShared.AsJson();
        var command = new Command(
            "entries",
            "Searches the entries of a list, at most 20 at a time; the search and each entry shown are in the audit first. "
            + "Example: echo 京A123 | command-centre lists entries --data /var/lib/centre --list stolen --search - --by li --purpose \"case 17\"")
        { data, list, search, by, purpose, json };
        command.Does(parsed =>
        {
            var (listId, asked) = (parsed.GetValue(list)!, parsed.GetValue(search)!);
            var (words, why) = ((asked == "-" ? CliShared.Secret("search") : asked).Trim(), parsed.GetValue(purpose)!.Trim());
            if (EntryReading.Problem(words, why) is { Length: > 0 } problem)
                throw new CentreException($"Nothing is read: {problem.Replace('_', ' ')}.");
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var account = new AccountTable(centre.Database).Find(parsed.GetValue(by)!);
            if (account is not { Role: "supervisor" or "admin" })
                throw new CentreException($"'{parsed.GetValue(by)}' is no supervisor's or administrator's account: nobody else reads entries.");
            var reader = new Reader(account.User, "command_line", why);
            var read = centre.Reading().Search(listId, words, reader) ?? throw new CentreException($"There is no list '{listId}' in force.");
            _ = centre.Database.Write(transaction =>
            {
                read.WriteDown(transaction);
                return 0;
            });
            if (parsed.GetValue(json))
                CliShared.Print(read.Found);
            else
                Tell(read.Found);
        });
        return command;
    }

    public static Command Canary()
    {
        var data = CliShared.Data();
        var list = new Option<string>("--list") { Description = "Id of the list.", Required = true };
        var file = new Option<string>("--file") { Description = "JSON of one entry as in a list's file: entryId, plate and so on. Of a vehicle or person that there is not." };
        var remove = new Option<string>("--remove") { Description = "Entry id of a canary to take away." };
        var by = new Option<string>("--by") { Description = "An administrator's account.", Required = true };
        var command = new Command(
            "canary",
            "Plants an entry that stands on the list here alone and is sent to no car: reading it, or looking up its plate, raises an alarm. "
            + "Example: command-centre lists canary --data /var/lib/centre --list stolen --file canary.json --by wang")
        { data, list, file, remove, by };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var (listId, planting) = (parsed.GetValue(list)!, centre.Planting());
            var admin = planting.RequireAdmin(parsed.GetValue(by)!);
            if (parsed.GetValue(file) is null == parsed.GetValue(remove) is null)
                throw new CentreException("Give --file to plant a canary or --remove to take one away.");
            var kind = centre.Lists.InForce(listId, OpenCentre.Now)?.Kind ?? throw new CentreException($"There is no list '{listId}' in force.");
            _ = centre.Database.Write(transaction =>
            {
                if (parsed.GetValue(remove) is { } gone)
                {
                    if (!planting.Remove(transaction, listId, gone, admin))
                        throw new CentreException($"List '{listId}' has no such canary.");
                    return 0;
                }
                var draft = new ListDraft { ListId = listId, Kind = ListWords.Word(kind), Entries = [ListDraft.ReadEntry(parsed.GetValue(file)!) with { Canary = true }] };
                planting.Plant(transaction, listId, ListBuilder.Canaries(draft), admin);
                return 0;
            });
            Console.Out.WriteLine($"The canaries of {listId} are as you wish; the list that cars hold is not changed.");
        });
        return command;
    }

    public static Command Alarms()
    {
        var data = CliShared.Data();
        var json = CliShared.AsJson();
        var list = new Command(
            "list",
            "Shows who touched a canary, the newest first. "
            + "Example: command-centre alarms list --data /var/lib/centre") { data, json };
        list.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var alarms = new AlarmTable(centre.Database).All();
            if (parsed.GetValue(json))
            {
                CliShared.Print(new { alarms });
                return;
            }
            foreach (var alarm in alarms)
            {
                var state = alarm.AcknowledgedBy is null ? "open" : $"acknowledged by {alarm.AcknowledgedBy}";
                Console.Out.WriteLine($"{DateTimeOffset.FromUnixTimeMilliseconds(alarm.At):u}\t{alarm.Actor}\t{alarm.Way}\t{alarm.ListId} {alarm.CanaryId}\t{state}\t{alarm.Purpose}");
            }
        });
        return new Command("alarms", "Canary entries that somebody touched.") { list };
    }

    private static void Tell(EntriesFound found)
    {
        foreach (var entry in found.Entries)
            Console.Out.WriteLine(string.Join('\t', new[] { entry.EntryId, entry.Plate, entry.PlateClass, entry.VehicleClass, entry.SubjectReference, entry.DisplayName, entry.Note }.Where(text => text.Length > 0)));
        if (found.Entries.Count == 0)
            Console.Out.WriteLine("No entry answers.");
        if (found.More)
            Console.Out.WriteLine("There are more: search more narrowly.");
    }
}
