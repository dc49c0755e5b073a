namespace EdgeAgent.AuditVerifier;

/// <summary>One record of the chain (audit.proto, AuditRecord), as far as it is verified here.</summary>
internal sealed record Record(ulong Sequence, byte[] Previous, long AtUnixMs, int Kind, DeletionReceipt? Receipt)
{
    public const int Start = 1, Receipts = 20;

    /// <summary>What audit.proto calls the kinds.</summary>
    private static readonly string[] Names =
    [
        "unspecified", "start", "sign_in", "sign_in_refused", "sign_out", "list_loaded", "list_refused", "list_ended", "alert_shown",
        "alert_confirmed", "alert_rejected", "alert_lapsed", "live_view_started", "live_view_ended", "check", "configuration", "ptz", "stop",
        "export", "clip_kept", "deletion_receipt", "deleted", "hold",
    ];

    public static string NameOf(int kind) => kind >= 0 && kind < Names.Length ? Names[kind] : $"kind_{kind}";

    /// <exception cref="FormatException">The bytes are no record.</exception>
    public static Record Parse(ReadOnlySpan<byte> message)
    {
        (ulong sequence, byte[] previous, long at, int kind, DeletionReceipt? receipt) = (0UL, Array.Empty<byte>(), 0L, 0, null as DeletionReceipt);
        var fields = new Fields(message);
        while (fields.TryNext(out Field field))
        {
            switch (field.Number)
            {
                case 1: sequence = field.Value; break;
                case 2: previous = field.Bytes.ToArray(); break;
                case 3: at = (long)field.Value; break;
                case 5: kind = (int)field.Value; break;
                case 12: receipt = DeletionReceipt.Parse(field.Bytes); break;
                default: break;
            }
        }
        return new Record(sequence, previous, at, kind, receipt);
    }
}

/// <summary>What became of the faces, or of the plates, of one minute. Ages in milliseconds.</summary>
internal sealed record Kept(ulong Seen, ulong Matched, ulong Deleted, ulong Held, ulong OldestMs)
{
    public static Kept None { get; } = new(0, 0, 0, 0, 0);

    /// <summary>Nobody comes or goes unaccounted for.</summary>
    public bool Follows(Kept before) => unchecked(before.Held + Seen == Matched + Deleted + Held);

    public static Kept Parse(ReadOnlySpan<byte> message)
    {
        ulong[] values = new ulong[6];
        var fields = new Fields(message);
        while (fields.TryNext(out Field field))
        {
            if (field.Number is > 0 and < 6)
                values[field.Number] = field.Value;
        }
        return new Kept(values[1], values[2], values[3], values[4], values[5]);
    }
}

/// <summary>A minute's account of who was seen: numbers, nobody.</summary>
/// <param name="AssistOldestMs">Of the faces that an officer's Assist keeps for its minute.</param>
internal sealed record DeletionReceipt(Kept Faces, Kept Plates, ulong AssistOldestMs)
{
    public static DeletionReceipt Parse(ReadOnlySpan<byte> message)
    {
        (Kept faces, Kept plates, ulong assist) = (Kept.None, Kept.None, 0UL);
        var fields = new Fields(message);
        while (fields.TryNext(out Field field))
        {
            if (field.Number == 3)
                faces = Kept.Parse(field.Bytes);
            else if (field.Number == 4)
                plates = Kept.Parse(field.Bytes);
            else if (field.Number == 5)
                assist = field.Value;
        }
        return new DeletionReceipt(faces, plates, assist);
    }
}
