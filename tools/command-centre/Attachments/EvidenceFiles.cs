using System.Collections.Concurrent;
using System.Security.Cryptography;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Attachments;

/// <summary>
/// Evidence by its hash: DATA/evidence/(first two digits)/(hash), sealed. What is still coming lies in DATA/evidence/incoming.
/// </summary>
internal sealed class EvidenceFiles
{
    private readonly string root;
    private readonly string incoming;
    private readonly Sealing sealing;
    private readonly ConcurrentDictionary<string, bool> open = new(StringComparer.Ordinal);

    public EvidenceFiles(DataFolder folder, Sealing sealing)
    {
        (root, this.sealing) = (folder.Evidence, sealing);
        incoming = Path.Combine(root, "incoming");
        PrivateFiles.CreateFolder(incoming);
    }

    public string PathOf(ReadOnlySpan<byte> sha256)
    {
        var name = Convert.ToHexStringLower(sha256);
        return Path.Combine(root, name[..2], name);
    }

    /// <summary>A finished file's content from its start; the caller disposes it.</summary>
    public SealedFile OpenToRead(ReadOnlySpan<byte> sha256) => SealedFile.OpenToRead(PathOf(sha256), sealing);

    public long IncomingBytes(string unitId, byte[] sha256) => SealedFile.WholeBlockBytes(IncomingPath(unitId, sha256));

    /// <summary>Goes on with an upload; null when another one of the same content by this unit is under way.</summary>
    public EvidenceUpload? TryBegin(string unitId, byte[] sha256)
    {
        var path = IncomingPath(unitId, sha256);
        return open.TryAdd(path, true) ? new EvidenceUpload(this, path, sha256, sealing) : null;
    }

    /// <summary>Puts a finished file in its place; on disk when it returns.</summary>
    internal void Keep(string path, byte[] sha256)
    {
        var target = PathOf(sha256);
        var folder = Path.GetDirectoryName(target)!;
        PrivateFiles.CreateFolder(folder);
        File.Move(path, target, overwrite: true);
        FolderSync.Sync(folder);
        FolderSync.Sync(root);
    }

    /// <summary>Deletes a finished file; nothing when it is not there.</summary>
    public void Delete(ReadOnlySpan<byte> sha256)
    {
        var path = PathOf(sha256);
        if (!File.Exists(path))
            return;
        File.Delete(path);
        FolderSync.Sync(Path.GetDirectoryName(path)!);
    }

    /// <summary>Deletes finished files that nothing knows of: what a cut left between a row and its file.</summary>
    public void DeleteUnknown(Func<byte[], bool> isKnown, TimeProvider time)
    {
        // A file that has just been finished gets its row a moment later.
        var before = time.GetUtcNow() - TimeSpan.FromHours(1);
        foreach (var path in Directory.EnumerateDirectories(root).Where(folder => folder != incoming).SelectMany(Directory.EnumerateFiles))
        {
            var name = Path.GetFileName(path);
            if (name.Length == 64 && name.All(char.IsAsciiHexDigit) && File.GetLastWriteTimeUtc(path) < before && !isKnown(Convert.FromHexString(name)))
                File.Delete(path);
        }
    }

    internal void Left(string path) => _ = open.TryRemove(path, out _);

    // One file a unit: what one car has begun, another can neither spoil nor look into.
    private string IncomingPath(string unitId, byte[] sha256) => Path.Combine(incoming, $"{unitId}-{Convert.ToHexStringLower(sha256)}");
}

/// <summary>One upload under way.</summary>
internal sealed class EvidenceUpload : IDisposable
{
    private readonly EvidenceFiles files;
    private readonly string path;
    private readonly byte[] sha256;
    private readonly SealedFile file;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public EvidenceUpload(EvidenceFiles files, string path, byte[] sha256, Sealing sealing)
    {
        (this.files, this.path, this.sha256) = (files, path, sha256);
        try
        {
            file = SealedFile.OpenToAppend(path, sealing);
            if (!TryHashWhatCameBefore())
            {
                // Not one block is sound, so its salt may not be either.
                file.Dispose();
                File.Delete(path);
                file = SealedFile.OpenToAppend(path, sealing);
            }
            Bytes = file.SealedBytes;
        }
        catch
        {
            file?.Dispose();
            files.Left(path);
            throw;
        }
    }

    /// <summary>Content bytes so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>
    /// What came before is hashed again and so checked in passing. A power cut leaves a file its length and takes what was in
    /// it: from the first block that is not sound, the upload begins anew.
    /// </summary>
    /// <returns>False when nothing of the file can be used.</returns>
    private bool TryHashWhatCameBefore()
    {
        try
        {
            while (file.TryReadBlock(out var block))
                hash.AppendData(block.Span);
            return true;
        }
        catch (CryptographicException)
        {
            file.CutAfterSealed();
            return file.SealedBytes > 0;
        }
    }

    public void Append(ReadOnlySpan<byte> content)
    {
        file.Append(content);
        hash.AppendData(content);
        Bytes += content.Length;
    }

    /// <summary>True: the content is what its name says, and durable. False: it is not, and everything of it is gone.</summary>
    public bool Finish()
    {
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(sha256))
        {
            Discard();
            return false;
        }
        file.End();
        files.Keep(path, sha256);
        return true;
    }

    public void Discard() => File.Delete(path);

    public void Dispose()
    {
        file.Dispose();
        hash.Dispose();
        files.Left(path);
    }
}
