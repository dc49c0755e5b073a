using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Hw;

/// <summary>What one packet costs on its way, and which pictures come out of it.</summary>
public sealed class SteadyStreamTests : IDisposable
{
    private const int FrameMs = 40;
    private readonly string _folder = Directory.CreateTempSubdirectory("edgeagent-steady").FullName;
    private readonly FramePool _pool = new();

    public void Dispose()
    {
        Assert.Equal(0, _pool.Outstanding);
        _pool.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Reading_keeping_decoding_and_handing_out_allocate_nothing()
    {
        using var ring = new PacketRing(new PacketRingOptions(Seconds: 1));
        using var source = new FrameSource("cam", _pool, frame => frame.Dispose(), null, new AllocationMeter());
        source.Analysis.Fps = 25;
        source.Analysis.StillFps = 20;
        source.Analysis.MaxWidth = 160;
        string clip = Clips.Numbered(_folder, "steady.mp4", 320, 180, 100, Clips.H264);
        // The first rounds fill ring and pools, and run before the code is compiled with all its optimisations, some time later.
        var rounds = new List<long>();
        do
            rounds.Add(Allocated(rounds.Count));
        while (rounds[^1] != 0 && rounds.Count < 100);
        Assert.True(rounds[^1] == 0, $"bytes of 75 packets, round by round: {string.Join(' ', rounds)}");
        Assert.True(source.Decoded >= 99);

        long Allocated(int round)
        {
            long bytes = 0, before = 0;
            int packets = 0;
            Feed(clip, firstMs: 4000 * round, (in packet) =>
            {
                ((IPacketSink)ring).OnPacket(packet);
                source.OnPacket(packet);
                // A connection's first packets open its decoder.
                if (++packets > 25)
                    bytes += GC.GetAllocatedBytesForCurrentThread() - before;
                before = GC.GetAllocatedBytesForCurrentThread();
            });
            return bytes;
        }
    }

    [Fact]
    public void Of_key_frames_alone_each_gives_its_picture_at_once()
    {
        var seen = new List<(long MonoMs, int Number)>();
        using var source = new FrameSource("cam", _pool, Keep, null, new AllocationMeter(), Decoding.KeyFrames);
        source.Analysis.Fps = 25;
        source.Analysis.MaxWidth = 320;
        string clip = Clips.Numbered(_folder, "keys.mp4", 320, 180, 100, Clips.H264WithReordering);
        var keys = new List<(long MonoMs, int Number)>();
        Feed(clip, firstMs: 0, (in packet) =>
        {
            source.OnPacket(packet);
            if (packet.Key)
                keys.Add((packet.CapturedMonoMs, NumberOf(packet)));
            Assert.Equal(keys, seen);
        });
        Assert.InRange(keys.Count, 4, 10);

        void Keep(Frame frame)
        {
            using (frame)
                seen.Add((frame.CapturedMonoMs, NumberedPicture.NumberIn(frame.View)));
        }
    }

    [Fact]
    public void Decoded_all_along_the_last_pictures_are_shown_without_decoding_and_older_ones_from_the_ring()
    {
        using var ring = new PacketRing(new PacketRingOptions());
        using var history = new PictureHistory();
        using var source = new FrameSource("cam", _pool, null, null, new AllocationMeter(), Decoding.All, history);
        using var decoder = new RingDecoder(ring, history);
        string clip = Clips.Numbered(_folder, "all.mp4", 320, 180, 100, Clips.H264);
        Feed(clip, firstMs: 5000, (in packet) =>
        {
            ((IPacketSink)ring).OnPacket(packet);
            source.OnPacket(packet);
        });
        long newest = 5000 + 99 * FrameMs;
        for (long ago = 0; ago <= 300; ago += 30)
        {
            Assert.True(decoder.TryShow(newest - ago, 120));
            Assert.InRange(Math.Abs(decoder.CapturedMonoMs - (newest - ago)), 0, 120);
            AssertShown(decoder);
        }
        Assert.InRange(decoder.PicturesDecoded, 0, 10);
        Assert.True(decoder.TryShow(5000 + 30 * FrameMs, 0));
        Assert.Equal(5000 + 30 * FrameMs, decoder.CapturedMonoMs);
        AssertShown(decoder);
        history.Clear();
        long decoded = decoder.PicturesDecoded;
        Assert.True(decoder.TryShow(newest, 0));
        Assert.True(decoder.PicturesDecoded > decoded);
        AssertShown(decoder);
    }

    [Fact]
    public void A_frame_of_an_earlier_lease_neither_shows_nor_returns_the_next_ones_picture()
    {
        var first = _pool.TryRent(32, 32)!.Value;
        first.Dispose();
        using var second = _pool.TryRent(32, 32)!.Value;
        Assert.Throws<ObjectDisposedException>(() => _ = first.Width);
        Assert.Throws<ObjectDisposedException>(() => first.Mark(default));
        first.Dispose();
        Assert.Equal(1, _pool.Outstanding);
        Assert.Equal(32, second.Width);
        Assert.Throws<ObjectDisposedException>(() => _ = default(Frame).Height);
        default(Frame).Dispose();
    }

    private static unsafe int NumberOf(in StreamPacket packet) =>
        (int)Math.Round(packet.Format.ToMilliseconds(packet.Packet.Pointer->pts) / FrameMs);

    private void AssertShown(RingDecoder decoder)
    {
        using var cut = decoder.Cut(0, 0, 320, 40, _pool)!.Value;
        Assert.Equal((decoder.CapturedMonoMs - 5000) / FrameMs, NumberedPicture.NumberIn(cut.View));
    }

    private delegate void Taker(in StreamPacket packet);

    private static unsafe void Feed(string path, long firstMs, Taker take)
    {
        using var input = new Demuxer($"file:{path}", new DemuxerOptions());
        var format = StreamFormat.Of(input);
        using var packet = new PacketHandle();
        for (int i = 0; input.Read(packet) >= 0; i++)
        {
            long at = firstMs + i * FrameMs;
            take(new StreamPacket(packet, format, (packet.Pointer->flags & 1) != 0, at, at));
        }
    }
}
