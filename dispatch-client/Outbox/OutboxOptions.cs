namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>Where the outbox lies and how much it may hold.</summary>
public sealed record OutboxOptions
{
    /// <summary>Directory of events.db and attachments/; made if missing.</summary>
    public required string Directory { get; init; }

    /// <summary>Most bytes of events and attachments together, as stored. Default 4 GiB, at least 1 MiB.</summary>
    public long MaxBytes { get; init; } = 4L << 30;

    /// <summary>Largest serialised event, bytes. Default and most 1 MiB, the contract's bound.</summary>
    public int MaxEventBytes { get; init; } = 1 << 20;

    /// <summary>Largest attachment, bytes. Default 256 MiB.</summary>
    public long MaxAttachmentBytes { get; init; } = 256L << 20;

    /// <summary>
    /// Bytes of disk held back for the day when something else fills it, in the file "reserve". Default 32 MiB: some thousand
    /// decisions. 1 MiB to 1 GiB; 0 holds nothing back, and decisions then fail on a full disk.
    /// </summary>
    public long ReserveBytes { get; init; } = 32L << 20;

    /// <summary>All faults of these options, empty if none.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(Directory))
            faults.Add("Outbox.Directory is empty.");
        if (MaxBytes < 1 << 20)
            faults.Add($"Outbox.MaxBytes is {MaxBytes}; at least {1 << 20}.");
        if (MaxEventBytes is < 1024 or > 1 << 20)
            faults.Add($"Outbox.MaxEventBytes is {MaxEventBytes}; 1024 to {1 << 20}.");
        if (MaxAttachmentBytes < 1)
            faults.Add($"Outbox.MaxAttachmentBytes is {MaxAttachmentBytes}; at least 1.");
        if (ReserveBytes is not 0 and (< 1 << 20 or > 1 << 30))
            faults.Add($"Outbox.ReserveBytes is {ReserveBytes}; 0, or {1 << 20} to {1 << 30}.");
        return faults;
    }
}
