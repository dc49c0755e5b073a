using Microsoft.Extensions.Logging.Console;

namespace EdgeAgent.Agent.Hosting;

internal static class HostLogging
{
    /// <summary>One line an entry on standard error; the frameworks only when something is wrong.</summary>
    public static ILoggingBuilder AddHostLogging(this ILoggingBuilder logging)
    {
        _ = logging.ClearProviders().SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Error)
            // What ends a start is said in one line by CommandLine.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
            .AddSimpleConsole(o =>
            {
                o.SingleLine = true;
                o.UseUtcTimestamp = true;
                o.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
                o.ColorBehavior = LoggerColorBehavior.Disabled;
            });
        _ = logging.Services.Configure<ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
        return logging;
    }
}
