using System.Threading.Channels;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>
/// What one listener is told, in car and centre alike. Telling never waits: a frame is left out for who is two seconds behind, so that the
/// present is heard and not the past; who cannot even be told that somebody begins or ends is hopelessly behind, and the queue ends.
/// </summary>
public sealed class VoiceQueue
{
    private const int MostWaiting = 160, FramesWaiting = 100;

    private readonly Channel<VoiceDown> queue = Channel.CreateBounded<VoiceDown>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    public ChannelReader<VoiceDown> Reader => queue.Reader;

    public void Tell(VoiceDown word)
    {
        ArgumentNullException.ThrowIfNull(word);
        var isLate = word.BodyCase == VoiceDown.BodyOneofCase.Frame && queue.Reader.Count >= FramesWaiting;
        if (!isLate && !queue.Writer.TryWrite(word))
            Close();
    }

    public void Close() => queue.Writer.TryComplete();
}
