namespace EdgeAgent.Agent.Hosting;

/// <summary>
/// Whether this process's memory, which holds keys, faces and plates, may be written to a swap device. The unit file forbids it
/// (MemorySwapMax=0); started by hand, or by another supervisor, it should at least be known.
/// </summary>
internal static partial class SwapWatch
{
    /// <summary>Says so in one line; nothing where there is no swap or none of it is for us.</summary>
    public static void Look(ILogger log, string root = "/")
    {
        if (MayBeSwapped(root))
            LogSwap(log);
    }

    public static bool MayBeSwapped(string root)
    {
        string[] devices = Lines(Path.Combine(root, "proc/swaps"));
        if (devices.Length <= 1)
            return false;
        // cgroup v2: "0::/path".
        string group = Lines(Path.Combine(root, "proc/self/cgroup")).FirstOrDefault(l => l.StartsWith("0::", StringComparison.Ordinal))?[3..].Trim('/') ?? "";
        return Lines(Path.Combine(root, "sys/fs/cgroup", group, "memory.swap.max")) is not ["0"];
    }

    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    [LoggerMessage(4019, LogLevel.Warning, "This machine has swap that the car's memory may be written to: use the unit file (MemorySwapMax=0) or switch swap off.")]
    private static partial void LogSwap(ILogger log);
}
