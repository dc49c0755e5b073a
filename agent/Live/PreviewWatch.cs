using System.Threading.Channels;
using EdgeAgent.Eyes.V1;

namespace EdgeAgent.Agent.Live;

/// <summary>One who looks at the mosaic. Too slow a one misses pictures, the oldest first.</summary>
internal sealed class PreviewWatch(int cameras, Action<PreviewWatch> ended) : IDisposable
{
    private readonly Channel<Preview> pictures = Channel.CreateBounded<Preview>(
        new BoundedChannelOptions(2 * cameras) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    public ChannelReader<Preview> Pictures => pictures.Reader;

    internal void Offer(Preview preview) => _ = pictures.Writer.TryWrite(preview);

    public void Dispose()
    {
        _ = pictures.Writer.TryComplete();
        ended(this);
    }
}
