using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>An event about to be appended.</summary>
/// <param name="Lane">Whose numbers it takes.</param>
/// <param name="Priority">When it leaves.</param>
/// <param name="OfficerId">On duty at capture, "" if none.</param>
/// <param name="CapturedAtUnixMs">When it happened, by the trusted clock.</param>
/// <param name="Trust">How far to believe that clock.</param>
/// <param name="Fill">Sets the body; id, lane, number, times and attachments are set before it is called.</param>
/// <param name="Attachments">Files to follow the event.</param>
public sealed record EventDraft(
    Lane Lane,
    Priority Priority,
    string OfficerId,
    long CapturedAtUnixMs,
    TimeTrust Trust,
    Action<Event> Fill,
    IReadOnlyList<AttachmentDraft>? Attachments = null);

/// <summary>A file to follow an event.</summary>
/// <param name="Role">What it shows.</param>
/// <param name="MediaType">image/jpeg, video/mp4, audio/ogg.</param>
/// <param name="Open">Opens the content, which is sealed while it is copied; called again when a full disk broke that off.</param>
public sealed record AttachmentDraft(AttachmentRole Role, string MediaType, Func<Stream> Open)
{
    /// <summary>From bytes at hand, which must not change until the append has returned.</summary>
    public static AttachmentDraft OfBytes(AttachmentRole role, string mediaType, byte[] content) =>
        new(role, mediaType, () => new MemoryStream(content, writable: false));

    /// <summary>From a file, which stays the caller's.</summary>
    public static AttachmentDraft OfFile(AttachmentRole role, string mediaType, string path) =>
        new(role, mediaType, () => File.OpenRead(path));
}
