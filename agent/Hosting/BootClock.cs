namespace EdgeAgent.Agent.Hosting;

/// <summary>Time since this machine was switched on, and which switching-on it was.</summary>
/// <param name="BootId">Differs with every start of the machine.</param>
/// <param name="ElapsedMs">Milliseconds since then; nothing that sets a wall clock touches it.</param>
internal sealed record BootClock(string BootId, Func<long> ElapsedMs)
{
    public static BootClock OfThisMachine() => new(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), Posix.MsSinceBoot);
}
