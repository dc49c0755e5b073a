using System.Data.Common;
using System.Security.Cryptography;
using EdgeAgent.CommandCentre.Attachments;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Exhibits;

/// <summary>Content made at the centre, sealed like what cars send: the file first, then its row, its exhibit and its audit row in one commit.</summary>
internal sealed class ExhibitStore(EvidenceFiles files, EvidenceTable evidence, ExhibitTable exhibits, Sealing sealing, CommitQueue commits, TimeProvider time)
{
    /// <summary>Larger than any clip that a car sends.</summary>
    public const int MostBytes = 80 << 20;

    /// <returns>The exhibit with its hash, on disk.</returns>
    /// <exception cref="CentreException">The same content is being stored at this moment.</exception>
    public async Task<Exhibit> KeepAsync(Exhibit exhibit, ReadOnlyMemory<byte> content, string mediaType, AuditRow audit, Action<DbTransaction>? also = null)
    {
        var kept = exhibit with { Sha256 = SHA256.HashData(content.Span) };
        if (evidence.CompleteSize(kept.Sha256) is null)
            Write(kept, content.Span);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return await commits.CommitAsync(transaction =>
        {
            _ = EvidenceTable.Complete(transaction, kept.Sha256, content.Length, mediaType, kept.UnitId, now);
            exhibits.Add(transaction, kept);
            also?.Invoke(transaction);
            AuditTable.Add(transaction, audit, now);
            return kept;
        });
    }

    /// <summary>The whole content of a finished file.</summary>
    /// <exception cref="CryptographicException">The file was changed.</exception>
    public byte[] Read(byte[] sha256, long sizeBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sizeBytes, MostBytes);
        using var stream = new EvidenceStream(files.PathOf(sha256), sealing, sizeBytes);
        var content = new byte[sizeBytes];
        stream.ReadExactly(content);
        // Sealed blocks prove that nobody changed them; this proves that they are the ones of this name.
        return SHA256.HashData(content).AsSpan().SequenceEqual(sha256) ? content : throw new CryptographicException("The content is not what its name says.");
    }

    public Stream Open(byte[] sha256, long sizeBytes) => new EvidenceStream(files.PathOf(sha256), sealing, sizeBytes);

    private void Write(Exhibit exhibit, ReadOnlySpan<byte> content)
    {
        using var upload = files.TryBegin(exhibit.UnitId, exhibit.Sha256!) ?? throw new CentreException("The same content is being stored already.");
        upload.Append(content[(int)upload.Bytes..]);
        if (!upload.Finish())
            throw new CentreException("The content could not be stored.");
    }
}
