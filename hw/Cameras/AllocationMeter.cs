namespace EdgeAgent.Hw.Cameras;

/// <summary>
/// Managed bytes that one thread allocates between <see cref="Begin"/> and <see cref="End"/>, added up: what a frame costs the
/// collector. Begun, paused and ended by that thread; read by any.
/// </summary>
public sealed class AllocationMeter
{
    private long _begun;
    private long _bytes;

    public long Bytes => Interlocked.Read(ref _bytes);

    public void Begin() => _begun = GC.GetAllocatedBytesForCurrentThread();

    /// <returns>Bytes since <see cref="Begin"/>, which are now counted.</returns>
    public long End()
    {
        long bytes = GC.GetAllocatedBytesForCurrentThread() - _begun;
        if (bytes != 0)
            Interlocked.Add(ref _bytes, bytes);
        return bytes;
    }
}
