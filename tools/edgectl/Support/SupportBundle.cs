using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace EdgeAgent.Edgectl.Support;

/// <summary>Why a file is not in the bundle.</summary>
/// <param name="Why">Kinds of <see cref="SecretKinds"/>, or "not_available".</param>
/// <param name="Sentence">To the last, what a person can do; "" where something was found.</param>
internal sealed record LeftOutFile(string Name, IReadOnlyCollection<string> Why, string Sentence);

internal sealed record BundledFile(string Name, long Bytes, string Sha256);

/// <param name="LinesLeftOut">By file and kind: lines of logs in which something was found.</param>
internal sealed record BundleManifest(
    int Format, string? UnitId, long MadeAtUnixMs, string Edgectl, IReadOnlyList<BundledFile> Files, IReadOnlyList<LeftOutFile> LeftOut,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> LinesLeftOut);

/// <summary>Collects files, looks through each before it is taken, and writes them as one .tar.gz with a manifest of hashes.</summary>
internal sealed class SupportBundle(SecretScan scan, TimeProvider time)
{
    public const string ManifestName = "manifest.json";

    private readonly List<(string Name, byte[] Content)> files = [];
    private readonly List<LeftOutFile> leftOut = [];
    private readonly SortedDictionary<string, IReadOnlyDictionary<string, int>> lines = [];

    /// <summary>Takes a file if nothing is found in it; what could not be made is left out with its sentence.</summary>
    public async Task AddAsync(string name, Func<Task<byte[]>> make)
    {
        try
        {
            byte[] content = await make();
            IReadOnlySet<string> found = scan.Find(content);
            if (found.Count == 0)
                files.Add((name, content));
            else
                leftOut.Add(new LeftOutFile(name, found, ""));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or Microsoft.Data.Sqlite.SqliteException)
        {
            // The sentence may quote what was read.
            bool clean = scan.Find(System.Text.Encoding.UTF8.GetBytes(error.Message)).Count == 0;
            leftOut.Add(new LeftOutFile(name, ["not_available"], clean ? error.Message : ""));
        }
    }

    public void CountLines(string name, IReadOnlyDictionary<string, int> kinds)
    {
        if (kinds.Count > 0)
            lines[name] = kinds;
    }

    /// <summary>Writes the bundle, readable by its owner alone; it is there whole or not at all.</summary>
    /// <exception cref="IOException">It could not be written, or something was found in the manifest itself.</exception>
    public BundleManifest Write(string path, string? unitId)
    {
        var manifest = new BundleManifest(
            1, unitId, time.GetUtcNow().ToUnixTimeMilliseconds(), BundleSources.Version,
            [.. files.Select(f => new BundledFile(f.Name, f.Content.Length, Convert.ToHexStringLower(SHA256.HashData(f.Content))))], leftOut, lines);
        byte[] said = BundleSources.Json(manifest);
        if (new SecretScan([.. manifest.Files.Select(f => f.Sha256), unitId ?? "-"]).Find(said) is { Count: > 0 } found)
            throw new IOException($"The bundle's manifest would hold {string.Join(", ", found)}: nothing was written.");
        string beside = path + ".new";
        File.Delete(beside);
        using (var file = new FileStream(beside, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            using (var packed = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true))
            using (var tar = new TarWriter(packed, TarEntryFormat.Ustar, leaveOpen: true))
            {
                foreach ((string name, byte[] content) in files.Prepend((ManifestName, said)))
                    tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content), ModificationTime = time.GetUtcNow() });
            }
            file.Flush(flushToDisk: true);
        }
        File.Move(beside, path, overwrite: true);
        return manifest;
    }
}
