using System.Collections.Concurrent;
using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Clock;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Rig.Rtsp;
using EdgeAgent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Hw;

/// <summary>Camera readers against the bench's RTSP server, whose cables can be pulled.</summary>
[Collection(QuietCollection.Name)]
public sealed class CameraReaderTests(CameraReaderTests.Recorded recorded) : IClassFixture<CameraReaderTests.Recorded>, IAsyncLifetime, IDisposable
{
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));
    private readonly FramePool _pool = new();
    private readonly ConcurrentDictionary<string, long> _lastFrame = new();
    private readonly RtspServer _server = new(new RtspServerOptions(), TimeProvider.System);
    private Action<Frame> _seen = _ => { };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose()
    {
        Assert.Equal(0, _pool.Outstanding);
        _pool.Dispose();
        _limit.Dispose();
    }

    [Fact]
    public async Task A_camera_that_is_not_there_is_lost_with_a_reason()
    {
        using var reader = NewReader("absent");
        reader.Start();
        await Until(() => reader.State.Phase == CameraPhase.Lost);
        Assert.NotEmpty(reader.State.Detail);
        Assert.Equal((0, 0), reader.MainSize);
        Assert.Null(reader.OpenLive(main: true));
    }

    [Fact]
    public async Task Frames_of_the_right_size_come_at_the_wanted_rate_with_capture_times()
    {
        await using var camera = new BenchCamera("cam", recorded.Clip, _server, 1, TimeProvider.System);
        using var reader = NewReader("cam");
        var ages = new List<long>();
        reader.Analysis.MaxWidth = 160;
        _seen = frame =>
        {
            Assert.Equal((160, 90), (frame.Width, frame.Height));
            ages.Add(TimeProvider.System.MonoMs() - frame.CapturedMonoMs);
        };
        reader.Start();
        await Until(() => reader.State is { Phase: CameraPhase.Streaming, MainFps: > 20, SubFps: > 20, Codec: "h264", Width: 640, Height: 360 });
        reader.Analysis.Fps = 10;
        long from = TimeProvider.System.MonoMs();
        await Until(() => ages.Count >= 20);
        Assert.InRange(TimeProvider.System.MonoMs() - from, 1700, 4000);
        Assert.InRange(ages.Order().ElementAt(ages.Count / 2), 0, 200);
        reader.Analysis.Fps = 0;
    }

    [Fact]
    public async Task Unplugged_it_is_lost_and_replugged_it_is_back_while_its_neighbour_notices_nothing()
    {
        await using var pulled = new BenchCamera("pulled", recorded.Clip, _server, 1, TimeProvider.System);
        await using var left = new BenchCamera("left", recorded.Clip, _server, 2, TimeProvider.System);
        using var reader = NewReader("pulled");
        using var neighbour = NewReader("left");
        foreach (var r in new[] { reader, neighbour })
        {
            r.Analysis.Fps = 25;
            r.Start();
        }
        await Until(() => _lastFrame.ContainsKey("pulled") && _lastFrame.ContainsKey("left") && neighbour.Ring.Count > 25);

        pulled.Unplug();
        await Until(() => reader.State.Phase == CameraPhase.Lost, TimeSpan.FromSeconds(4));
        await Task.Delay(1500, _limit.Token);
        Assert.Equal(CameraPhase.Lost, reader.State.Phase);
        long plugged = TimeProvider.System.MonoMs();
        pulled.Plug();
        await Until(() => _lastFrame["pulled"] > plugged, TimeSpan.FromSeconds(5));
        await Until(() => reader.State is { Phase: CameraPhase.Streaming, Reconnects: >= 2 });

        Assert.Equal(0, neighbour.State.Reconnects);
        Assert.InRange(TimeProvider.System.MonoMs() - _lastFrame["left"], 0, 1000);
    }

    [Fact]
    public async Task A_camera_that_falls_silent_is_lost_although_its_connection_stands()
    {
        await using var camera = new BenchCamera("cam", recorded.Clip, _server, 1, TimeProvider.System);
        using var reader = NewReader("cam");
        reader.Start();
        await Until(() => reader.State is { Phase: CameraPhase.Streaming, MainFps: > 20 });
        camera.SetFault(CameraFault.Stall);
        long from = TimeProvider.System.MonoMs();
        await Until(() => reader.State.Phase == CameraPhase.Lost);
        Assert.InRange(TimeProvider.System.MonoMs() - from, 1500, 4000);
        Assert.Contains("no packet", reader.State.Detail, StringComparison.Ordinal);
        camera.SetFault(CameraFault.None);
        await Until(() => reader.State.Phase == CameraPhase.Streaming);
    }

    [Fact]
    public async Task Damaged_streams_crash_nothing()
    {
        await using var camera = new BenchCamera("cam", recorded.Clip, _server, 1, TimeProvider.System);
        camera.SetFault(CameraFault.Corrupt);
        using var reader = NewReader("cam");
        reader.Analysis.Fps = 25;
        reader.Start();
        using var decoder = new RingDecoder(reader.Ring);
        await Until(() => reader.Ring.Count >= 75);
        for (int ago = 0; ago < 2000; ago += 100)
            if (decoder.TryShow(reader.Ring.Span!.Value.NewestMonoMs - ago, 1000))
                decoder.Cut(0, 0, 64, 64, _pool)?.Dispose();
        camera.SetFault(CameraFault.None);
        long healed = TimeProvider.System.MonoMs();
        await Until(() => _lastFrame.GetValueOrDefault("cam") > healed);
    }

    [Fact]
    public async Task A_picture_that_stands_still_is_called_frozen_until_it_moves()
    {
        await using var camera = new BenchCamera("cam", recorded.Clip, _server, 1, TimeProvider.System);
        using var reader = NewReader("cam");
        reader.Start();
        await Until(() => reader.State is { Phase: CameraPhase.Streaming, SubFps: > 20 });
        Assert.False(reader.State.Frozen);
        camera.SetFault(CameraFault.Freeze);
        await Until(() => reader.State.Frozen);
        Assert.Equal(CameraPhase.Streaming, reader.State.Phase);
        camera.SetFault(CameraFault.None);
        await Until(() => !reader.State.Frozen);
    }

    [Fact]
    public async Task A_covered_lens_is_called_black_although_its_sensor_is_noisy_and_a_night_with_one_lamp_is_not()
    {
        await using var covered = new BenchCamera("covered", recorded.Clip with { Sub = recorded.Covered }, _server, 1, TimeProvider.System);
        await using var night = new BenchCamera("night", recorded.Clip with { Sub = recorded.Night }, _server, 2, TimeProvider.System);
        using var reader = NewReader("covered");
        using var neighbour = NewReader("night");
        reader.Start();
        neighbour.Start();
        await Until(() => reader.State is { Phase: CameraPhase.Streaming, Black: true });
        Assert.False(reader.State.Frozen);
        await Task.Delay(TimeSpan.FromSeconds(6), _limit.Token);
        Assert.False(neighbour.State.Black);
        Assert.True(neighbour.FramesDecoded > 100);
    }

    [Fact]
    public async Task A_live_view_of_an_h265_camera_shows_its_h264_sub_stream()
    {
        var clip = recorded.Clip with { Main = recorded.H265, BlackMain = recorded.H265.Units[0] };
        await using var camera = new BenchCamera("cam", clip, _server, 1, TimeProvider.System);
        using var reader = NewReader("cam");
        reader.Start();
        await Until(() => reader.State is { Phase: CameraPhase.Streaming, Codec: "hevc", Width: 640, SubFps: > 20 });
        using var live = reader.OpenLive(main: true)!;
        Assert.Equal((320, 180), (live.Width, live.Height));
        Assert.StartsWith("video/mp4; codecs=\"avc1.", live.MimeType, StringComparison.Ordinal);
        string path = Path.Combine(recorded.Folder, "live.mp4");
        await using (var file = File.Create(path))
            for (int i = 0; i < 40; i++)
            {
                var piece = await live.Pieces.ReadAsync(_limit.Token);
                Assert.Equal(i, piece.Sequence);
                if (i == 1)
                    Assert.True(piece.Key);
                await file.WriteAsync(piece.Data, _limit.Token);
            }
        string times = Clips.Run("ffprobe", ["-v", "error", "-count_frames", "-show_entries", "stream=width,height,nb_read_frames", "-of", "csv=p=0", path]);
        Assert.Equal("320,180,39", times.Trim());
    }

    [Fact]
    public async Task A_viewer_that_does_not_read_loses_pictures_and_goes_on_at_a_key_frame()
    {
        await using var camera = new BenchCamera("cam", recorded.Clip, _server, 1, TimeProvider.System);
        using var reader = NewReader("cam");
        reader.Start();
        await Until(() => reader.State is { Phase: CameraPhase.Streaming, SubFps: > 20 });
        using var live = reader.OpenLive(main: false)!;
        await Task.Delay(TimeSpan.FromSeconds(LiveView.Capacity / 25 + 2), _limit.Token);
        Assert.InRange(live.Pieces.Count, 1, LiveView.Capacity);
        LivePiece last = null!;
        while (live.Pieces.TryRead(out var piece))
            last = piece;
        var next = await live.Pieces.ReadAsync(_limit.Token);
        Assert.True(next.Key);
        Assert.True(next.Sequence > last.Sequence);
    }

    private CameraReader NewReader(string id) => new(
        new CameraOptions(id, _server.UrlOf($"{id}/main"), _server.UrlOf($"{id}/sub"), KeepMain: true, new PacketRingOptions()),
        _pool,
        new FrameTakers(frame =>
        {
            using (frame)
            {
                _seen(frame);
                _lastFrame[frame.CameraId] = frame.CapturedMonoMs;
            }
        }),
        TimeProvider.System, NullLogger.Instance);

    private async Task Until(Func<bool> condition, TimeSpan? within = null)
    {
        long end = TimeProvider.System.MonoMs() + (long)(within ?? TimeSpan.FromSeconds(30)).TotalMilliseconds;
        while (!condition())
        {
            Assert.True(TimeProvider.System.MonoMs() < end, "not in time");
            await Task.Delay(20, _limit.Token);
        }
    }

    /// <summary>Four seconds of numbered pictures, made once.</summary>
    public sealed class Recorded : IAsyncLifetime
    {
        internal string Folder { get; } = Directory.CreateTempSubdirectory("edgeagent-cameras").FullName;

        internal CameraClip Clip { get; private set; } = null!;

        internal ElementaryStream H265 { get; private set; } = null!;

        /// <summary>A sensor's noise and nothing else.</summary>
        internal ElementaryStream Covered { get; private set; } = null!;

        /// <summary>The same with one lamp.</summary>
        internal ElementaryStream Night { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            var main = await StreamAsync("main", 640, 360, Clips.H264, VideoCodec.H264);
            Clip = new CameraClip(main, await StreamAsync("sub", 320, 180, Clips.H264, VideoCodec.H264), main.Units[0], main.Units[0], 25);
            H265 = await StreamAsync("h265", 640, 360, Clips.H265, VideoCodec.H265);
            Covered = await DarkAsync("covered", "");
            Night = await DarkAsync("night", ",drawbox=x=40:y=30:w=10:h=10:color=white:t=fill");
        }

        private Task<ElementaryStream> DarkAsync(string name, string also)
        {
            string path = Path.Combine(Folder, $"{name}.bin");
            Clips.Ffmpeg(["-f", "lavfi", "-i", $"color=c=black:s=320x180:r=25:d=4,noise=alls=10:allf=t{also}", .. Clips.H264, "-f", "h264", path]);
            return ElementaryStream.LoadAsync(path, VideoCodec.H264, CancellationToken.None);
        }

        public Task DisposeAsync()
        {
            Directory.Delete(Folder, recursive: true);
            return Task.CompletedTask;
        }

        private async Task<ElementaryStream> StreamAsync(string name, int width, int height, string[] encoder, VideoCodec codec)
        {
            string mp4 = Clips.Numbered(Folder, $"{name}.mp4", width, height, 100, encoder), path = Path.Combine(Folder, $"{name}.bin");
            string format = codec == VideoCodec.H264 ? "h264" : "hevc";
            Clips.Ffmpeg("-i", mp4, "-c", "copy", "-bsf:v", $"{format}_mp4toannexb", "-f", format, path);
            return await ElementaryStream.LoadAsync(path, codec, CancellationToken.None);
        }
    }
}
