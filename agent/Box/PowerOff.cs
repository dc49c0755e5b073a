using EdgeAgent.Agent.Hosting;
using EdgeAgent.Hw.Programs;

namespace EdgeAgent.Agent.Box;

/// <summary>
/// The box's own switching-off: the host ends as always (cameras, vision, facts, audit, link), and then, or when its budget is nearly
/// used up, the command runs. What had not ended by then is no worse off than in a power cut, which loses nothing.
/// </summary>
internal sealed partial class PowerOff(PowerOptions options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<PowerOff> log)
{
    // As a program that was asked to end: whoever watches must not count this as a crash of a version on trial (AppLauncher).
    private const int AskedToEnd = 128 + 15;

    /// <summary>EX_OSERR of sysexits.h: the command did not switch the box off.</summary>
    public const int CommandFailed = 71;

    private readonly TaskCompletionSource<long> begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string reason = "";

    /// <summary>A part of the budget is the command's own.</summary>
    private TimeSpan CommandShare => TimeSpan.FromSeconds(Math.Min(5, options.BudgetSeconds / 2));

    /// <summary>Why the box switches itself off; "" while it does not.</summary>
    public string Reason => Volatile.Read(ref reason);

    public void Begin(string why)
    {
        Volatile.Write(ref reason, why);
        if (!begun.TrySetResult(time.GetTimestamp()))
            return;
        LogGoing(log, why);
        lifetime.StopApplication();
    }

    /// <summary>Waits for the host's end, at most as long as the budget allows once the switching-off has begun, and switches off.</summary>
    /// <param name="running">The host, until it has ended and given everything back.</param>
    /// <param name="exit">The code to end with where the box stays on.</param>
    public async Task<int> EndAsync(Task running, ExitCode exit)
    {
        Task overdue = OverdueAsync();
        _ = await Task.WhenAny(running, overdue);
        if (!begun.Task.IsCompletedSuccessfully)
        {
            await running;
            return exit.Value;
        }
        if (!running.IsCompletedSuccessfully)
            Console.Error.WriteLine($"Not everything ended well within {options.Budget - CommandShare}; the box is switched off nevertheless. {running.Exception?.InnerException?.Message}");
        return await CommandAsync();
    }

    private async Task OverdueAsync()
    {
        TimeSpan left = options.Budget - CommandShare - time.GetElapsedTime(await begun.Task);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, time);
    }

    private async Task<int> CommandAsync()
    {
        ProgramAnswer answer = await SystemProgram.RunAsync(options.Command[0], [.. options.Command.Skip(1)], CommandShare, time, CancellationToken.None);
        if (answer.IsGood)
            return AskedToEnd;
        Console.Error.WriteLine($"The box was not switched off: {string.Join(' ', options.Command)}: {(answer.Fault.Length > 0 ? answer.Fault : $"ended with {answer.ExitCode} {answer.FirstError}")}");
        return CommandFailed;
    }

    [LoggerMessage(4320, LogLevel.Warning, "The box switches itself off: {Reason}")]
    private static partial void LogGoing(ILogger log, string reason);
}
