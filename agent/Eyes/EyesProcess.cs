using EdgeAgent.Eyes.Link;
using EdgeAgent.Eyes.Process;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Vision.Inference;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace EdgeAgent.Eyes;

/// <summary>
/// The process that looks: reads cameras, finds and reads faces and plates, and tells the host what it saw. It is given a socket and
/// nothing else; it holds no key, no list and no officer, and may be killed at any instant.
/// </summary>
public static partial class EyesProcess
{
    private const int Done = 0;
    private const int HostGone = 3;
    private const int CannotStart = 4;

    /// <summary>Runs until the host says stop, is gone, or <paramref name="stop"/> is cancelled.</summary>
    /// <param name="socketPath">The host's Unix socket.</param>
    /// <param name="provider">What the networks are to run on; where that cannot be had, the CPU.</param>
    /// <param name="precedence">How its threads stand to others; where that is not granted, even.</param>
    /// <param name="stop">From the process's own signals.</param>
    /// <returns>The process's exit code: 0 told to stop, 3 the host is gone, 4 could not start.</returns>
    public static async Task<int> RunAsync(string socketPath, ExecutionProvider provider, Precedence precedence, CancellationToken stop)
    {
        using var loggers = LoggerFactory.Create(logging => logging
            .AddSimpleConsole(o => o.SingleLine = true)
            .AddFilter<ConsoleLoggerProvider>("Grpc", LogLevel.Critical)
            .SetMinimumLevel(LogLevel.Information));
        var logger = loggers.CreateLogger("EdgeAgent.Eyes.EyesProcess");
        foreach (string refused in Hardening.Apply())
            LogNotGranted(logger, refused);
        try
        {
            var execution = new Execution(provider, (wanted, why) => LogFellBack(logger, wanted, why));
            using var session = new EyesSession(
                ModelStore.Open(execution: execution), TimeProvider.System, loggers,
                Asking(ThreadPrecedence.TakeRealTime), Asking(ThreadPrecedence.TakeNice));
            using var channel = HostSocket.Open(socketPath, TimeProvider.System);
            using var orphaned = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var parent = ParentWatch.GoneAsync(TimeProvider.System, orphaned.Token);
            var running = session.RunAsync(new EyesLink.EyesLinkClient(channel), orphaned.Token);
            bool parentGone = await Task.WhenAny(running, parent) == parent;
            await orphaned.CancelAsync();
            bool told = await running;
            return told && !parentGone ? Done : HostGone;
        }
        catch (ModelException e)
        {
            LogCannotStart(logger, e.Message);
            return CannotStart;
        }

        Action? Asking(Func<string?> ask) => precedence == Precedence.Even ? null : () =>
        {
            if (ask() is { } refused)
                LogNotGranted(logger, refused);
        };
    }

    [LoggerMessage(3020, LogLevel.Information, "This system does not grant {What}; going on without")]
    private static partial void LogNotGranted(ILogger logger, string what);

    [LoggerMessage(3022, LogLevel.Warning, "Vision.ExecutionProvider {Wanted} cannot be had, the networks run on the CPU: {Why}")]
    private static partial void LogFellBack(ILogger logger, ExecutionProvider wanted, string why);

    [LoggerMessage(3021, LogLevel.Critical, "Cannot start: {Detail}")]
    private static partial void LogCannotStart(ILogger logger, string detail);
}
