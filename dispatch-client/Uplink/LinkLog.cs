using Microsoft.Extensions.Logging;

namespace EdgeAgent.DispatchClient.Uplink;

internal static partial class LinkLog
{
    [LoggerMessage(5100, LogLevel.Information, "Link to {Centre} is up: session {Session}, window {Window} events.")]
    public static partial void Up(ILogger logger, Uri centre, string session, int window);

    [LoggerMessage(5101, LogLevel.Warning, "Link is down: {Detail}")]
    public static partial void Down(ILogger logger, string detail);

    [LoggerMessage(5102, LogLevel.Error, "Link is refused: {Detail}")]
    public static partial void Refused(ILogger logger, string detail);

    [LoggerMessage(5103, LogLevel.Warning, "The centre refused event {Event}: {Code}, {Detail}. It is kept and shown.")]
    public static partial void EventRefused(ILogger logger, Guid @event, string code, string detail);

    [LoggerMessage(5104, LogLevel.Error, "Command {Command} could not be taken and was not acknowledged; the centre sends it again in the next session.")]
    public static partial void CommandFailed(ILogger logger, Exception fault, Guid command);

    [LoggerMessage(5105, LogLevel.Warning, "A signed time was not believed: {Why}.")]
    public static partial void TimeNotBelieved(ILogger logger, string why);

    [LoggerMessage(5106, LogLevel.Information, "The centre asked for lane {Lane} {From} to {To} again: {Count} events wait again.")]
    public static partial void Resend(ILogger logger, string lane, ulong from, ulong to, int count);

    [LoggerMessage(5107, LogLevel.Warning, "Attachment {Sha256} was not taken: {Status}, {Detail}.")]
    public static partial void UploadFailed(ILogger logger, string sha256, string status, string detail);

    [LoggerMessage(5108, LogLevel.Information, "Live view {Lease} ended: {Bytes} bytes, {Skipped} fragments skipped, {Reason}.")]
    public static partial void VideoEnded(ILogger logger, string lease, long bytes, long skipped, string reason);
}
