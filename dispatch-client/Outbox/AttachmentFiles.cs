using System.Buffers.Binary;
using System.Security.Cryptography;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>
/// Sealed files under attachments/, each named by the SHA-256 of its plain content, so that the same content is stored once. A
/// file is a row of segments: length (int32, little endian), sealed bytes of at most <see cref="SegmentBytes"/> plain ones; so a
/// large clip is never whole in memory and an upload resumes in its middle.
/// </summary>
internal sealed class AttachmentFiles
{
    /// <summary>Plain bytes of a segment; the last one may be shorter.</summary>
    public const int SegmentBytes = 64 << 10;

    // Larger than any sealing of a segment could need; a length beyond it is damage.
    private const int MaxSealedBytes = SegmentBytes + 4096;
    private const string Unfinished = ".new";
    private readonly string directory;
    private readonly PayloadSeal seal;
    private readonly long maxBytes;

    public AttachmentFiles(string directory, PayloadSeal seal, long maxBytes)
    {
        this.directory = directory;
        this.seal = seal;
        this.maxBytes = maxBytes;
        Directory.CreateDirectory(directory);
        // Its own name too: a power cut would take a folder that its parent does not know yet, with all that was synced in it.
        DirectorySync.Flush(Path.GetDirectoryName(Path.GetFullPath(directory))!);
    }

    /// <summary>A file on disk, synced, not yet under its name; without a path: only its hash and size are known, there was no room.</summary>
    public sealed record Staged(string? Path, byte[] Sha256, long SizeBytes, long StoredBytes);

    /// <summary>Seals and syncs the content beside its later place. The caller adopts or discards it.</summary>
    /// <exception cref="OutboxException">attachment_too_large.</exception>
    public Staged Stage(AttachmentDraft draft)
    {
        var path = Path.Combine(directory, Guid.NewGuid().ToString("N") + Unfinished);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long size = 0;
        try
        {
            using var content = draft.Open();
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            var segment = new byte[SegmentBytes];
            Span<byte> length = stackalloc byte[sizeof(int)];
            for (int read; (read = content.ReadAtLeast(segment, SegmentBytes, throwOnEndOfStream: false)) > 0;)
            {
                size = Counted(size, read);
                hash.AppendData(segment, 0, read);
                var closed = seal.Seal(segment[..read]);
                BinaryPrimitives.WriteInt32LittleEndian(length, closed.Length);
                file.Write(length);
                file.Write(closed);
            }
            file.Flush(flushToDisk: true);
            return new Staged(path, hash.GetHashAndReset(), size, file.Length);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>What a full disk has no room for: named, not kept.</summary>
    public Staged Measure(AttachmentDraft draft)
    {
        using var content = draft.Open();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long size = 0;
        var segment = new byte[SegmentBytes];
        for (int read; (read = content.ReadAtLeast(segment, SegmentBytes, throwOnEndOfStream: false)) > 0;)
        {
            size = Counted(size, read);
            hash.AppendData(segment, 0, read);
        }
        return new Staged(null, hash.GetHashAndReset(), size, 0);
    }

    /// <summary>Puts a staged file under its name and makes that durable. What is there already is the same content, whole.</summary>
    public void Adopt(Staged staged)
    {
        if (staged.Path is null || Exists(staged.Sha256))
            return;
        File.Move(staged.Path, PathOf(staged.Sha256));
        DirectorySync.Flush(directory);
    }

    public static void Discard(Staged staged)
    {
        if (staged.Path is not null)
            File.Delete(staged.Path);
    }

    public void Delete(ReadOnlySpan<byte> sha256) => File.Delete(PathOf(sha256));

    public bool Exists(ReadOnlySpan<byte> sha256) => File.Exists(PathOf(sha256));

    /// <summary>The plain content from an offset on, in pieces of at most <see cref="SegmentBytes"/>.</summary>
    /// <exception cref="CryptographicException">The file was changed.</exception>
    /// <exception cref="InvalidDataException">The file is cut short or not one of ours.</exception>
    public IEnumerable<ReadOnlyMemory<byte>> Read(byte[] sha256, long offset)
    {
        using var file = new FileStream(PathOf(sha256), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        var length = new byte[sizeof(int)];
        for (long at = 0; ; at += SegmentBytes)
        {
            var read = file.ReadAtLeast(length, length.Length, throwOnEndOfStream: false);
            if (read == 0)
                yield break;
            var closed = read < length.Length ? -1 : BinaryPrimitives.ReadInt32LittleEndian(length);
            if (closed is <= 0 or > MaxSealedBytes || file.Position + closed > file.Length)
                throw new InvalidDataException($"Attachment {Convert.ToHexString(sha256)} is damaged at byte {file.Position}.");
            if (at + SegmentBytes <= offset)
            {
                file.Position += closed;
                continue;
            }
            var bytes = new byte[closed];
            file.ReadExactly(bytes);
            var plain = seal.Open(bytes);
            var skip = (int)Math.Max(0, offset - at);
            if (skip < plain.Length)
                yield return plain.AsMemory(skip);
        }
    }

    /// <summary>Deletes what no row names: left by a cut between file and transaction.</summary>
    public void Sweep(IReadOnlySet<string> known)
    {
        foreach (var path in Directory.EnumerateFiles(directory))
        {
            if (!known.Contains(Path.GetFileName(path)))
                File.Delete(path);
        }
    }

    private long Counted(long size, int read) => size + read <= maxBytes
        ? size + read
        : throw new OutboxException("attachment_too_large", $"An attachment is larger than {maxBytes} bytes.");

    public static string NameOf(ReadOnlySpan<byte> sha256) => Convert.ToHexStringLower(sha256);

    private string PathOf(ReadOnlySpan<byte> sha256) => Path.Combine(directory, NameOf(sha256));
}
