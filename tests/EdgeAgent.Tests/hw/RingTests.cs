using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Hw;

public sealed class RingTests : IDisposable
{
    private const int FrameMs = 40;
    private readonly string _folder = Directory.CreateTempSubdirectory("edgeagent-ring").FullName;
    private readonly FramePool _pool = new();

    public void Dispose()
    {
        Assert.Equal(0, _pool.Outstanding);
        _pool.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Bounds_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PacketRing(new PacketRingOptions(Seconds: 0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PacketRing(new PacketRingOptions(Bytes: 10)));
    }

    [Fact]
    public void An_empty_ring_shows_and_cuts_nothing()
    {
        using var ring = new PacketRing(new PacketRingOptions());
        using var decoder = new RingDecoder(ring);
        Assert.False(decoder.TryShow(1000, 1000));
        Assert.Null(decoder.Cut(0, 0, 10, 10, _pool));
        Assert.Null(ClipCutter.Cut(ring, 0, 1000, _ => Assert.Fail("nothing to write")));
    }

    [Fact]
    public void It_never_holds_more_bytes_than_allowed()
    {
        // About 3.5 MB of noise through a ring of one.
        string clip = Path.Combine(_folder, "noise.mp4");
        Clips.Ffmpeg(["-f", "lavfi", "-i", "nullsrc=s=320x180:r=25:d=4,geq=random(1)*255:128:128", .. Clips.H264, "-b:v", "7M", clip]);
        var options = new PacketRingOptions(Seconds: 600, Bytes: 1 << 20);
        using var ring = new PacketRing(options);
        long total = 0, most = 0;
        Feed(ring, clip, firstMs: 0, afterEach: size =>
        {
            total += size;
            most = Math.Max(most, ring.Bytes);
        });
        Assert.True(total > 2 * options.Bytes, $"only {total} bytes went through");
        Assert.InRange(most, options.Bytes / 2, options.Bytes);
        Assert.True(ring.Count > 1);
    }

    [Fact]
    public void It_knows_when_the_next_key_frame_is_worth_waiting_for()
    {
        using var ring = new PacketRing(new PacketRingOptions());
        Assert.Equal(0, ring.Keys.WorthWaitingMs(1000));
        Feed(ring, Numbered("rhythm.mp4", Clips.H264), firstMs: 10_000);
        var (last, group) = (ring.Keys.LastMonoMs, ring.Keys.GroupMs);
        Assert.True(group > 10 * FrameMs && last > 10_000, $"key frames every {group} ms, the last at {last}");
        Assert.Equal(0, ring.Keys.WorthWaitingMs(last));
        Assert.Equal(0, ring.Keys.WorthWaitingMs(last + group / 4));
        Assert.Equal(group / 4, ring.Keys.WorthWaitingMs(last + group - group / 4));
        // Late, it is not waited for.
        Assert.Equal(0, ring.Keys.WorthWaitingMs(last + group + 1));
        Assert.Equal(0, ring.Keys.WorthWaitingMs(last - 2 * group));
    }

    [Fact]
    public void It_keeps_only_its_seconds()
    {
        using var ring = new PacketRing(new PacketRingOptions(Seconds: 2));
        Feed(ring, Numbered("h264.mp4", Clips.H264), firstMs: 10_000);
        var (oldest, newest) = ring.Span!.Value;
        Assert.InRange(newest - oldest, 1900, 2000);
    }

    [Theory]
    [InlineData("h264")]
    [InlineData("reordered")]
    [InlineData("h265")]
    public void Any_instant_gives_its_own_picture(string codec)
    {
        using var ring = new PacketRing(new PacketRingOptions());
        string clip = Numbered($"{codec}.mp4", codec switch { "h264" => Clips.H264, "h265" => Clips.H265, _ => Clips.H264WithReordering });
        var numbers = Feed(ring, clip, firstMs: 5000);
        using var decoder = new RingDecoder(ring);
        foreach (int packet in new[] { 0, 60, 61, 70, 69, 30, 99, 25, 24, 90 })
        {
            Assert.True(decoder.TryShow(5000 + packet * FrameMs + 5, toleranceMs: FrameMs), $"packet {packet}");
            Assert.Equal(5000 + packet * FrameMs, decoder.CapturedMonoMs);
            using var cut = decoder.Cut(0, 0, 320, 40, _pool)!.Value;
            Assert.Equal(numbers[packet], NumberedPicture.NumberIn(cut.View));
        }
    }

    [Fact]
    public void Instants_of_one_group_in_order_cost_one_pass()
    {
        using var ring = new PacketRing(new PacketRingOptions());
        Feed(ring, Numbered("h264.mp4", Clips.H264), firstMs: 0);
        using var decoder = new RingDecoder(ring);
        foreach (int frame in new[] { 30, 35, 40, 45 })
            Assert.True(decoder.TryShow(frame * FrameMs, FrameMs));
        // The group begins at 25.
        Assert.Equal(45 - 25 + 1, decoder.PicturesDecoded);
    }

    [Fact]
    public void An_instant_that_the_ring_does_not_hold_is_not_shown()
    {
        using var ring = new PacketRing(new PacketRingOptions(Seconds: 2));
        Feed(ring, Numbered("h264.mp4", Clips.H264), firstMs: 0);
        using var decoder = new RingDecoder(ring);
        Assert.False(decoder.TryShow(0, toleranceMs: 100));
        Assert.False(decoder.TryShow(10_000, toleranceMs: 100));
        Assert.True(decoder.TryShow(10_000, toleranceMs: 10_000));
        // Held, but its key frame is gone.
        Assert.False(decoder.TryShow(ring.Span!.Value.OldestMonoMs, toleranceMs: 0));
    }

    [Fact]
    public void A_cut_is_clamped_and_of_full_resolution()
    {
        using var ring = new PacketRing(new PacketRingOptions());
        Feed(ring, Numbered("h264.mp4", Clips.H264), firstMs: 0);
        using var decoder = new RingDecoder(ring);
        Assert.True(decoder.TryShow(0, 0));
        Assert.Equal((320, 180), (decoder.Width, decoder.Height));
        using (var corner = decoder.Cut(301, 161, 400, 400, _pool)!.Value)
            Assert.Equal((20, 20), (corner.Width, corner.Height));
        Assert.Null(decoder.Cut(320, 0, 50, 50, _pool));
        Assert.Null(decoder.Cut(-100, -100, 50, 50, _pool));
        using var small = new FramePool(capacityBytes: 100);
        Assert.Null(decoder.Cut(0, 0, 100, 100, small));
    }

    [Fact]
    public void Damaged_packets_crash_nothing_and_the_next_group_is_whole()
    {
        var random = new Random(20260101);
        using var ring = new PacketRing(new PacketRingOptions());
        string clip = Numbered("h264.mp4", Clips.H264);
        Feed(ring, clip, firstMs: 0, damage: (index, bytes) =>
        {
            if (index is < 25 or (> 50 and < 75))
                for (int i = 0; i < 1 + bytes.Length / 20; i++)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        });
        using var decoder = new RingDecoder(ring);
        for (int frame = 0; frame < 100; frame++)
            _ = decoder.TryShow(frame * FrameMs, 0);
        Assert.True(decoder.TryShow(80 * FrameMs, 0));
        using var cut = decoder.Cut(0, 0, 320, 40, _pool)!.Value;
        Assert.Equal(80, NumberedPicture.NumberIn(cut.View));
    }

    [Theory]
    [InlineData("h264")]
    [InlineData("reordered")]
    [InlineData("h265")]
    public void A_clip_begins_at_a_key_frame_and_plays(string codec)
    {
        using var ring = new PacketRing(new PacketRingOptions());
        Feed(ring, Numbered($"{codec}.mp4", codec switch { "h264" => Clips.H264, "h265" => Clips.H265, _ => Clips.H264WithReordering }), firstMs: 7000);
        string clip = Path.Combine(_folder, "clip.mp4");
        (long First, long Last)? written;
        using (var file = File.Create(clip))
            written = ClipCutter.Cut(ring, 7000 + 60 * FrameMs, 7000 + 90 * FrameMs, file.Write);
        // The key frame before the instant asked for: the 50th, or a little earlier in the order of decoding where pictures are reordered.
        Assert.InRange(written!.Value.First, 7000 + (codec == "reordered" ? 47 : 50) * FrameMs, 7000 + 50 * FrameMs);
        Assert.Equal(7000 + 90 * FrameMs, written.Value.Last);
        long pictures = (written.Value.Last - written.Value.First) / FrameMs + 1;
        string[] probed = Probe(clip);
        Assert.Equal([codec == "h265" ? "hevc" : "h264", codec == "h265" ? "hvc1" : "avc1", "320", "180", $"{pictures}"], probed);
    }

    [Fact]
    public void A_clip_over_a_reconnection_keeps_both_sides_and_the_gap()
    {
        using var ring = new PacketRing(new PacketRingOptions());
        string clip = Numbered("h264.mp4", Clips.H264);
        Feed(ring, clip, firstMs: 0);
        Feed(ring, clip, firstMs: 6000);
        string cut = Path.Combine(_folder, "cut.mp4");
        using (var file = File.Create(cut))
            Assert.Equal((3000, 7000), ClipCutter.Cut(ring, 3000, 7000, file.Write));
        string times = Clips.Run("ffprobe", ["-v", "error", "-show_entries", "packet=pts_time", "-of", "csv=p=0", cut]);
        double[] seconds = [.. times.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(t => double.Parse(t.TrimEnd(',')))];
        Assert.Equal(51, seconds.Length);
        Assert.Equal(0, seconds[0], 3);
        Assert.Equal(3.0, seconds[25], 3);
        Assert.Equal(4.0, seconds[^1], 3);
    }

    [Fact]
    public async Task Readers_and_the_writer_do_not_disturb_each_other()
    {
        using var ring = new PacketRing(new PacketRingOptions(Seconds: 3));
        string clip = Numbered("h264.mp4", Clips.H264);
        using var stop = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            using var decoder = new RingDecoder(ring);
            using var pool = new FramePool();
            int shown = 0;
            // On a busy machine it may begin when the writer has ended already: then it still has to see something.
            for (int i = 0; !stop.IsCancellationRequested || (shown == 0 && i < 1000); i++)
                if (ring.Span is { } span && decoder.TryShow(span.OldestMonoMs + i * 37 % (span.NewestMonoMs - span.OldestMonoMs + 1), 100))
                {
                    decoder.Cut(0, 0, 64, 64, pool)?.Dispose();
                    shown++;
                }
            Assert.Equal(0, pool.Outstanding);
            return shown;
        });
        for (int round = 0; round < 40; round++)
            Feed(ring, clip, firstMs: round * 4000);
        await stop.CancelAsync();
        Assert.True(await reader > 0);
    }

    private string Numbered(string name, string[] encoder) => Clips.Numbered(_folder, name, 320, 180, 100, encoder);

    /// <summary>ffprobe's codec, tag, width, height and number of pictures decoded without a complaint.</summary>
    private static string[] Probe(string path) =>
        Clips.Run("ffprobe", ["-v", "error", "-count_frames", "-show_entries", "stream=codec_name,codec_tag_string,width,height,nb_read_frames",
            "-of", "csv=p=0", path]).Trim().Split(',');

    /// <summary>Fills the ring with a file's packets, one every 40 ms in their stored order; the answer is which picture each holds.</summary>
    private static unsafe List<int> Feed(
        PacketRing ring, string path, long firstMs, Action<int>? afterEach = null, Action<int, Span<byte>>? damage = null)
    {
        using var input = new Demuxer($"file:{path}", new DemuxerOptions());
        var format = StreamFormat.Of(input);
        using var packet = new PacketHandle();
        var numbers = new List<int>();
        while (input.Read(packet) >= 0)
        {
            var native = packet.Pointer;
            damage?.Invoke(numbers.Count, new Span<byte>(native->data, native->size));
            long at = firstMs + numbers.Count * FrameMs;
            ((IPacketSink)ring).OnPacket(new StreamPacket(packet, format, (native->flags & 1) != 0, at, 1_700_000_000_000 + at));
            numbers.Add((int)Math.Round(format.ToMilliseconds(native->pts) / FrameMs));
            afterEach?.Invoke(native->size);
        }
        Assert.NotEmpty(numbers);
        return numbers;
    }
}
