using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Audit;

/// <summary>Where a chain ends: what an outside witness keeps of it.</summary>
internal sealed record ChainHead(ulong Sequence, byte[] Sha256)
{
    public static ChainHead Empty { get; } = new(0, new byte[SHA256.HashSizeInBytes]);

    public override string ToString() => $"{Sequence}:{Convert.ToHexStringLower(Sha256)}";
}

/// <summary>What a walk over the chain found.</summary>
/// <param name="Code">"" when all is well; else edited, bad_signature, gap, torn_tail, not_a_chain, cut_off, other_history.</param>
/// <param name="AtSequence">The record at which it shows.</param>
/// <param name="EndOfGoodBytes">How far the file is good.</param>
internal sealed record ChainVerdict(ChainHead Head, string Code, ulong AtSequence, string Sentence, long EndOfGoodBytes)
{
    /// <summary>The newest good record's signature.</summary>
    public ByteString LastSignature { get; init; } = ByteString.Empty;

    public bool Whole => Code.Length == 0;
}

/// <summary>Reads and checks a chain of <see cref="AuditEntry"/>, each behind its length as a varint (audit.proto).</summary>
internal static class AuditChain
{
    private const int MaxEntryBytes = 64 * 1024;

    /// <summary>An entry and its length: more than this behind the good part is no power cut's work.</summary>
    public const int MaxFrameBytes = MaxEntryBytes + 5;

    /// <summary>
    /// Walks the whole file. An entry cut short at the very end is a torn tail (a power cut), anything else is tampering or damage.
    /// </summary>
    /// <param name="unit">The unit's certificate; null: hashes only.</param>
    /// <param name="expected">A head that an outside witness holds; the chain must contain it.</param>
    public static ChainVerdict Verify(Stream file, X509Certificate2? unit, ChainHead? expected = null)
    {
        ByteString lastSignature = ByteString.Empty;
        return Walk(file, unit, expected, ref lastSignature) with { LastSignature = lastSignature };
    }

    private static ChainVerdict Walk(Stream file, X509Certificate2? unit, ChainHead? expected, ref ByteString lastSignature)
    {
        using ECDsa? key = unit?.GetECDsaPublicKey();
        ChainHead head = ChainHead.Empty;
        bool witnessed = expected is null || expected.Sequence == 0;
        long good = 0;
        while (true)
        {
            (AuditEntry? entry, string fault) = Next(file);
            ulong here = head.Sequence + 1;
            if (fault.Length > 0)
                return new ChainVerdict(head, fault, here, $"Record {here}, at byte {good}: {Explain(fault)}", good);
            if (entry is null)
                break;
            if (Check(entry, head, key) is { Length: > 0 } wrong)
                return new ChainVerdict(head, wrong, here, $"Record {here}, at byte {good}: {Explain(wrong)}", good);
            head = new ChainHead(here, SHA256.HashData(entry.Record.Span));
            good = file.Position;
            lastSignature = entry.Signature;
            if (expected?.Sequence == here)
            {
                witnessed = head.Sha256.AsSpan().SequenceEqual(expected.Sha256);
                if (!witnessed)
                    return new ChainVerdict(head, "other_history", here, $"Record {here} is not the one that the witness saw.", good);
            }
        }
        return witnessed
            ? new ChainVerdict(head, "", 0, $"{head.Sequence} records, whole.", good)
            : new ChainVerdict(
                head, "cut_off", head.Sequence + 1, $"The chain ends at record {head.Sequence}; the witness saw {expected!.Sequence}.", good);
    }

    /// <summary>Whether a record of this unit stands anywhere behind the damage: then what is damaged was not the last one.</summary>
    /// <param name="tail">From the first record that is not sound to the end of the file.</param>
    public static bool HoldsRecordBehindFirst(byte[] tail, X509Certificate2 unit)
    {
        using ECDsa key = unit.GetECDsaPublicKey()!;
        for (int from = 1; from < tail.Length; from++)
        {
            using var stream = new MemoryStream(tail, from, tail.Length - from, writable: false);
            (AuditEntry? entry, string fault) = Next(stream);
            if (fault.Length == 0 && entry is { Record.IsEmpty: false } && IsSigned(entry, key))
                return true;
        }
        return false;
    }

    public static byte[] Frame(AuditEntry entry)
    {
        using var stream = new MemoryStream();
        entry.WriteDelimitedTo(stream);
        return stream.ToArray();
    }

    private static string Check(AuditEntry entry, ChainHead head, ECDsa? key)
    {
        AuditRecord record;
        try
        {
            record = AuditRecord.Parser.ParseFrom(entry.Record);
        }
        catch (InvalidProtocolBufferException)
        {
            return "edited";
        }
        if (record.Sequence != head.Sequence + 1)
            return "gap";
        if (!record.PreviousSha256.Span.SequenceEqual(head.Sha256))
            return "edited";
        return key is null || IsSigned(entry, key) ? "" : "bad_signature";
    }

    private static bool IsSigned(AuditEntry entry, ECDsa key) => key.VerifyData(
        Envelopes.PreAuthenticationEncoding(Envelopes.AuditType, entry.Record.Span), entry.Signature.Span,
        HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    // (null, "") at the clean end of the file.
    private static (AuditEntry? Entry, string Fault) Next(Stream file)
    {
        long length = 0;
        for (int shift = 0; ; shift += 7)
        {
            int next = file.ReadByte();
            if (next < 0)
                return (null, shift == 0 ? "" : "torn_tail");
            length |= (long)(next & 0x7F) << shift;
            if ((next & 0x80) == 0)
                break;
            if (shift > 28)
                return (null, "not_a_chain");
        }
        if (length is 0 or > MaxEntryBytes)
            return (null, "not_a_chain");
        byte[] bytes = new byte[length];
        if (file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            return (null, "torn_tail");
        try
        {
            return (AuditEntry.Parser.ParseFrom(bytes), "");
        }
        catch (InvalidProtocolBufferException)
        {
            return (null, "not_a_chain");
        }
    }

    private static string Explain(string code) => code switch
    {
        "edited" => "it does not follow from the one before: something here was changed, dropped or put elsewhere.",
        "bad_signature" => "it is not signed by this unit's key.",
        "gap" => "its number is not the next one: records were dropped or put elsewhere.",
        "torn_tail" => "it is cut short: a power cut while it was written, or the end was cut off.",
        _ => "these bytes are no audit record.",
    };
}
