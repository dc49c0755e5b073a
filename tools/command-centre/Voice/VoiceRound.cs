using EdgeAgent.CommandCentre.Gateways;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Voice;

/// <summary>What is spoken at one gateway, to who hears it at another. It goes the way of live pictures, under a name that is no view's.</summary>
internal sealed class VoiceRound
{
    private const string Key = "voice";

    public VoiceRound(Broker broker, Presence presence, VoiceHub hub)
    {
        hub.Said += word =>
        {
            if (presence.IsAccompanied && broker.IsConnected)
                broker.PublishVideo(Key, word.ToByteArray());
        };
        broker.VideoCame += (key, body) =>
        {
            if (key == Key)
                hub.FromElsewhere(VoiceDown.Parser.ParseFrom(body.ToArray()));
        };
        broker.Connected += () => broker.BindVideo(Key, true);
    }
}
