using System.CommandLine;
using EdgeAgent.CommandCentre.LookUps;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;
using Command = System.CommandLine.Command;

namespace EdgeAgent.CommandCentre.Cli;

internal static class RegistryCommand
{
    public static Command Create() => new("registry", "The register behind look-ups, where this centre has one of its own.") { Import(), Show() };

    private static Command Import()
    {
        var data = CliShared.Data();
        var file = new Option<string>("--file") { Description = "The register as JSON: plates and documents.", Required = true };
        var json = CliShared.AsJson();
        var command = new Command(
            "import",
            "Puts this file in the place of the whole register, at once; with a mistake in it nothing changes. "
            + "Example: command-centre registry import --data /var/lib/centre --file registry.json")
        { data, file, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var records = RegistryDraft.Read(parsed.GetValue(file)!);
            var (plates, documents) = (records.Count(r => r.Kind == LookUpKind.Plate), records.Count(r => r.Kind == LookUpKind.Document));
            // First: a register that nobody is known to have put there must not answer.
            _ = centre.Database.Write(transaction =>
            {
                AuditTable.Add(transaction, new AuditRow("command-line", "registry_imported", $"{plates} plates {documents} documents", ""), OpenCentre.Now);
                return 0;
            });
            new SqliteLookUpSource(centre.Folder.Registry, centre.Sealing).Replace(records, OpenCentre.Now);
            if (parsed.GetValue(json))
                CliShared.Print(new { plates, documents });
            else
                Console.Out.WriteLine($"The register holds {plates} plates and {documents} documents. Delete {parsed.GetValue(file)} if it is not needed any more: it is not sealed.");
        });
        return command;
    }

    private static Command Show()
    {
        var data = CliShared.Data();
        var json = CliShared.AsJson();
        var command = new Command("show", "Says how much the register holds and since when. Example: command-centre registry show --data /var/lib/centre") { data, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            if (!File.Exists(centre.Folder.Registry))
                throw new CentreException("This centre has no register: look-ups are answered not_available. 'registry import' gives it one.");
            var (entries, at) = new SqliteLookUpSource(centre.Folder.Registry, centre.Sealing).Facts();
            if (parsed.GetValue(json))
                CliShared.Print(new { entries, filledAtUnixMs = at });
            else
                Console.Out.WriteLine($"{entries} entries, filled {DateTimeOffset.FromUnixTimeMilliseconds(at):yyyy-MM-dd HH:mm} UTC.");
        });
        return command;
    }
}
