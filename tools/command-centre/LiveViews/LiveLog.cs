namespace EdgeAgent.CommandCentre.LiveViews;

/// <summary>6300-6309.</summary>
internal static partial class LiveLog
{
    [LoggerMessage(6300, LogLevel.Error, "The end of a live view could not be stored ({Error}); the view itself has ended")]
    public static partial void EndNotStored(ILogger log, string error);

    [LoggerMessage(6301, LogLevel.Information, "{Unit} publishes camera {Camera}")]
    public static partial void Published(ILogger log, string unit, string camera);

    [LoggerMessage(6302, LogLevel.Information, "{Unit} publishes camera {Camera} no longer")]
    public static partial void Unpublished(ILogger log, string unit, string camera);
}
