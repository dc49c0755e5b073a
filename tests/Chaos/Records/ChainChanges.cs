using System.Security.Cryptography;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Chaos.Records;

/// <summary>Every way to change a chain. None of them leaves it as it was.</summary>
/// <param name="chain">The file.</param>
/// <param name="elsewhere">Another chain that the same unit signed, of as many records.</param>
/// <param name="own">The unit itself, for one who has its key.</param>
/// <param name="other">Another unit.</param>
internal sealed class ChainChanges(byte[] chain, byte[] elsewhere, UnitIdentity own, UnitIdentity other)
{
    private readonly byte[][] records = Split(chain);
    private readonly byte[][] strangers = Split(elsewhere);

    public (string Kind, byte[] Changed) Make(Random random, int turn)
    {
        (string Kind, Func<Random, byte[]> Change)[] ways =
        [
            ("bit", Bit), ("bytes", Bytes), ("bytes_inserted", BytesInserted), ("bytes_removed", BytesRemoved), ("cut_at_byte", CutAtByte),
            ("cut_at_record", CutAtRecord), ("dropped", Dropped), ("repeated", Repeated), ("swapped", Swapped), ("reordered", Reordered),
            ("field_edited", r => Rewritten(r, own, resign: false, from: r.Next(records.Length), to: 1)),
            ("field_edited_hashes_mended", r => Rewritten(r, own, resign: false, from: r.Next(records.Length - 1), to: records.Length)),
            ("signed_by_another_unit", r => Rewritten(r, other, resign: true, from: r.Next(records.Length), to: records.Length)),
            ("signed_again_by_this_unit", r => Rewritten(r, own, resign: true, from: r.Next(records.Length), to: records.Length)),
            ("signed_again_and_shorter", r => [.. Rewritten(r, own, resign: true, from: r.Next(records.Length / 2), to: records.Length - 1)]),
            ("other_chain", _ => elsewhere), ("tail_of_other_chain", TailOfOther), ("record_of_other_chain", RecordOfOther), ("emptied", _ => []),
        ];
        var (kind, change) = ways[turn % ways.Length];
        while (true)
        {
            byte[] changed = change(random);
            if (!changed.AsSpan().SequenceEqual(chain))
                return (kind, changed);
        }
    }

    private byte[] Bit(Random random)
    {
        byte[] changed = [.. chain];
        changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
        return changed;
    }

    private byte[] Bytes(Random random)
    {
        byte[] changed = [.. chain];
        int at = random.Next(changed.Length);
        random.NextBytes(changed.AsSpan(at, Math.Min(random.Next(1, 200), changed.Length - at)));
        return changed;
    }

    private byte[] BytesInserted(Random random)
    {
        byte[] inserted = new byte[random.Next(1, 100)];
        random.NextBytes(inserted);
        int at = random.Next(chain.Length + 1);
        // At the very end it may look like a record cut short: which the car cuts off, and the verifier calls a torn tail.
        return [.. chain[..at], .. inserted, .. chain[at..]];
    }

    private byte[] BytesRemoved(Random random)
    {
        int at = random.Next(chain.Length), count = Math.Min(random.Next(1, 200), chain.Length - at);
        return [.. chain[..at], .. chain[(at + count)..]];
    }

    private byte[] CutAtByte(Random random) => chain[..random.Next(chain.Length)];

    private byte[] CutAtRecord(Random random) => Join(records[..random.Next(records.Length)]);

    private byte[] Dropped(Random random)
    {
        int at = random.Next(records.Length), count = random.Next(1, Math.Min(5, records.Length - at) + 1);
        return Join([.. records[..at], .. records[(at + count)..]]);
    }

    private byte[] Repeated(Random random)
    {
        int which = random.Next(records.Length), at = random.Next(records.Length + 1);
        return Join([.. records[..at], records[which], .. records[at..]]);
    }

    private byte[] Swapped(Random random)
    {
        byte[][] changed = [.. records];
        (int a, int b) = (random.Next(changed.Length), random.Next(changed.Length));
        (changed[a], changed[b]) = (changed[b], changed[a]);
        return Join(changed);
    }

    private byte[] Reordered(Random random)
    {
        byte[][] changed = [.. records];
        random.Shuffle(changed);
        return Join(changed);
    }

    private byte[] TailOfOther(Random random)
    {
        int at = random.Next(records.Length);
        return Join([.. records[..at], .. strangers[at..]]);
    }

    private byte[] RecordOfOther(Random random)
    {
        byte[][] changed = [.. records];
        int at = random.Next(changed.Length);
        changed[at] = strangers[at];
        return Join(changed);
    }

    /// <summary>A purpose is changed in a record, and the hashes behind it are made to fit, with or without new signatures.</summary>
    private byte[] Rewritten(Random random, UnitIdentity signer, bool resign, int from, int to)
    {
        byte[][] changed = [.. records];
        byte[]? before = from == 0 ? null : SHA256.HashData(EntryOf(changed[from - 1]).Record.Span);
        for (int i = from; i < Math.Max(to, from + 1); i++)
        {
            AuditEntry entry = EntryOf(changed[i]);
            AuditRecord record = AuditRecord.Parser.ParseFrom(entry.Record);
            if (i == from)
                record.Purpose = $"rewritten {random.Next()}";
            if (before is not null && to > 1)
                record.PreviousSha256 = ByteString.CopyFrom(before);
            entry.Record = record.ToByteString();
            if (resign)
                entry.Signature = ByteString.CopyFrom(signer.Sign(Envelopes.PreAuthenticationEncoding(Envelopes.AuditType, entry.Record.Span)));
            before = SHA256.HashData(entry.Record.Span);
            changed[i] = AuditChain.Frame(entry);
        }
        return Join(changed[..(to > 1 ? Math.Max(to, from + 1) : changed.Length)]);
    }

    private static AuditEntry EntryOf(byte[] frame)
    {
        using var stream = new MemoryStream(frame);
        return AuditEntry.Parser.ParseDelimitedFrom(stream);
    }

    private static byte[] Join(IEnumerable<byte[]> frames) => [.. frames.SelectMany(f => f)];

    private static byte[][] Split(byte[] file)
    {
        var frames = new List<byte[]>();
        using var stream = new MemoryStream(file);
        while (stream.Position < stream.Length)
        {
            long from = stream.Position;
            _ = AuditEntry.Parser.ParseDelimitedFrom(stream);
            frames.Add(file[(int)from..(int)stream.Position]);
        }
        return [.. frames];
    }
}
