using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Voice;

/// <summary>One page's end of voice.</summary>
/// <param name="isListening">Whether whoever is at it may hear: asked anew with each talk.</param>
internal sealed class VoicePage(Func<bool> isListening)
{
    public VoiceQueue Queue { get; } = new();

    public void Tell(VoiceDown word)
    {
        if (word.BodyCase != VoiceDown.BodyOneofCase.Begin || isListening())
            Queue.Tell(word);
    }
}
