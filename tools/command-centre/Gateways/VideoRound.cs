using System.Collections.Concurrent;
using EdgeAgent.CommandCentre.LiveViews;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Gateways;

/// <summary>
/// Live pictures of a car on one gateway for a screen on another. The car's gateway passes on what comes while others live; a gateway
/// takes what somebody there watches. With each key picture goes what a player has to know first, so that a screen may join at any.
/// </summary>
internal sealed class VideoRound
{
    private readonly Broker broker;
    private readonly Presence presence;
    private readonly LiveLeases leases;
    private readonly ConcurrentDictionary<string, byte[]> inits = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> watched = new(StringComparer.Ordinal);

    public VideoRound(Broker broker, Presence presence, LiveLeases leases)
    {
        (this.broker, this.presence, this.leases) = (broker, presence, leases);
        leases.Uploads.AudienceChanged += Watch;
        leases.Uploads.FragmentCame += PassOn;
        broker.VideoCame += Take;
        broker.Connected += () =>
        {
            foreach (var key in watched.Keys)
                broker.BindVideo(key, true);
        };
    }

    private void Watch(string view, bool any)
    {
        if (any)
            watched[view] = true;
        else
            _ = watched.TryRemove(view, out _);
        if (!any)
            _ = inits.TryRemove(view, out _);
        broker.BindVideo(view, any);
    }

    private void PassOn(string view, LiveFormat format, ReadOnlyMemory<byte> init, VideoFragment fragment)
    {
        if (!presence.IsAccompanied || !broker.IsConnected)
            return;
        if (fragment.Key)
            broker.PublishVideo(view, new VideoChunk { Start = new VideoStart { Mime = format.Mime, InitSegment = ByteString.CopyFrom(init.Span) } }.ToByteArray());
        broker.PublishVideo(view, new VideoChunk { Fragment = fragment }.ToByteArray());
    }

    private void Take(string view, ReadOnlyMemory<byte> body)
    {
        if (!watched.ContainsKey(view) || leases.Uploads.FanOutOf(view) is not { } fanOut)
            return;
        var chunk = VideoChunk.Parser.ParseFrom(body.ToArray());
        if (chunk.Fragment is { } fragment)
            fanOut.Add(fragment, fromElsewhere: true);
        else if (chunk.Start is { } start && !(inits.TryGetValue(view, out var known) && known.AsSpan().SequenceEqual(start.InitSegment.Span)))
        {
            inits[view] = start.InitSegment.ToByteArray();
            var (width, height) = InitSegment.Size(start.InitSegment.Span);
            fanOut.Start(new LiveFormat(start.Mime, width, height), start.InitSegment.Memory);
        }
    }
}
