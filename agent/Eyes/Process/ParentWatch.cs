using System.Runtime.InteropServices;

namespace EdgeAgent.Eyes.Process;

/// <summary>Notices that the host died, also where its socket would not tell: an orphan is given another parent.</summary>
internal static partial class ParentWatch
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    /// <summary>Ends when the process that was the parent at the call is gone.</summary>
    public static async Task GoneAsync(TimeProvider time, CancellationToken stop)
    {
        int parent = GetParentProcessId();
        using var timer = new PeriodicTimer(s_period, time);
        while (GetParentProcessId() == parent && await timer.WaitForNextTickAsync(stop))
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParentProcessId();
}
