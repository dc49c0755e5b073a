using System.Runtime;

namespace EdgeAgent.Tests.Support;

/// <summary>
/// Managed bytes that a piece of work allocates. A collection that another thread brings about makes the runtime's counter add what is
/// left of this thread's own chunk, some thousand bytes that nobody allocated; so it is measured while there can be none.
/// </summary>
internal static class Allocations
{
    private const long Room = 128 << 20;
    private const int MostTries = 20;

    private static readonly Lock OneAtATime = new();

    /// <param name="work">Warm already; may be done several times.</param>
    public static long Of(Action work)
    {
        lock (OneAtATime)
        {
            for (int i = 0; i < MostTries; i++)
            {
                if (!TryStart())
                    continue;
                long before = GC.GetAllocatedBytesForCurrentThread();
                work();
                long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
                // Others may have used the room up: then there was a collection, and the number says nothing.
                if (GCSettings.LatencyMode != GCLatencyMode.NoGCRegion)
                    continue;
                GC.EndNoGCRegion();
                return bytes;
            }
        }
        throw new InvalidOperationException($"{MostTries} times others allocated {Room} bytes meanwhile.");
    }

    private static bool TryStart()
    {
        try
        {
            return GC.TryStartNoGCRegion(Room);
        }
        catch (InvalidOperationException)
        {
            // That of an earlier try, which the runtime has not quite left.
            try
            {
                GC.EndNoGCRegion();
            }
            catch (InvalidOperationException)
            {
                // It has by now.
            }
            return false;
        }
    }
}
