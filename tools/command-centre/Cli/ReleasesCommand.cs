using System.CommandLine;
using EdgeAgent.CommandCentre.Releases;
using EdgeAgent.CommandCentre.Storage;
using Command = System.CommandLine.Command;

namespace EdgeAgent.CommandCentre.Cli;

internal static class ReleasesCommand
{
    public static Command Create() => new("releases", "Software for cars: taken in, offered, shown.") { Add(), Offer(), Show() };

    private static Command Add()
    {
        var data = CliShared.Data();
        var file = new Option<string>("--file") { Description = "The bundle.", Required = true };
        var version = new Option<string>("--version") { Description = "Its version, such as 1.4.0.", Required = true };
        var json = CliShared.AsJson();
        var command = new Command(
            "add",
            "Takes a bundle in; nothing is offered yet. "
            + "Example: command-centre releases add --data /var/lib/centre --file edge-1.4.0.raucb --version 1.4.0")
        { data, file, version, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var name = CliShared.RequireId(parsed.GetValue(version)!, "a version");
            var added = new ReleaseStore(centre.Folder, centre.Database).Add(parsed.GetValue(file)!, name, "command-line", OpenCentre.Now);
            if (parsed.GetValue(json))
                CliShared.Print(View(added));
            else
                Console.Out.WriteLine($"Release {name} is here: {added.SizeBytes} bytes, SHA-256 {Convert.ToHexStringLower(added.Sha256)}.");
        });
        return command;
    }

    private static Command Offer()
    {
        var data = CliShared.Data();
        var version = new Option<string>("--version") { Description = "Which one.", Required = true };
        var unit = new Option<string[]>("--unit") { Description = "To this unit. May be repeated.", Required = true };
        var required = new Option<bool>("--required") { Description = "The car should not go on for long without it." };
        var command = new Command(
            "offer",
            "Offers a release to units, in place of what was offered to them before; they fetch it when their link has nothing better to do. "
            + "Example: command-centre releases offer --data /var/lib/centre --version 1.4.0 --unit PB-0001 --unit PB-0002")
        { data, version, unit, required };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var (name, units) = (parsed.GetValue(version)!, parsed.GetValue(unit)!.Distinct(StringComparer.Ordinal).ToList());
            _ = centre.Database.Write(transaction =>
            {
                ReleaseStore.Offer(transaction, centre.Commands, name, units, parsed.GetValue(required), "command-line", OpenCentre.Time);
                return 0;
            });
            Console.Out.WriteLine($"Release {name} is offered to {string.Join(", ", units)}.");
        });
        return command;
    }

    private static Command Show()
    {
        var data = CliShared.Data();
        var json = CliShared.AsJson();
        var command = new Command(
            "show",
            "Shows the releases that were taken in. "
            + "Example: command-centre releases show --data /var/lib/centre") { data, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var all = new ReleaseStore(centre.Folder, centre.Database).All();
            if (parsed.GetValue(json))
            {
                CliShared.Print(new { releases = all.Select(View) });
                return;
            }
            if (all.Count == 0)
                Console.Out.WriteLine("No release was taken in yet. 'releases add' takes one in.");
            foreach (var release in all)
                Console.Out.WriteLine($"{release.Version}\t{release.SizeBytes} bytes\toffered to {release.Units} units");
        });
        return command;
    }

    private static object View(ReleaseRow release) => new
    {
        release.Version,
        release.SizeBytes,
        sha256 = Convert.ToHexStringLower(release.Sha256),
        addedAtUnixMs = release.AddedAt,
        release.Units,
    };
}
