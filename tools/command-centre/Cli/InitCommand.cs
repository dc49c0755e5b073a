using System.CommandLine;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Cli;

internal static class InitCommand
{
    public static Command Create()
    {
        var data = CliShared.Data();
        var json = CliShared.AsJson();
        var postgres = new Option<string?>("--postgres")
        {
            Description = "File with the connection string of the PostgreSQL database that keeps the centre's tables; it is kept with the keys.",
        };
        var command = new Command(
            "init",
            "Makes a data folder: database, device CA, list keys, signers. Repeating it changes nothing. "
            + "Example: command-centre init --data /var/lib/centre")
        { data, json, postgres };
        command.Does(parsed =>
        {
            var folder = new DataFolder(parsed.GetValue(data)!);
            var made = CentreKeys.Create(folder, TimeProvider.System);
            if (parsed.GetValue(postgres) is { } file)
                DatabaseChoice.Keep(folder, file);
            _ = CentreDatabase.Of(folder);
            using var authority = DeviceAuthority.Load(folder, TimeProvider.System);
            if (parsed.GetValue(json))
                CliShared.Print(new { data = folder.Path, made, deviceCaFingerprint = authority.FingerprintHex });
            else
                Console.Out.WriteLine(made.Count == 0
                    ? $"{folder.Path} is complete already."
                    : $"{folder.Path} is ready. Made: {string.Join(", ", made)}. Back up its folder keys.");
        });
        return command;
    }
}
