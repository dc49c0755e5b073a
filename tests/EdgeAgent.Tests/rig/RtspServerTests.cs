using System.Buffers.Binary;
using System.Net.Sockets;
using EdgeAgent.Rig.Rtsp;

namespace EdgeAgent.Tests.Rig;

public sealed class RtspServerTests(BenchClips clips) : IClassFixture<BenchClips>
{
    [Theory]
    [InlineData("GARBAGE\r\n\r\n")]
    [InlineData("DESCRIBE rtsp://x/cam2/main HTTP/1.1\r\nCSeq: 1\r\n\r\n")]
    [InlineData("DESCRIBE rtsp://x/cam2/main RTSP/1.0\r\nno colon here\r\n\r\n")]
    [InlineData("DESCRIBE rtsp://x/cam2/main RTSP/1.0\r\n\r\n")]
    [InlineData("ANNOUNCE rtsp://x/cam2/main RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 999999999\r\n\r\n")]
    public async Task A_malformed_request_gets_an_error_and_others_go_on(string text)
    {
        await using var bench = new Bench(clips);
        using RawRtspClient watcher = await RawRtspClient.ConnectAsync(bench.Server.Port);
        await watcher.PlayAsync(bench.Server.UrlOf("cam2/sub"));
        using RawRtspClient fool = await RawRtspClient.ConnectAsync(bench.Server.Port);

        Assert.StartsWith("RTSP/1.0 400", await fool.RequestAsync(text));
        Assert.True(await fool.IsClosedAsync());
        for (int i = 0; i < 5; i++)
            Assert.NotEmpty((await watcher.PacketAsync()).Packet);
    }

    [Fact]
    public async Task A_head_without_end_is_refused_before_it_fills_memory()
    {
        await using var bench = new Bench(clips);
        using RawRtspClient client = await RawRtspClient.ConnectAsync(bench.Server.Port);
        Assert.StartsWith("RTSP/1.0 400", await client.RequestAsync(new string('A', RtspRequest.MaxHeadBytes + 1)));
    }

    [Theory]
    [InlineData("DESCRIBE {0}/cam9/main RTSP/1.0\r\nCSeq: 7\r\n\r\n", "404")]
    [InlineData("SETUP {0}/cam9/main RTSP/1.0\r\nCSeq: 7\r\n\r\n", "404")]
    [InlineData("SETUP {0}/cam2/main RTSP/1.0\r\nCSeq: 7\r\nTransport: RTP/AVP;unicast;client_port=5000-5001\r\n\r\n", "461")]
    [InlineData("PLAY {0}/cam2/main RTSP/1.0\r\nCSeq: 7\r\n\r\n", "455")]
    [InlineData("RECORD {0}/cam2/main RTSP/1.0\r\nCSeq: 7\r\n\r\n", "501")]
    public async Task A_request_that_cannot_be_met_is_answered_with_its_code_and_the_conversation_goes_on(string request, string code)
    {
        await using var bench = new Bench(clips);
        using RawRtspClient client = await RawRtspClient.ConnectAsync(bench.Server.Port);

        string answer = await client.RequestAsync(string.Format(request, $"rtsp://127.0.0.1:{bench.Server.Port}"));
        Assert.StartsWith($"RTSP/1.0 {code}", answer);
        Assert.Contains("CSeq: 7", answer);
        Assert.StartsWith("RTSP/1.0 200", await client.RequestAsync("OPTIONS * RTSP/1.0\r\nCSeq: 8\r\n\r\n"));
    }

    [Theory]
    [InlineData("cam2/main", "h264", 960, 540)]
    [InlineData("cam2/sub", "h264", 640, 360)]
    [InlineData("cam7/main", "hevc", 960, 540)]
    [InlineData("cam7/sub", "h264", 640, 360)]
    public async Task Ffprobe_reads_every_kind_of_mount(string path, string codec, int width, int height)
    {
        await using var bench = new Bench(clips);
        (int exitCode, string output, string error) = await Programs.FfprobeAsync(bench.Server.UrlOf(path), "-show_entries", "stream=codec_name,width,height,r_frame_rate,has_b_frames", "-of", "csv=p=0");

        Assert.True(exitCode == 0, error);
        Assert.Equal($"{codec},{width},{height},0,{(path.EndsWith("/sub", StringComparison.Ordinal) ? "25/2" : "25/1")}", output.Trim());
    }

    [Theory]
    [InlineData("cam2/main")]
    [InlineData("cam7/main")]
    public async Task Pictures_decode_without_complaint_across_the_end_of_the_loop(string path)
    {
        await using var bench = new Bench(clips);
        // 4 s of loop, up to 1 s until the first key picture, 5 s of pictures: the seam is in it.
        (int exitCode, _, string error) = await Programs.DecodeAsync(bench.Server.UrlOf(path), 125);

        Assert.True(exitCode == 0, error);
        Assert.Equal("", error);
    }

    [Fact]
    public async Task Timestamps_go_on_through_the_loop_and_the_sender_report_tells_the_wall_clock()
    {
        await using var bench = new Bench(clips);
        using RawRtspClient client = await RawRtspClient.ConnectAsync(bench.Server.Port);
        await client.PlayAsync(bench.Server.UrlOf("cam2/sub"));

        (byte channel, byte[] report) = await client.PacketAsync();
        DateTimeOffset arrived = TimeProvider.System.GetUtcNow();
        Assert.Equal(1, channel);
        Assert.Equal(200, report[1]);
        ulong now = RtpSession.NtpTime(arrived);
        ulong ntp = BinaryPrimitives.ReadUInt64BigEndian(report.AsSpan(8));
        Assert.InRange((long)(now - ntp) / 4294967296.0, -0.05, 0.5);

        uint last = BinaryPrimitives.ReadUInt32BigEndian(report.AsSpan(16));
        for (int pictures = 0; pictures < 90;)
        {
            (channel, byte[] packet) = await client.PacketAsync();
            if (channel != 0)
                continue;
            uint timestamp = BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(4));
            Assert.True(timestamp - last is 0 or 7200, $"a step of {timestamp - last}");
            pictures += timestamp == last ? 0 : 1;
            last = timestamp;
        }
    }

    [Fact]
    public async Task Unplugged_closes_and_refuses_and_plugged_in_again_it_plays()
    {
        await using var bench = new Bench(clips);
        using RawRtspClient watcher = await RawRtspClient.ConnectAsync(bench.Server.Port);
        await watcher.PlayAsync(bench.Server.UrlOf("cam2/main"));
        using RawRtspClient neighbour = await RawRtspClient.ConnectAsync(bench.Server.Port);
        await neighbour.PlayAsync(bench.Server.UrlOf("cam7/main"));
        _ = await watcher.PacketAsync();

        bench.Front.Unplug();
        Assert.True(await watcher.IsClosedAsync());
        using RawRtspClient refused = await RawRtspClient.ConnectAsync(bench.Server.Port);
        await Assert.ThrowsAnyAsync<IOException>(() => refused.RequestAsync($"DESCRIBE {bench.Server.UrlOf("cam2/main")} RTSP/1.0\r\nCSeq: 1\r\n\r\n"));
        Assert.NotEmpty((await neighbour.PacketAsync()).Packet);

        bench.Front.Plug();
        using RawRtspClient again = await RawRtspClient.ConnectAsync(bench.Server.Port);
        await again.PlayAsync(bench.Server.UrlOf("cam2/main"));
        Assert.NotEmpty((await again.PacketAsync()).Packet);
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_dropped_and_others_go_on()
    {
        await using var bench = new Bench(clips);
        ElementaryStream stream = clips.H264.Clip.Main;
        var mount = new Mount("pushed", stream.Codec, stream.ParameterSets, 25);
        bench.Server.Add(mount);
        using RawRtspClient idle = await RawRtspClient.ConnectAsync(bench.Server.Port);
        await idle.PlayAsync(bench.Server.UrlOf("pushed"));
        using RawRtspClient reader = await RawRtspClient.ConnectAsync(bench.Server.Port);
        await reader.PlayAsync(bench.Server.UrlOf("pushed"));

        // A receiver is added just after its PLAY has been answered.
        while (mount.Receivers < 2)
            await Task.Delay(5);

        // As fast as the one who reads can take it: in real time it would be minutes until the idle one's buffers are full.
        uint picture = 0;
        while (mount.Receivers == 2)
        {
            Assert.True(picture < 5_000, "The idle client is still there.");
            mount.Push(stream.Units[0], new MediaInstant(++picture, default));
            await UntilWholeAsync(reader, picture);
        }
        Assert.True(await idle.IsClosedAsync());
        mount.Push(stream.Units[0], new MediaInstant(++picture, default));
        await UntilWholeAsync(reader, picture);
    }

    [Theory]
    [InlineData(nameof(CameraFault.Freeze))]
    [InlineData(nameof(CameraFault.Black))]
    public async Task A_frozen_or_black_camera_goes_on_sending_pictures_that_decode(string fault)
    {
        await using var bench = new Bench(clips);
        bench.Front.SetFault(Enum.Parse<CameraFault>(fault));
        (int exitCode, string output, string error) = await Programs.RunAsync("ffmpeg",
            ["-v", "error", "-nostdin", "-rtsp_transport", "tcp", "-i", bench.Server.UrlOf("cam2/main"), "-frames:v", "20", "-fps_mode", "passthrough", "-f", "framehash", "-hash", "md5", "-"]);

        Assert.True(exitCode == 0, error);
        string[] hashes = [.. output.Split('\n').Where(l => l.StartsWith("0,", StringComparison.Ordinal)).Select(l => l.Split(',')[^1])];
        Assert.Equal(20, hashes.Length);
        Assert.Single(hashes.Distinct());
    }

    [Fact]
    public async Task A_corrupted_stream_still_carries_pictures_and_a_healed_one_decodes_cleanly()
    {
        await using var bench = new Bench(clips);
        bench.Front.SetFault(CameraFault.Corrupt);
        (_, _, string complaints) = await Programs.DecodeAsync(bench.Server.UrlOf("cam2/main"), 40);
        Assert.NotEqual("", complaints);

        bench.Front.SetFault(CameraFault.None);
        (int exitCode, _, string error) = await Programs.DecodeAsync(bench.Server.UrlOf("cam2/main"), 25);
        Assert.True(exitCode == 0 && error.Length == 0, error);
    }

    [Fact]
    public async Task With_credentials_only_who_knows_them_gets_pictures()
    {
        await using var guarded = new RtspServer(new RtspServerOptions { Credentials = new RtspCredentials("officer", "s3cret") }, TimeProvider.System);
        await using var camera = new BenchCamera("cam", clips.H264.Clip, guarded, 1, TimeProvider.System);

        Assert.NotEqual(0, (await Programs.FfprobeAsync($"rtsp://127.0.0.1:{guarded.Port}/cam/sub")).ExitCode);
        Assert.NotEqual(0, (await Programs.FfprobeAsync($"rtsp://officer:wrong@127.0.0.1:{guarded.Port}/cam/sub")).ExitCode);
        Assert.Equal(0, (await Programs.FfprobeAsync($"rtsp://officer:s3cret@127.0.0.1:{guarded.Port}/cam/sub")).ExitCode);
    }

    [Fact]
    public async Task A_taken_port_is_an_error_at_once()
    {
        await using var bench = new Bench(clips);
        Assert.Throws<SocketException>(() => new RtspServer(new RtspServerOptions { Port = bench.Server.Port }, TimeProvider.System));
    }

    private static async Task UntilWholeAsync(RawRtspClient client, uint timestamp)
    {
        while (true)
        {
            (byte channel, byte[] packet) = await client.PacketAsync();
            if (channel == 0 && BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(4)) == timestamp && (packet[1] & 0x80) != 0)
                return;
        }
    }

    /// <summary>An H.264 camera and one whose main stream is H.265.</summary>
    private sealed class Bench : IAsyncDisposable
    {
        public Bench(BenchClips clips)
        {
            Server = new RtspServer(new RtspServerOptions { MaxQueuedBytes = 1 << 20 }, TimeProvider.System);
            Front = new BenchCamera("cam2", clips.H264.Clip, Server, 1, TimeProvider.System);
            Left = new BenchCamera("cam7", clips.H265.Clip, Server, 1, TimeProvider.System);
        }

        public RtspServer Server { get; }

        public BenchCamera Front { get; }

        public BenchCamera Left { get; }

        public async ValueTask DisposeAsync()
        {
            await Front.DisposeAsync();
            await Left.DisposeAsync();
            await Server.DisposeAsync();
        }
    }
}
