using System.CommandLine;
using EdgeAgent.CommandCentre.Backup;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Cli;

/// <summary>A centre into one file, and back.</summary>
internal static class BackupCommand
{
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(1);

    public static Command Backup()
    {
        var data = CliShared.Data();
        var to = new Option<string>("--to") { Description = "The file to write; one of that name is replaced once the new one is whole.", Required = true };
        var json = CliShared.AsJson();
        var command = new Command(
            "backup",
            "Copies the database as of now, evidence, releases and the register into one tar file, while the centre runs. Keys are not in it: copy the folder keys by itself, "
            + "to another place. Example: command-centre backup --data /var/lib/centre --to /mnt/backup/centre.tar")
        { data, to, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var path = Path.GetFullPath(parsed.GetValue(to)!);
            var result = Make(centre, path);
            if (parsed.GetValue(json))
                CliShared.Print(new { path, result.Files, result.Bytes });
            else
                Console.Out.WriteLine($"{path}: {result.Files} files, {result.Bytes} bytes. The keys in {centre.Folder.Keys} are not in it.");
        });
        return command;
    }

    public static Command Restore()
    {
        var data = new Option<string>("--data") { Description = "The data folder to make; it must not be there yet.", Required = true };
        var from = new Option<string>("--from") { Description = "The backup.", Required = true };
        var keys = new Option<string>("--keys") { Description = "A copy of the folder keys of that centre.", Required = true };
        var json = CliShared.AsJson();
        var command = new Command(
            "restore",
            "Makes a data folder of a backup and the keys that were kept apart, after every byte of it was checked. Cars that come back are asked for what is newer than the backup. "
            + "Example: command-centre restore --from centre.tar --keys /media/safe/keys --data /var/lib/centre")
        { data, from, keys, json };
        command.Does(parsed =>
        {
            var target = Path.GetFullPath(parsed.GetValue(data)!);
            var manifest = Bring(Path.GetFullPath(parsed.GetValue(from)!), Path.GetFullPath(parsed.GetValue(keys)!), target);
            if (parsed.GetValue(json))
                CliShared.Print(new { path = target, files = manifest.Files.Count, manifest.MadeAtUnixMs });
            else
                Console.Out.WriteLine($"{target} is as it was at {DateTimeOffset.FromUnixTimeMilliseconds(manifest.MadeAtUnixMs):u}: {manifest.Files.Count} files.");
        });
        return command;
    }

    internal static BackupResult Make(OpenCentre centre, string path)
    {
        var copies = new Dictionary<string, string>(StringComparer.Ordinal);
        // Beside the backup: where that has room, this has; and /tmp may be memory.
        var room = path + ".room";
        _ = Directory.CreateDirectory(room, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            copies["centre.db"] = centre.Database.CopyTo(Path.Combine(room, "centre.db"));
            var marks = CentreDatabase.Open(copies["centre.db"]).Read(BackupMarks.Of);
            if (File.Exists(centre.Folder.Registry))
                copies["registry.db"] = CentreDatabase.CopyFile(centre.Folder.Registry, Path.Combine(room, "registry.db"));
            var result = BackupFile.Write(path, centre.Folder, copies, centre.Sealing, OpenCentre.Now, Progress("backed up"));
            _ = centre.Database.Write(transaction =>
            {
                BackupMarks.Done(transaction, marks, result, OpenCentre.Now);
                return 0;
            });
            return result;
        }
        finally
        {
            Directory.Delete(room, recursive: true);
        }
    }

    internal static BackupManifest Bring(string from, string keys, string target)
    {
        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
            throw new CentreException($"{target} is there already: a restore makes a new folder, it never mixes two centres.");
        if (!File.Exists(from))
            throw new CentreException($"There is no file {from}.");
        if (!File.Exists(Path.Combine(keys, CentreKeys.StorageKeyFile)))
            throw new CentreException($"{keys} holds no {CentreKeys.StorageKeyFile}: it is not a copy of a centre's folder keys.");
        var partial = target.TrimEnd(Path.DirectorySeparatorChar) + ".partial";
        if (Directory.Exists(partial))
            Directory.Delete(partial, recursive: true);
        _ = Directory.CreateDirectory(partial, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            var folder = new DataFolder(partial);
            CopyKeys(keys, folder.Keys);
            using var sealing = CentreKeys.LoadSealing(folder);
            var manifest = BackupFile.Read(from, partial, sealing, Progress("restored"));
            if (Directory.Exists(target))
                Directory.Delete(target);
            Directory.Move(partial, target);
            return manifest;
        }
        catch
        {
            Directory.Delete(partial, recursive: true);
            throw;
        }
    }

    private static void CopyKeys(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            _ = Directory.CreateDirectory(Path.GetDirectoryName(copy)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            PrivateFiles.Write(copy, File.ReadAllBytes(file));
        }
    }

    /// <summary>A line a second on standard error while it takes long.</summary>
    private static Action<int, long> Progress(string done)
    {
        var last = OpenCentre.Time.GetTimestamp();
        return (files, bytes) =>
        {
            if (OpenCentre.Time.GetElapsedTime(last) < TellEvery)
                return;
            last = OpenCentre.Time.GetTimestamp();
            Console.Error.WriteLine($"{done}: {files} files, {bytes >> 20} MiB");
        };
    }
}
