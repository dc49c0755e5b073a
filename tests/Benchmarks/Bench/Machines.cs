using System.Runtime.InteropServices;

namespace EdgeAgent.Benchmarks.Bench;

/// <summary>What a figure was taken on.</summary>
internal static class Machines
{
    public static string Describe()
    {
        string model = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[^1].Trim() ?? ""
            : "";
        return $"{model} {RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}, {Environment.ProcessorCount} cores, .NET {Environment.Version}".TrimStart();
    }
}
