namespace EdgeAgent.CommandCentre.Hosting;

/// <summary>6000-6099.</summary>
internal static partial class CentreLog
{
    [LoggerMessage(6000, LogLevel.Information, "Ready: cars at {Grpc}, console at {Http}")]
    public static partial void Ready(ILogger log, string grpc, string http);

    [LoggerMessage(6001, LogLevel.Information, "Stopped; the database is one file again")]
    public static partial void Stopped(ILogger log);

    [LoggerMessage(6002, LogLevel.Information, "{Unit} was enrolled")]
    public static partial void Enrolled(ILogger log, string unit);

    [LoggerMessage(6003, LogLevel.Warning, "An enrolment with a wrong, used or ended code was refused")]
    public static partial void EnrolmentRefused(ILogger log);

    [LoggerMessage(6004, LogLevel.Error, "Changes of the command line cannot be read ({Error}); trying again")]
    public static partial void WatchFailed(ILogger log, string error);

    [LoggerMessage(6005, LogLevel.Warning, "The console page is not built: {Folder} has no index.html")]
    public static partial void PageMissing(ILogger log, string folder);

    [LoggerMessage(6006, LogLevel.Error, "Housekeeping failed ({Error}); trying again in an hour")]
    public static partial void HousekeepingFailed(ILogger log, string error);

    [LoggerMessage(6040, LogLevel.Error, "A roll-out could not be looked at ({Error}); trying again in ten seconds")]
    public static partial void RolloutFailed(ILogger log, string error);

    [LoggerMessage(6041, LogLevel.Error, "Units that are none any more could not be revoked ({Error}); trying again")]
    public static partial void DecommissionFailed(ILogger log, string error);

    [LoggerMessage(6060, LogLevel.Error, "Calls that nobody acknowledges could not be reported further up ({Error}); trying again at once")]
    public static partial void EscalationFailed(ILogger log, string error);

    [LoggerMessage(6870, LogLevel.Error, "Patrol progress cannot be written ({Error}); trying again")]
    public static partial void PatrolSweepFailed(ILogger log, string error);

    [LoggerMessage(6871, LogLevel.Error, "Containment cannot be followed ({Error}); trying again")]
    public static partial void ContainmentWatchFailed(ILogger log, string error);
}
