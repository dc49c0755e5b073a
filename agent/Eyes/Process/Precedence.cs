using System.Runtime.InteropServices;

namespace EdgeAgent.Eyes.Process;

/// <summary>How the two threads that look stand to everything else on the machine.</summary>
public enum Precedence
{
    /// <summary>Like every other thread.</summary>
    Even,

    /// <summary>Detection runs as soon as it has a frame, reading before ordinary work.</summary>
    First,
}

/// <summary>
/// Asks the kernel for precedence, for the calling thread alone: threads that it starts do not inherit it. Detection has some ten
/// milliseconds a frame and works in short bursts; behind a dozen threads that decode, send and paint, each burst waits a slice of
/// theirs. Reading gets a nice level only: two real-time threads could take both processors from the officer's page.
/// </summary>
internal static partial class ThreadPrecedence
{
    private const int RoundRobin = 2;
    private const int Other = 0;
    private const int ResetOnFork = 0x40000000;
    private const int OfProcess = 0;
    private const int ReadingNice = -10;

    /// <summary>SCHED_RR, the lowest of its levels.</summary>
    /// <returns>What was not granted, in words; null when it was.</returns>
    public static string? TakeRealTime()
    {
        if (Environment.ProcessorCount < 2)
            return "real-time detection (there is one processor, which the officer's page needs too)";
        return SetScheduler(0, RoundRobin | ResetOnFork, 1) == 0 ? null : "real-time detection (LimitRTPRIO=1 in the unit file allows it)";
    }

    /// <summary>Nice −10.</summary>
    /// <returns>What was not granted, in words; null when it was.</returns>
    public static string? TakeNice() =>
        SetScheduler(0, Other | ResetOnFork, 0) == 0 && SetPriority(OfProcess, 0, ReadingNice) == 0 ? null : "precedence for reading (LimitNICE=-10 in the unit file allows it)";

    // Both mean the calling thread by 0.
    [LibraryImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    private static partial int SetScheduler(int thread, int policy, in int priority);

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static partial int SetPriority(int which, uint who, int nice);
}
