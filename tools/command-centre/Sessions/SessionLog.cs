namespace EdgeAgent.CommandCentre.Sessions;

/// <summary>6100-6199. Units are named; people, plates and places never.</summary>
internal static partial class SessionLog
{
    [LoggerMessage(6100, LogLevel.Information, "Session of {Unit} began")]
    public static partial void Began(ILogger log, string unit);

    [LoggerMessage(6101, LogLevel.Information, "Session of {Unit} ended")]
    public static partial void Ended(ILogger log, string unit);

    [LoggerMessage(6102, LogLevel.Information, "The line to {Unit} was lost")]
    public static partial void Lost(ILogger log, string unit);

    [LoggerMessage(6103, LogLevel.Error, "Events of {Unit} could not be stored ({Error}): its session ends, it keeps them")]
    public static partial void StoreFailed(ILogger log, string unit, string error);

    [LoggerMessage(6104, LogLevel.Warning, "{Unit} refused a command: {Code}")]
    public static partial void CommandRefused(ILogger log, string unit, string code);

    [LoggerMessage(6105, LogLevel.Warning, "{Unit} is asked for lane {Lane}, numbers {From} to {To}, again")]
    public static partial void Resend(ILogger log, string unit, int lane, long from, long to);
}
