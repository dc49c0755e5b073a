using System.Runtime.InteropServices;

namespace EdgeAgent.Chaos.Canary;

/// <summary>Lets this process and all that it starts leave cores when they crash, unless they forbid it themselves.</summary>
internal static partial class CoreLimit
{
    private const int RlimitCore = 4;

    /// <exception cref="ScenarioException">The system does not allow any.</exception>
    public static void Raise()
    {
        if (GetLimit(RlimitCore, out Limit limit) != 0 || limit.Most == 0 || SetLimit(RlimitCore, new Limit { Now = limit.Most, Most = limit.Most }) != 0)
            throw new ScenarioException("Core dumps are not allowed on this machine (ulimit -Hc), so nothing can be said about them.");
    }

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, in Limit limit);

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, out Limit limit);

    private struct Limit
    {
        public nuint Now;
        public nuint Most;
    }
}
