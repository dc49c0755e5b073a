using System.Security.Cryptography;

namespace EdgeAgent.Agent.Hosting;

/// <summary>The code that the process ends with: a faulted service alone would end it with 0.</summary>
internal sealed class ExitCode
{
    /// <summary>EX_SOFTWARE of sysexits.h: an essential stage ended.</summary>
    public const int EssentialStageEnded = 70;

    public int Value { get; set; }
}

/// <summary>
/// Starts the stages of the table, brings optional ones back, ends the process when an essential one ends, and stops them in order.
/// </summary>
internal sealed partial class Supervisor(
    StageTable table, ExitCode exit, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Supervisor> log) : IHostedService
{
    private static readonly TimeSpan CalmAfter = TimeSpan.FromSeconds(30);

    private readonly List<(Stage Stage, CancellationTokenSource Stop, Task Run)> running = [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach ((Stage stage, StagePulse pulse) in table.Rows)
        {
            var stop = new CancellationTokenSource();
            running.Add((stage, stop, Task.Run(() => KeepAsync(stage, pulse, stop.Token), CancellationToken.None)));
        }
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var phase in running.GroupBy(r => r.Stage.Row.StopPhase).OrderBy(g => g.Key))
        {
            foreach (var (_, stop, _) in phase)
                await stop.CancelAsync();
            foreach (var (stage, _, run) in phase)
                await EndAsync(stage, run);
        }
        foreach (var (_, stop, _) in running)
            stop.Dispose();
        running.Clear();
    }

    private async Task EndAsync(Stage stage, Task run)
    {
        try
        {
            await run.WaitAsync(stage.Row.StopDeadline, time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            LogStopLate(log, stage.Row.Name, stage.Row.StopDeadline.TotalSeconds);
        }
    }

    private async Task KeepAsync(Stage stage, StagePulse pulse, CancellationToken stop)
    {
        TimeSpan wait = stage.Row.Restart.First;
        while (!stop.IsCancellationRequested)
        {
            pulse.Starting();
            long started = time.GetTimestamp();
            string why = await RunOnceAsync(stage, pulse, stop);
            if (stop.IsCancellationRequested)
                break;
            if (stage.Row.Criticality == Criticality.Essential)
            {
                pulse.Stopped(why);
                exit.Value = ExitCode.EssentialStageEnded;
                LogEssentialEnded(log, stage.Row.Name, why);
                lifetime.StopApplication();
                return;
            }
            wait = time.GetElapsedTime(started) >= CalmAfter ? stage.Row.Restart.First : wait;
            pulse.Restarted();
            pulse.Degraded(why);
            LogRestart(log, stage.Row.Name, why, wait.TotalSeconds);
            if (!await SleepAsync(wait * (0.5 + RandomNumberGenerator.GetInt32(501) / 1000.0), stop))
                break;
            wait = wait * 2 < stage.Row.Restart.Cap ? wait * 2 : stage.Row.Restart.Cap;
        }
        pulse.Stopped("");
    }

    // A stage's edge: whatever it threw becomes its shown reason, and the table's rule decides.
    private async Task<string> RunOnceAsync(Stage stage, StagePulse pulse, CancellationToken stop)
    {
        try
        {
            await stage.RunAsync(pulse, stop);
            return "ended by itself";
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return "";
        }
        catch (Exception error)
        {
            if (!stop.IsCancellationRequested && error is not StageEndedException)
                LogFault(log, stage.Row.Name, error);
            return error.Message;
        }
    }

    private async Task<bool> SleepAsync(TimeSpan wait, CancellationToken stop)
    {
        try
        {
            await Task.Delay(wait, time, stop);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(4000, LogLevel.Critical, "Stage {Stage} is essential and ended ({Why}); the process ends.")]
    private static partial void LogEssentialEnded(ILogger log, string stage, string why);

    [LoggerMessage(4001, LogLevel.Warning, "Stage {Stage} ended ({Why}); again in {Seconds:0.0} s.")]
    private static partial void LogRestart(ILogger log, string stage, string why, double seconds);

    [LoggerMessage(4002, LogLevel.Error, "Stage {Stage} failed.")]
    private static partial void LogFault(ILogger log, string stage, Exception error);

    [LoggerMessage(4003, LogLevel.Warning, "Stage {Stage} did not end within {Seconds:0} s and is left behind.")]
    private static partial void LogStopLate(ILogger log, string stage, double seconds);
}
