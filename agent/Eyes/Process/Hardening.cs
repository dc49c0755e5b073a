using System.Runtime.InteropServices;

namespace EdgeAgent.Eyes.Process;

/// <summary>
/// What this process gives up before it looks at anything: dumps, being read by others of its user, new privileges, and where the
/// system allows it, the swap. (Not PR_SET_PDEATHSIG: the kernel ties it to the parent's thread that forked, and .NET forks on pool
/// threads that come and go, so that it would kill a healthy child. <see cref="ParentWatch"/> does that job.)
/// </summary>
internal static partial class Hardening
{
    private const int SetDumpable = 4;
    private const int SetNoNewPrivileges = 38;
    private const int ResourceCore = 4;
    private const int LockCurrent = 1;
    private const int LockFuture = 2;
    private const int LockOnFault = 4;

    /// <returns>What the system did not grant, in words; empty when all was.</returns>
    /// <exception cref="InvalidOperationException">Core dumps could not be switched off: faces could end up in a file.</exception>
    public static IReadOnlyList<string> Apply()
    {
        var limit = default(ResourceLimit);
        if (SetResourceLimit(ResourceCore, limit) != 0 || ProcessControl(SetDumpable, 0, 0, 0, 0) != 0)
            throw new InvalidOperationException("core dumps cannot be switched off for this process");
        var refused = new List<string>();
        if (ProcessControl(SetNoNewPrivileges, 1, 0, 0, 0) != 0)
            refused.Add("giving up new privileges");
        // On fault: .NET reserves far more address space than it uses, and locking all of it would ask for that memory.
        if (LockAllMemory(LockCurrent | LockFuture | LockOnFault) != 0)
            refused.Add("keeping memory out of swap");
        return refused;
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int ProcessControl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetResourceLimit(int resource, in ResourceLimit limit);

    [LibraryImport("libc", EntryPoint = "mlockall", SetLastError = true)]
    private static partial int LockAllMemory(int flags);

    private struct ResourceLimit
    {
        public nuint Current;
        public nuint Maximum;
    }
}
