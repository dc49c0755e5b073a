namespace EdgeAgent.AuditVerifier;

/// <summary>Adds up what the records say: how many of each kind, and whether the deletion receipts balance.</summary>
/// <param name="mostFaceMs">No face of nobody's list may have been held for longer.</param>
/// <param name="mostPlateMs">The same for plates.</param>
internal sealed class Account(ulong mostFaceMs, ulong mostPlateMs)
{
    /// <summary>A face that an officer's Assist keeps has a minute.</summary>
    public const ulong MostAssistMs = 60_000;

    private Kept faces = Kept.None, plates = Kept.None;

    public SortedDictionary<string, long> Kinds { get; } = new(StringComparer.Ordinal);

    public long FirstUnixMs { get; private set; }

    public long LastUnixMs { get; private set; }

    public long Receipts { get; private set; }

    /// <summary>Of all receipts together; Held is the newest one's, OldestMs the greatest of all.</summary>
    public Kept Faces { get; private set; } = Kept.None;

    public Kept Plates { get; private set; } = Kept.None;

    public ulong AssistOldestMs { get; private set; }

    /// <summary>Numbers of records whose receipt does not follow from the one before.</summary>
    public List<ulong> Unbalanced { get; } = [];

    /// <summary>Numbers of records whose receipt shows somebody held for too long.</summary>
    public List<ulong> KeptTooLong { get; } = [];

    public bool IsInOrder => Unbalanced.Count == 0 && KeptTooLong.Count == 0;

    public void Add(Record record)
    {
        string kind = Record.NameOf(record.Kind);
        Kinds[kind] = Kinds.GetValueOrDefault(kind) + 1;
        if (FirstUnixMs == 0)
            FirstUnixMs = record.AtUnixMs;
        LastUnixMs = record.AtUnixMs;
        // Memory does not outlive the process.
        if (record.Kind == Record.Start)
            (faces, plates) = (Kept.None, Kept.None);
        if (record.Receipt is { } receipt)
            Add(record.Sequence, receipt);
    }

    private void Add(ulong sequence, DeletionReceipt receipt)
    {
        Receipts++;
        if (!receipt.Faces.Follows(faces) || !receipt.Plates.Follows(plates))
            Unbalanced.Add(sequence);
        if (receipt.Faces.OldestMs > mostFaceMs || receipt.Plates.OldestMs > mostPlateMs || receipt.AssistOldestMs > MostAssistMs)
            KeptTooLong.Add(sequence);
        (faces, plates) = (receipt.Faces, receipt.Plates);
        AssistOldestMs = Math.Max(AssistOldestMs, receipt.AssistOldestMs);
        (Faces, Plates) = (Sum(Faces, faces), Sum(Plates, plates));
    }

    private static Kept Sum(Kept all, Kept one) => new(
        all.Seen + one.Seen, all.Matched + one.Matched, all.Deleted + one.Deleted, one.Held, Math.Max(all.OldestMs, one.OldestMs));
}
