using System.Security.Cryptography;
using EdgeAgent.Contract;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Audit;

/// <summary>What is to be written down. Subject and purpose hold ids and reasons, never a plate, a name or a face.</summary>
internal sealed record AuditDraft(AuditKind Kind, string Actor, string SessionId, string Subject, string Purpose)
{
    public const string System = "system";

    /// <summary>SHA-256 of salt and personal details kept beside the chain; empty for none.</summary>
    public byte[] Commitment { get; init; } = [];

    /// <summary>A minute's account of who was seen; with its own kind only.</summary>
    public DeletionReceipt? Receipt { get; init; }
}

/// <summary>
/// The unit's audit chain: one append-only file, each record signed and holding the hash of the one before, synced before
/// <see cref="Append"/> returns. A record that belongs to an event is first committed in the event's own transaction
/// (see <see cref="Ledger"/>) and then written here; one that a crash kept from the file is written when the log is opened next.
/// </summary>
internal sealed partial class AuditLog : IDisposable
{
    // Owned ahead of the end: some thousand records.
    private const long OwnBytes = 1 << 20;

    private readonly Lock gate = new();
    private readonly UnitIdentity unit;
    private readonly TrustedClock clock;
    private readonly FileStream file;
    private ChainHead head;
    private ByteString lastSignature = ByteString.Empty;
    private Exception? broken;

    // Committed with its event while the disk was full; it comes into the file before any other.
    private AuditEntry? owed;

    private AuditLog(FileStream file, ChainHead head, ByteString lastSignature, UnitIdentity unit, TrustedClock clock)
    {
        this.lastSignature = lastSignature;
        this.file = file;
        this.head = head;
        this.unit = unit;
        this.clock = clock;
    }

    /// <summary>Asked when the disk has no room for a record; true when there may be room now. Set once, before the first record.</summary>
    public Func<bool> MakeRoom { get; init; } = () => false;

    public ChainHead Head
    {
        get { lock (gate) return head; }
    }

    /// <summary>The newest record's signature over itself, beside the head.</summary>
    public (ChainHead Head, ByteString Signature) Witness
    {
        get { lock (gate) return (head, lastSignature); }
    }

    /// <summary>
    /// Opens the chain, walking all of it. A last record that is not sound is moved into a file of its own and named: a power cut
    /// may leave any part of what was not synced yet, and that is one record at most. A chain that was changed before its last
    /// record is moved aside whole and named, and a new one begins: the car must go on, and the old heads are at the centre,
    /// which also knows when the last record is not the one that it was told of.
    /// </summary>
    /// <param name="committed">The record that was committed last with its event; it may have been kept from the file by a crash.</param>
    /// <param name="makeRoom">Makes room on the log's disk when it is full, as <see cref="OutboxStore.MakeRoom"/> does; null where nothing can.</param>
    public static AuditLog Open(string folder, UnitIdentity unit, TrustedClock clock, AuditEntry? committed, ILogger log, Func<bool>? makeRoom = null)
    {
        SafeFile.CreateFolder(folder);
        string path = Path.Combine(folder, "audit.log");
        string? setAside = null;
        ChainHead head = ChainHead.Empty;
        ByteString lastSignature = ByteString.Empty;
        if (File.Exists(path))
        {
            ChainVerdict verdict;
            using (FileStream there = File.OpenRead(path))
                verdict = AuditChain.Verify(there, unit.Certificate);
            bool torn = !verdict.Whole && IsOfLastRecord(path, verdict, unit);
            setAside = verdict.Whole ? null : torn ? CutTail(path, verdict) : SetAside(path, verdict);
            if (verdict.Whole || torn)
                (head, lastSignature) = (verdict.Head, verdict.LastSignature);
            if (setAside is not null)
                LogSetAside(log, verdict.Sentence, setAside);
        }
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.Write,
            Share = FileShare.Read,
            UnixCreateMode = SafeFile.OwnerOnly,
            BufferSize = 0, // a buffer would keep what a full disk refused and write it again later
        });
        SafeFile.Allocate(file, file.Seek(0, SeekOrigin.End), OwnBytes);
        SafeFile.SyncFolder(folder);
        var opened = new AuditLog(file, head, lastSignature, unit, clock) { MakeRoom = makeRoom ?? (() => false) };
        if (committed is not null)
            opened.Recover(committed);
        if (setAside is not null)
            _ = opened.Append(new AuditDraft(AuditKind.Start, AuditDraft.System, "", Path.GetFileName(setAside), "chain_set_aside"));
        return opened;
    }

    /// <summary>Writes a record; it is on disk when this returns.</summary>
    /// <exception cref="OutboxException">disk_full; nothing was written.</exception>
    public ChainHead Append(AuditDraft draft)
    {
        lock (gate)
        {
            AuditEntry entry = Make(draft);
            Write(entry);
            return head;
        }
    }

    /// <summary>
    /// Makes the next record, lets the caller commit it durably together with what belongs to it, then writes it. No other record
    /// comes between. When the commit throws, nothing happened. Where the file finds no room after the commit, the record stays owed:
    /// it is durable with its event, and the next record waits for it.
    /// </summary>
    /// <exception cref="OutboxException">disk_full: the record before is still owed; nothing happened.</exception>
    public T AppendWith<T>(AuditDraft draft, Func<AuditEntry, ulong, T> commit)
    {
        lock (gate)
        {
            AuditEntry entry = Make(draft);
            T result = commit(entry, head.Sequence + 1);
            try
            {
                Write(entry);
            }
            catch (OutboxException)
            {
                owed = entry;
            }
            return result;
        }
    }

    private void Recover(AuditEntry committed)
    {
        AuditRecord record = AuditRecord.Parser.ParseFrom(committed.Record);
        if (record.Sequence == head.Sequence + 1 && record.PreviousSha256.Span.SequenceEqual(head.Sha256))
            Write(committed);
    }

    private AuditEntry Make(AuditDraft draft)
    {
        if (broken is not null)
            throw new IOException("The audit log could not be written before; nothing more is recorded until the next start.", broken);
        if (owed is not null)
        {
            Write(owed);
            owed = null;
        }
        var record = new AuditRecord
        {
            Sequence = head.Sequence + 1,
            PreviousSha256 = ByteString.CopyFrom(head.Sha256),
            AtUnixMs = clock.NowUnixMs,
            TimeTrust = clock.Trust,
            Kind = draft.Kind,
            Actor = draft.Actor,
            SessionId = draft.SessionId,
            Subject = draft.Subject,
            Purpose = draft.Purpose,
            Commitment = ByteString.CopyFrom(draft.Commitment),
            UnitId = unit.UnitId,
            Receipt = draft.Receipt,
        };
        byte[] bytes = record.ToByteArray();
        return new AuditEntry
        {
            Record = ByteString.CopyFrom(bytes),
            Signature = ByteString.CopyFrom(unit.Sign(Envelopes.PreAuthenticationEncoding(Envelopes.AuditType, bytes))),
        };
    }

    private void Write(AuditEntry entry)
    {
        byte[] frame = AuditChain.Frame(entry);
        long end = file.Position;
        while (!TryWrite(frame, end))
        {
            if (!MakeRoom())
                throw new OutboxException("disk_full", $"The disk with {file.Name} is full: nothing can be recorded. Delete what does not belong to the car's software from that disk.");
            SafeFile.Allocate(file, end, OwnBytes);
        }
        head = new ChainHead(head.Sequence + 1, SHA256.HashData(entry.Record.Span));
        lastSignature = entry.Signature;
    }

    /// <returns>False when the disk is full; the file ends where it did.</returns>
    private bool TryWrite(byte[] frame, long end)
    {
        try
        {
            file.Write(frame);
            file.Flush(flushToDisk: true);
            return true;
        }
        catch (IOException error) when (SafeFile.IsDiskFull(error))
        {
            CutBack(end);
            return false;
        }
        catch (IOException error)
        {
            // What reached the disk is unknown: only a new walk at the next start can tell.
            broken = error;
            throw;
        }
    }

    private void CutBack(long end)
    {
        try
        {
            file.SetLength(end);
            _ = file.Seek(end, SeekOrigin.Begin);
            file.Flush(flushToDisk: true);
        }
        catch (IOException error)
        {
            broken = error;
            throw;
        }
    }

    private static string SetAside(string path, ChainVerdict verdict)
    {
        string aside = AsideOf(path, "broken", verdict);
        File.Move(path, aside);
        return aside;
    }

    private static bool IsOfLastRecord(string path, ChainVerdict verdict, UnitIdentity unit)
    {
        using FileStream chain = File.OpenRead(path);
        if (chain.Length - verdict.EndOfGoodBytes > AuditChain.MaxFrameBytes)
            return false;
        _ = chain.Seek(verdict.EndOfGoodBytes, SeekOrigin.Begin);
        byte[] tail = new byte[chain.Length - verdict.EndOfGoodBytes];
        chain.ReadExactly(tail);
        return !AuditChain.HoldsRecordBehindFirst(tail, unit.Certificate);
    }

    private static string CutTail(string path, ChainVerdict verdict)
    {
        string aside = AsideOf(path, "torn", verdict);
        using var chain = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        _ = chain.Seek(verdict.EndOfGoodBytes, SeekOrigin.Begin);
        byte[] tail = new byte[chain.Length - verdict.EndOfGoodBytes];
        chain.ReadExactly(tail);
        SafeFile.Replace(aside, tail);
        chain.SetLength(verdict.EndOfGoodBytes);
        chain.Flush(flushToDisk: true);
        return aside;
    }

    private static string AsideOf(string path, string kind, ChainVerdict verdict) =>
        Path.Combine(Path.GetDirectoryName(path)!, $"{kind}-{verdict.AtSequence}-{Guid.NewGuid():n}.log");

    public void Dispose() => file.Dispose();

    [LoggerMessage(4020, LogLevel.Error, "The audit chain was not whole. {Sentence} Moved to {File}.")]
    private static partial void LogSetAside(ILogger log, string sentence, string file);
}
