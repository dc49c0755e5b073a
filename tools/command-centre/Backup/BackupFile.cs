using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Backup;

/// <summary>What is in a backup: each file with its hash. Its own authenticity is an HMAC under the centre's storage key.</summary>
internal sealed record BackupManifest(int Format, long MadeAtUnixMs, IReadOnlyList<BackupEntry> Files);

internal sealed record BackupEntry(string Path, long SizeBytes, string Sha256);

internal sealed record BackupResult(int Files, long Bytes);

/// <summary>
/// A centre as one tar file: the database as of one moment, evidence, releases and the register, never the keys. What is personal in
/// it is sealed as it is in the data folder, so the file is worth nothing without the keys, which are kept apart.
/// </summary>
internal static class BackupFile
{
    private const int Format = 1;
    private const string ManifestName = "manifest.json", MacName = "manifest.mac", MacPurpose = "backup manifest";

    // Small: where a manifest is longer than this it is no manifest of ours.
    private const long MostManifestBytes = 1L << 30;

    /// <summary>Writes the file beside its place, synced, then moves it there: a name that stands is a whole backup.</summary>
    /// <param name="copies">Files that were copied for this backup, by their path in it; the rest is taken from the data folder.</param>
    public static BackupResult Write(string path, DataFolder folder, IReadOnlyDictionary<string, string> copies, Sealing sealing, long nowUnixMs, Action<int, long> told)
    {
        var partial = path + ".partial";
        var entries = new List<BackupEntry>();
        using (var file = new FileStream(partial, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            using (var tar = new TarWriter(file, TarEntryFormat.Pax, leaveOpen: true))
            {
                foreach (var (name, source) in copies.Concat(Immutable(folder)))
                {
                    // Retention may have taken an evidence file since it was listed.
                    if (Add(tar, name, source) is not { } entry)
                        continue;
                    entries.Add(entry);
                    told(entries.Count, file.Position);
                }
                var manifest = JsonSerializer.SerializeToUtf8Bytes(new BackupManifest(Format, nowUnixMs, entries));
                AddBytes(tar, ManifestName, manifest);
                AddBytes(tar, MacName, sealing.Mac(MacPurpose, manifest));
            }
            file.Flush(flushToDisk: true);
        }
        File.Move(partial, path, overwrite: true);
        FolderSync.Sync(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return new BackupResult(entries.Count, new FileInfo(path).Length);
    }

    /// <summary>Unpacks a backup into an empty folder and holds every byte against its manifest.</summary>
    /// <exception cref="CentreException">Not a whole backup of the centre whose keys these are.</exception>
    public static BackupManifest Read(string path, string target, Sealing sealing, Action<int, long> told)
    {
        var found = new Dictionary<string, BackupEntry>(StringComparer.Ordinal);
        byte[]? manifest = null, mac = null;
        try
        {
            using var file = File.OpenRead(path);
            using var tar = new TarReader(file);
            while (tar.GetNextEntry() is { } entry)
            {
                if (entry.EntryType is not TarEntryType.RegularFile)
                    throw new CentreException($"{path} holds '{entry.Name}', which is no plain file: no backup of ours.");
                if (entry.Name is ManifestName or MacName)
                {
                    var content = Small(entry);
                    (manifest, mac) = entry.Name == ManifestName ? (content, mac) : (manifest, content);
                    continue;
                }
                found[entry.Name] = Extract(entry, target, path);
                told(found.Count, file.Position);
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new CentreException($"{path} is cut off or no tar file ({e.Message}).", e);
        }
        return Checked(path, found, manifest, mac, sealing);
    }

    private static BackupManifest Checked(string path, Dictionary<string, BackupEntry> found, byte[]? manifest, byte[]? mac, Sealing sealing)
    {
        if (manifest is null || mac is null)
            throw new CentreException($"{path} has no manifest: it was not finished, or is no backup.");
        if (!CryptographicOperations.FixedTimeEquals(mac, sealing.Mac(MacPurpose, manifest)))
            throw new CentreException($"{path} was changed, or is the backup of a centre with other keys.");
        var told = JsonSerializer.Deserialize<BackupManifest>(manifest)!;
        if (told.Format != Format)
            throw new CentreException($"{path} is of format {told.Format}, this program knows {Format}. Use the newer program.");
        foreach (var entry in told.Files)
        {
            if (!found.Remove(entry.Path, out var there) || there != entry)
                throw new CentreException($"{path}: '{entry.Path}' is missing or was changed. Nothing was restored.");
        }
        return found.Count == 0 ? told : throw new CentreException($"{path} holds '{found.Keys.First()}', of which its manifest does not know.");
    }

    /// <summary>Files that are named by their content and never change.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Immutable(DataFolder folder) =>
        new[] { folder.Evidence, folder.Releases }.Where(Directory.Exists)
            .SelectMany(kept => Directory.EnumerateFiles(kept, "*", SearchOption.AllDirectories))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}incoming", StringComparison.Ordinal))
            .Select(file => KeyValuePair.Create(Path.GetRelativePath(folder.Path, file).Replace(Path.DirectorySeparatorChar, '/'), file));

    private static BackupEntry? Add(TarWriter tar, string name, string source)
    {
        FileStream content;
        try
        {
            content = File.OpenRead(source);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        using (content)
        {
            // The hash first: the same bytes are read twice, and a disk that answers differently is found out when they are restored.
            var (hash, size) = (Convert.ToHexStringLower(SHA256.HashData(content)), content.Length);
            content.Position = 0;
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
            return new BackupEntry(name, size, hash);
        }
    }

    private static void AddBytes(TarWriter tar, string name, byte[] content)
    {
        using var stream = new MemoryStream(content);
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = stream, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
    }

    private static byte[] Small(TarEntry entry)
    {
        if (entry.Length > MostManifestBytes)
            throw new InvalidDataException("the manifest is too long");
        var content = new byte[entry.Length];
        entry.DataStream?.ReadExactly(content);
        return content;
    }

    private static BackupEntry Extract(TarEntry entry, string target, string path)
    {
        var to = Path.GetFullPath(Path.Combine(target, entry.Name));
        // A name that climbs out of the folder is an attack, not a file.
        if (!to.StartsWith(Path.GetFullPath(target) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new CentreException($"{path} holds '{entry.Name}', which lies outside of it.");
        _ = Directory.CreateDirectory(Path.GetDirectoryName(to)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var written = new FileStream(to, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        entry.DataStream?.CopyTo(written);
        written.Flush(flushToDisk: true);
        written.Position = 0;
        return new BackupEntry(entry.Name, written.Length, Convert.ToHexStringLower(SHA256.HashData(written)));
    }
}
