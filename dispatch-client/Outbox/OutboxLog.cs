using Microsoft.Extensions.Logging;

namespace EdgeAgent.DispatchClient.Outbox;

internal static partial class OutboxLog
{
    [LoggerMessage(5000, LogLevel.Error, "The outbox was damaged ({Fault}) and lies in {Quarantine} now; a new one was begun. What was not delivered before is only there.")]
    public static partial void Quarantined(ILogger logger, string fault, string quarantine);

    [LoggerMessage(5001, LogLevel.Warning, "Outbox over its budget: {Events} undelivered events of low priority were dropped; tombstones stand for them.")]
    public static partial void Dropped(ILogger logger, int events);

    [LoggerMessage(5002, LogLevel.Error, "Event {Number} of lane {Lane} cannot be opened any more and was parked.")]
    public static partial void Unreadable(ILogger logger, ulong number, string lane);

    [LoggerMessage(5003, LogLevel.Error, "The file of an attachment is missing or damaged ({Sha256}); it was parked.")]
    public static partial void AttachmentLost(ILogger logger, string sha256);

    [LoggerMessage(5004, LogLevel.Error, "The disk with {Directory} is full: trail, health and evidence are not taken until {MebiBytes} MiB are free there; decisions and calls are.")]
    public static partial void DiskFull(ILogger logger, string directory, long mebiBytes);

    [LoggerMessage(5005, LogLevel.Warning, "The disk has room again after {Seconds:0} s; {NotTaken} drafts of trail, health and evidence were not taken meanwhile.")]
    public static partial void DiskHasRoom(ILogger logger, double seconds, long notTaken);

    [LoggerMessage(5006, LogLevel.Error, "An attachment of an event that had to be taken found no room on the full disk ({Sha256}); it was parked.")]
    public static partial void AttachmentWithoutRoom(ILogger logger, string sha256);
}
