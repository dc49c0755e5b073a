using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EdgeAgent.AuditVerifier;

/// <summary>A place in a chain that somebody outside wrote down: the number of a record and its hash.</summary>
internal sealed record Head(ulong Sequence, byte[] Sha256)
{
    public override string ToString() => $"{Sequence}:{Convert.ToHexStringLower(Sha256)}";

    /// <returns>Null when it is not SEQUENCE:HEX.</returns>
    public static Head? Parse(string text)
    {
        string[] parts = text.Split(':');
        return parts.Length == 2 && ulong.TryParse(parts[0], out ulong sequence) && sequence > 0 && parts[1].Length == 64 && parts[1].All(char.IsAsciiHexDigit)
            ? new Head(sequence, Convert.FromHexString(parts[1]))
            : null;
    }
}

/// <summary>What the walk found.</summary>
/// <param name="Code">"" when whole; else edited, bad_signature, gap, torn_tail, not_a_chain, cut_off, other_history.</param>
/// <param name="AtRecord">The first wrong record; 0 when whole.</param>
/// <param name="AtByte">Where it begins.</param>
internal sealed record Finding(string Code, ulong AtRecord, long AtByte, Head End)
{
    public bool IsWhole => Code.Length == 0;
}

/// <summary>
/// Walks a chain: entries (audit.proto, AuditEntry), each behind its length as a varint. An entry's hash is SHA-256 over its record's bytes;
/// each record names the hash of the one before; each is signed (ES256) over DSSE's encoding of those bytes.
/// </summary>
internal sealed class Chain(IReadOnlyList<X509Certificate2> unit, IReadOnlyCollection<Head> heads, Action<Record> seen)
{
    private const int MostEntryBytes = 64 * 1024;
    private const string PayloadType = "application/vnd.patrol.audit.v1";

    private readonly List<ECDsa> keys = [.. unit.Select(c => c.GetECDsaPublicKey() ?? throw new FormatException($"{c.Subject} has no EC key"))];

    public Finding Verify(Stream file)
    {
        var end = new Head(0, new byte[SHA256.HashSizeInBytes]);
        long good = 0;
        while (true)
        {
            ulong number = end.Sequence + 1;
            byte[] entry;
            try
            {
                if (Next(file) is not { } next)
                    break;
                entry = next;
            }
            catch (FormatException e)
            {
                return new Finding(e.Message == Torn ? "torn_tail" : "not_a_chain", number, good, end);
            }
            if (Check(entry, end, out byte[] hash) is { Length: > 0 } wrong)
                return new Finding(wrong, number, good, end);
            end = new Head(number, hash);
            if (heads.Any(h => h.Sequence == number && !h.Sha256.AsSpan().SequenceEqual(hash)))
                return new Finding("other_history", number, good, end);
            good = file.Position;
        }
        return heads.Any(h => h.Sequence > end.Sequence) ? new Finding("cut_off", end.Sequence + 1, good, end) : new Finding("", 0, good, end);
    }

    private const string Torn = "cut short";

    /// <returns>Null at the clean end.</returns>
    private static byte[]? Next(Stream file)
    {
        long length = 0;
        for (int shift = 0; ; shift += 7)
        {
            int next = file.ReadByte();
            if (next < 0)
                return shift == 0 ? null : throw new FormatException(Torn);
            length |= (long)(next & 0x7F) << shift;
            if ((next & 0x80) == 0)
                break;
            if (shift > 28)
                throw new FormatException("a length that does not end");
        }
        if (length is 0 or > MostEntryBytes)
            throw new FormatException("an entry of impossible length");
        byte[] entry = new byte[length];
        return file.ReadAtLeast(entry, entry.Length, throwOnEndOfStream: false) == entry.Length ? entry : throw new FormatException(Torn);
    }

    private string Check(byte[] entry, Head before, out byte[] hash)
    {
        hash = [];
        try
        {
            ReadOnlySpan<byte> body = [], signature = [];
            var fields = new Fields(entry);
            while (fields.TryNext(out Field field))
            {
                if (field.Number == 1)
                    body = field.Bytes;
                else if (field.Number == 2)
                    signature = field.Bytes;
            }
            Record record = Record.Parse(body);
            if (record.Sequence != before.Sequence + 1)
                return "gap";
            if (!record.Previous.AsSpan().SequenceEqual(before.Sha256))
                return "edited";
            if (!IsSigned(body, signature))
                return "bad_signature";
            hash = SHA256.HashData(body);
            seen(record);
            return "";
        }
        catch (FormatException)
        {
            return "edited";
        }
    }

    // DSSE, github.com/secure-systems-lab/dsse: "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body.
    private bool IsSigned(ReadOnlySpan<byte> body, ReadOnlySpan<byte> signature)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes($"DSSEv1 {PayloadType.Length} {PayloadType} {body.Length} "), .. body];
        foreach (ECDsa key in keys)
        {
            if (key.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
                return true;
        }
        return false;
    }
}
