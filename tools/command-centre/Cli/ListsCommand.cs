using System.CommandLine;
using Command = System.CommandLine.Command;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Cli;

internal static class ListsCommand
{
    private const long MostEnvelopeBytes = 512L << 20;

    public static Command Create() => new("lists", "Watchlists: issued, taken in signed, revoked, shown.") { Issue(), Import(), Revoke(), Show(), EntriesCommand.Entries(), EntriesCommand.Canary() };

    private static Command Issue()
    {
        var data = CliShared.Data();
        var file = new Option<string>("--file") { Description = "The list as JSON; see tools/command-centre/README.md.", Required = true };
        var by = new Option<string>("--by") { Description = "An administrator's account; needed where entries are canaries." };
        var json = CliShared.AsJson();
        var command = new Command(
            "issue",
            "Signs a list with the bench's keys of the data folder and offers it to the cars. Faces are read from pictures. "
            + "Example: command-centre lists issue --data /var/lib/centre --file stolen.json")
        { data, file, by, json };
        command.Does(parsed =>
        {
            var path = Path.GetFullPath(parsed.GetValue(file)!);
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var draft = ListDraft.Read(path);
            var list = ListBuilder.Build(draft, Path.GetDirectoryName(path)!, OpenCentre.Time);
            var canaries = ListBuilder.Canaries(draft);
            var admin = canaries.Count > 0 ? centre.Planting().RequireAdmin(parsed.GetValue(by) ?? "") : "";
            Action<System.Data.Common.DbTransaction>? plant = canaries.Count == 0
                ? null
                : transaction => centre.Planting().Plant(transaction, draft.ListId, canaries, admin);
            Tell(centre.Issuing().Issue(list, draft.Units, plant), parsed.GetValue(json));
        });
        return command;
    }

    private static Command Import()
    {
        var data = CliShared.Data();
        var envelope = new Option<string>("--envelope") { Description = "A serialised SignedEnvelope of a Watchlist (envelope.proto).", Required = true };
        var delta = new Option<string>("--delta") { Description = "The same for what leads to it from the version before. Default: cars fetch the list whole." };
        var unit = new Option<string[]>("--unit") { Description = "Only for this unit. May be repeated. Default: all." };
        var json = CliShared.AsJson();
        var command = new Command(
            "import",
            "Takes a list that its issuer and approvers signed elsewhere with their own keys. "
            + "Example: command-centre lists import --data /var/lib/centre --envelope order-17.envelope")
        { data, envelope, delta, unit, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var change = parsed.GetValue(delta) is { } path ? ReadEnvelope(path) : null;
            Tell(centre.Issuing().Import(ReadEnvelope(parsed.GetValue(envelope)!), change, parsed.GetValue(unit) ?? []), parsed.GetValue(json));
        });
        return command;
    }

    private static byte[] ReadEnvelope(string path) => new FileInfo(path) is { Exists: true, Length: > MostEnvelopeBytes }
        ? throw new CentreException($"{path} is larger than {MostEnvelopeBytes} bytes.")
        : File.ReadAllBytes(path);

    private static Command Revoke()
    {
        var data = CliShared.Data();
        var list = new Option<string>("--list") { Description = "Id of the list.", Required = true };
        var reason = new Option<string>("--reason") { Description = "Why; sent to the cars and kept.", Required = true };
        var command = new Command(
            "revoke",
            "Takes a list back for good; connected cars drop it within a second. "
            + "Example: command-centre lists revoke --data /var/lib/centre --list stolen --reason \"vehicle found\"")
        { data, list, reason };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            centre.Issuing().Revoke(parsed.GetValue(list)!, parsed.GetValue(reason)!);
            Console.Out.WriteLine($"{parsed.GetValue(list)} is revoked.");
        });
        return command;
    }

    private static Command Show()
    {
        var data = CliShared.Data();
        var json = CliShared.AsJson();
        var command = new Command(
            "show",
            "Shows the newest version of each list, without its entries. "
            + "Example: command-centre lists show --data /var/lib/centre") { data, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            if (parsed.GetValue(json))
            {
                CliShared.Print(new { lists = ConsoleApi.ListView.All(centre.Lists, centre.Registers) });
                return;
            }
            var now = OpenCentre.Now;
            var registers = centre.Registers.All();
            foreach (var list in centre.Lists.All())
            {
                var state = list.RevokedAt is not null ? $"revoked: {list.RevokeReason}" : list.ValidTo <= now ? "ended" : "offered";
                var (kind, category) = (ListWords.Word((ListKind)list.Kind), ListWords.Word((ListCategory)list.Category));
                Console.Out.WriteLine($"{list.ListId} v{list.Version}\t{kind}, {category}\t{list.Entries + (registers.GetValueOrDefault(list.ListId)?.Count ?? 0)} entries\t{state}");
            }
        });
        return command;
    }

    private static void Tell(IssuedList issued, bool json)
    {
        if (json)
            CliShared.Print(issued);
        else
        {
            var end = DateTimeOffset.FromUnixTimeMilliseconds(issued.ValidToUnixMs);
            Console.Out.WriteLine($"List {issued.ListId} version {issued.Version} with {issued.Entries} entries is offered until {end:yyyy-MM-dd HH:mm} UTC.");
            if (issued.DeltaBytes > 0)
                Console.Out.WriteLine($"Cars with version {issued.Version - 1} fetch {issued.DeltaBytes} bytes instead of {issued.SizeBytes}.");
        }
    }
}
