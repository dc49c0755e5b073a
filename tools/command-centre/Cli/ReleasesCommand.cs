using System.CommandLine;
using EdgeAgent.CommandCentre.Releases;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Command = System.CommandLine.Command;

namespace EdgeAgent.CommandCentre.Cli;

internal static class ReleasesCommand
{
    public static Command Create() => new("releases", "Software for cars: taken in, offered, shown.") { Add(), Offer(), Show() };

    private static Command Add()
    {
        var data = CliShared.Data();
        var file = new Option<string>("--file") { Description = "The bundle.", Required = true };
        var version = new Option<string?>("--version") { Description = "Its version, such as 1.4.0. Default: what the bundle says of itself." };
        var json = CliShared.AsJson();
        var command = new Command(
            "add",
            "Takes a bundle in; nothing is offered yet. "
            + "Example: command-centre releases add --data /var/lib/centre --file edge-agent_1.4.0_amd64.bundle")
        { data, file, version, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var name = CliShared.RequireId(NameOf(parsed.GetValue(file)!, parsed.GetValue(version)), "a version");
            var added = new ReleaseStore(centre.Folder, centre.Database).Add(parsed.GetValue(file)!, name, "command-line", OpenCentre.Now);
            if (parsed.GetValue(json))
                CliShared.Print(View(added));
            else
                Console.Out.WriteLine($"Release {name} is here: {added.SizeBytes} bytes, SHA-256 {Convert.ToHexStringLower(added.Sha256)}.");
        });
        return command;
    }

    // A car says by its bundle's own name what it runs: under another one it would never be found to run it.
    private static string NameOf(string file, string? given)
    {
        using var bundle = File.OpenRead(file);
        var own = BundleHead.VersionIn(bundle);
        return (own, given) switch
        {
            (null, null) => throw new CentreException($"{file} is no bundle of the agent and does not say its version: give --version."),
            (null, _) => given,
            (_, null) => own,
            _ => own == given ? own : throw new CentreException($"{file} is version {own}, not {given}: leave --version out."),
        };
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
