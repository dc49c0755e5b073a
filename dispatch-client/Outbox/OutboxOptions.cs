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
        return faults;
    }
}
