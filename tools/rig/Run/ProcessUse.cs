using System.Globalization;

namespace EdgeAgent.Rig.Run;

/// <summary>What one process has used, from /proc.</summary>
/// <param name="CpuSeconds">Of all its threads, in user and system mode, since its start.</param>
/// <param name="ResidentBytes">VmRSS now: shared libraries count in each process that maps them.</param>
/// <param name="ProportionalBytes">PSS now: what is shared is divided among those who share it; null where the kernel does not tell.</param>
internal sealed record ProcessUse(double CpuSeconds, long ResidentBytes, long? ProportionalBytes)
{
    /// <summary>USER_HZ, which Linux reports to programs as 100 whatever the kernel's own tick is.</summary>
    private const double TicksPerSecond = 100;

    /// <exception cref="BenchException">There is no such process.</exception>
    public static ProcessUse Of(int pid)
    {
        try
        {
            string[] stat = AfterName(File.ReadAllText($"/proc/{pid}/stat"));
            // Fields 14 and 15 of proc(5); the first after the name is the third.
            double cpu = (long.Parse(stat[11], CultureInfo.InvariantCulture) + long.Parse(stat[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
            return new ProcessUse(cpu, Kilobytes($"/proc/{pid}/status", "VmRSS:") ?? 0, Kilobytes($"/proc/{pid}/smaps_rollup", "Pss:"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BenchException($"Process {pid} cannot be measured: {error.Message}");
        }
    }

    /// <summary>The processes that this one started.</summary>
    public static IReadOnlyList<int> ChildrenOf(int pid)
    {
        var children = new List<int>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out int candidate))
                continue;
            try
            {
                if (AfterName(File.ReadAllText($"/proc/{candidate}/stat"))[1] == pid.ToString(CultureInfo.InvariantCulture))
                    children.Add(candidate);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Ended meanwhile.
            }
        }
        return children;
    }

    // The name stands in brackets and may hold anything, also brackets and spaces.
    private static string[] AfterName(string stat) => stat[(stat.LastIndexOf(')') + 2)..].Split(' ');

    private static long? Kilobytes(string file, string name)
    {
        try
        {
            string? line = File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
            return line is null ? null : 1024 * long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
