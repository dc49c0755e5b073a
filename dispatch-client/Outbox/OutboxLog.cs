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
}
