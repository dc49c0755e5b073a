using System.Buffers;
using System.Net.Sockets;
using System.Threading.Channels;

namespace EdgeAgent.Rig.Rtsp;

/// <summary>
/// What waits to go out on one connection: answers and media, in order, one writer. Bounded in bytes: a client that does not
/// read is a client to drop, not memory to fill.
/// </summary>
internal sealed class OutboundQueue(int maxQueuedBytes)
{
    private readonly Channel<(byte[] Buffer, int Length)> items =
        Channel.CreateUnbounded<(byte[], int)>(new UnboundedChannelOptions { SingleReader = true });

    private int queuedBytes;

    /// <summary>Takes the buffer, which must come from the shared pool. False: the client is too slow, or gone.</summary>
    public bool TryWrite(byte[] buffer, int length)
    {
        if (Interlocked.Add(ref queuedBytes, length) <= maxQueuedBytes && items.Writer.TryWrite((buffer, length)))
            return true;
        ArrayPool<byte>.Shared.Return(buffer);
        return false;
    }

    public void Complete() => items.Writer.TryComplete();

    public async Task SendAsync(NetworkStream network, CancellationToken stop)
    {
        await foreach ((byte[] buffer, int length) in items.Reader.ReadAllAsync(stop))
        {
            await network.WriteAsync(buffer.AsMemory(0, length), stop);
            ArrayPool<byte>.Shared.Return(buffer);
            Interlocked.Add(ref queuedBytes, -length);
        }
    }
}
