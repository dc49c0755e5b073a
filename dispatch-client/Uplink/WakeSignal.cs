using System.Threading.Channels;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>"Something changed, look again": any number of signals before a look count as one.</summary>
internal sealed class WakeSignal
{
    // Full means that a look is due already: the second signal adds nothing.
    private readonly Channel<bool> pending = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Set() => pending.Writer.TryWrite(true);

    public async ValueTask WaitAsync(CancellationToken cancellationToken) => await pending.Reader.ReadAsync(cancellationToken);
}
