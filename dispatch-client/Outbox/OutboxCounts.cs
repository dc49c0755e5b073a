using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>How full the outbox is, at one instant.</summary>
/// <param name="Pending">Events not yet acknowledged, those under way included.</param>
/// <param name="Acknowledged">Delivered, kept until the centre's watermark passes them.</param>
/// <param name="Refused">Parked: the centre will not take them as they are.</param>
/// <param name="AttachmentsPending">Attachments not yet delivered.</param>
/// <param name="Bytes">Of events and attachments, as stored.</param>
/// <param name="Dropped">Events deleted before they could be sent, since this outbox was made; each stands in a tombstone.</param>
/// <param name="OldestPendingAppendedUnixMs">When the longest-waiting event was appended, null if none waits.</param>
/// <param name="DiskFullSinceUnixMs">Since when the disk has been full, null while there is room.</param>
/// <param name="NotTaken">Drafts of trail, health and evidence that were not taken because the disk was full, since this start.</param>
public sealed record OutboxCounts(
    long Pending,
    long Acknowledged,
    long Refused,
    long AttachmentsPending,
    long Bytes,
    long Dropped,
    long? OldestPendingAppendedUnixMs,
    long? DiskFullSinceUnixMs,
    long NotTaken)
{
    /// <summary>Events and attachments that the centre does not have yet.</summary>
    public long Waiting => Pending + AttachmentsPending;
}

/// <summary>An event that the centre refused.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="Lane">Its lane.</param>
/// <param name="Number">Its number in the lane.</param>
/// <param name="CapturedAtUnixMs">When it happened.</param>
/// <param name="Code">The centre's code.</param>
/// <param name="Detail">The centre's sentence.</param>
public sealed record RefusedEvent(Guid Id, Lane Lane, ulong Number, long CapturedAtUnixMs, string Code, string Detail);
