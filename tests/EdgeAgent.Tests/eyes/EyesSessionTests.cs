using System.Buffers.Binary;
using EdgeAgent.Eyes.Link;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Clock;
using EdgeAgent.Tests.Support;
using EdgeAgent.Vision.Inference;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Eyes;

/// <summary>The whole of eyes against a host on a real socket, with real video, networks and FFmpeg.</summary>
public sealed class EyesSessionTests(StreetClip street) : IClassFixture<StreetClip>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgeagent-eyes").FullName;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private readonly CancellationTokenSource _limit = new(s_limit);

    public void Dispose()
    {
        _limit.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_host_that_is_not_there_ends_it()
    {
        using var session = NewSession();
        using var channel = HostSocket.Open(Path.Combine(_folder, "nobody.sock"), TimeProvider.System);
        Assert.False(await session.RunAsync(new EyesLink.EyesLinkClient(channel), _limit.Token));
    }

    [Fact]
    public async Task A_host_that_goes_away_ends_it()
    {
        var host = await EyesHost.StartAsync(_folder);
        using var session = NewSession();
        using var channel = HostSocket.Open(host.SocketPath, TimeProvider.System);
        var running = session.RunAsync(new EyesLink.EyesLinkClient(channel), _limit.Token);
        await Until(() => host.Facts.Any(f => f.Hello is { Models.Count: > 0, Pid: > 0 }));
        var configure = new Configure();
        configure.Cameras.Add(new Camera { Id = "absent", MainUrl = "rtsp://127.0.0.1:9/main", SubUrl = "rtsp://127.0.0.1:9/sub" });
        host.Order(new HostMessage { Configure = configure });
        await Until(() => host.Facts.Any(f => f.Camera is { CameraId: "absent", State: CameraState.Lost, Detail.Length: > 0 }));
        await host.DisposeAsync();
        Assert.False(await running.WaitAsync(TimeSpan.FromSeconds(10), _limit.Token));
    }

    [Fact]
    public async Task It_waits_for_its_host_attaches_at_once_and_names_its_models_when_they_are_loaded()
    {
        using var session = NewSession();
        using var channel = HostSocket.Open(Path.Combine(_folder, "eyes.sock"), TimeProvider.System);
        var running = session.RunAsync(new EyesLink.EyesLinkClient(channel), _limit.Token);
        await Task.Delay(500, _limit.Token);
        await using var host = await EyesHost.StartAsync(_folder, "eyes.sock");
        await Until(() => host.Facts.Count(f => f.Hello is not null) == 2);
        EyesHello[] said = [.. host.Facts.Where(f => f.Hello is not null).Select(f => f.Hello)];
        Assert.Same(said[0], host.Facts.First().Hello);
        Assert.Empty(said[0].Models);
        string[] needed = ["face-detect", "face-feature", "ocr-recognise", "plate-detect", "plate-recognise"];
        Assert.Empty(needed.Except(said[1].Models.Select(m => m.Name)));
        host.Order(new HostMessage { Stop = new StopEyes() });
        Assert.True(await running);
    }

    [Theory]
    [InlineData("face-detect")]
    [InlineData("ocr-recognise")]
    public async Task A_network_that_is_not_the_named_one_ends_it_and_says_which(string damaged)
    {
        string models = Path.Combine(_folder, "models");
        Clips.Run("cp", ["-r", Path.Combine(Repository.Root, "models"), models]);
        string trained = Path.Combine(models, "trained"), file = ModelStore.Open(models).Entry(damaged).File;
        foreach (string model in Directory.EnumerateFiles(Path.Combine(Repository.Root, ".cache", "models")))
            File.Copy(model, Path.Combine(trained, Path.GetFileName(model)));
        string path = Path.Combine(trained, file);
        byte[] bytes = await File.ReadAllBytesAsync(path, _limit.Token);
        bytes[bytes.Length / 2] ^= 1;
        File.Delete(path);
        await File.WriteAllBytesAsync(path, bytes, _limit.Token);
        await using var host = await EyesHost.StartAsync(_folder);
        using var session = new EyesSession(ModelStore.Open(models), TimeProvider.System, NullLoggerFactory.Instance);
        using var channel = HostSocket.Open(host.SocketPath, TimeProvider.System);
        var error = await Assert.ThrowsAsync<ModelException>(() => session.RunAsync(new EyesLink.EyesLinkClient(channel), _limit.Token));
        Assert.Contains(damaged, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(host.Facts, f => f.Hello is { Models.Count: > 0 });
    }

    [SharedDataFact("data")]
    public async Task A_passing_car_and_face_are_told_once_with_small_pictures()
    {
        var (main, sub) = Streams();
        await using var host = await EyesHost.StartAsync(_folder);
        using var session = NewSession();
        using var channel = HostSocket.Open(host.SocketPath, TimeProvider.System);
        var running = session.RunAsync(new EyesLink.EyesLinkClient(channel), _limit.Token);
        var configure = new Configure { AnalysedFps = 10 };
        configure.Cameras.Add(new Camera { Id = "front", MainUrl = main, SubUrl = sub });
        configure.Cameras.Add(new Camera { Id = "cab", MainUrl = main, SubUrl = sub, PreviewOnly = true });
        host.Order(new HostMessage { Configure = configure });
        await Until(() => host.Facts.Any(f => f.Camera is { CameraId: "front", State: CameraState.Streaming, Width: 1920, Codec: "h264", MainFps: > 20 }));
        Assert.Equal(0ul, host.Counters!.FramesAnalysed);
        host.Order(new HostMessage { Seeing = new SetSeeing { Faces = true, Plates = true } });
        await Until(() => host.Plates.Any() && host.Faces.Any());

        var plate = host.Plates.First();
        long now = TimeProvider.System.MonoMs();
        Assert.Equal((StreetClip.Plate, "front"), (plate.Text, plate.CameraId));
        Assert.Equal(plate.Text.Length, plate.CharacterConfidence.Count);
        Assert.InRange(plate.WidthPx, 120u, 230u);
        Assert.InRange(plate.CapturedMonoMs, now - 10_000, now);
        Assert.InRange(plate.CropJpeg.Length, 1000, 8192);
        var face = host.Faces.First();
        Assert.Equal(512 * 4, face.Embedding.Length);
        Assert.InRange(Math.Sqrt(Enumerable.Range(0, 512).Sum(i => Math.Pow(BinaryPrimitives.ReadSingleLittleEndian(face.Embedding.Span[(4 * i)..]), 2))), 0.99, 1.01);
        Assert.InRange(face.WidthPx, 80u, 260u);
        Assert.InRange(face.CropJpeg.Length, 1000, 8192);
        Assert.DoesNotContain(host.Facts, f => f.Plate?.CameraId == "cab" || f.Face?.CameraId == "cab");

        // A visit is told once, again only when something changed.
        Assert.All(host.Plates.GroupBy(p => p.VisitId), visit => Assert.Equal(visit.Count(), visit.Select(p => p.Text).Distinct().Count()));
        Assert.All(host.Faces.GroupBy(f => f.VisitId), visit => Assert.InRange(visit.Count(), 1, 3));

        // A hot box analyses a share of the frames, and all of them again.
        float Wanted() => host.Facts.Last(f => f.Camera is { CameraId: "front" }).Camera.WantedFps;
        await Until(() => Wanted() > 8);
        host.Order(new HostMessage { Seeing = new SetSeeing { Faces = true, Plates = true, Share = 0.4f } });
        await Until(() => Wanted() is > 1 and < 5);
        host.Order(new HostMessage { Seeing = new SetSeeing { Faces = true, Plates = true, Share = 1 } });
        await Until(() => Wanted() > 8);

        host.Order(new HostMessage { Seeing = new SetSeeing() });
        await Until(() => host.Counters!.FramesDecoded > 0);
        await Task.Delay(300, _limit.Token);
        var (analysed, told) = (host.Counters!.FramesAnalysed, host.Plates.Count() + host.Faces.Count());
        await Task.Delay(2500, _limit.Token);
        Assert.InRange(host.Counters!.FramesAnalysed - analysed, 0ul, 10ul);
        Assert.Equal(told, host.Plates.Count() + host.Faces.Count());

        host.Order(new HostMessage { Stop = new StopEyes() });
        Assert.True(await running);
        Assert.Equal(0ul, host.Counters!.FramesOutstanding);
    }

    [SharedDataFact("data")]
    public async Task Previews_live_views_and_clips_are_given_and_stop_when_told()
    {
        var (main, sub) = Streams();
        await using var host = await EyesHost.StartAsync(_folder);
        using var session = NewSession();
        using var channel = HostSocket.Open(host.SocketPath, TimeProvider.System);
        var running = session.RunAsync(new EyesLink.EyesLinkClient(channel), _limit.Token);
        var configure = new Configure();
        configure.Cameras.Add(new Camera { Id = "front", MainUrl = main, SubUrl = sub });
        configure.Cameras.Add(new Camera { Id = "cab", MainUrl = main, SubUrl = sub, PreviewOnly = true });
        host.Order(new HostMessage { Configure = configure });
        await Until(() => host.Facts.Any(f => f.Camera is { CameraId: "front", State: CameraState.Streaming, MainFps: > 20 }));

        host.Request(new MediaRequest { Preview = new SetPreview { Fps = 5, Width = 320 } });
        await Until(() => new[] { "front", "cab" }.All(id => host.Pictures.Count(p => p.Preview?.CameraId == id) >= 3));
        host.Request(new MediaRequest { Preview = new SetPreview() });

        host.Request(new MediaRequest { StartLive = new StartLive { StreamId = "one", CameraId = "front", Main = true } });
        host.Request(new MediaRequest { StartLive = new StartLive { StreamId = "two", CameraId = "cab" } });
        host.Request(new MediaRequest { StartLive = new StartLive { StreamId = "three", CameraId = "nowhere" } });
        await Until(() => host.Pictures.Count(p => p.LiveFailed is not null) == 2 && Fragments(host, "one").Count() >= 20);
        host.Request(new MediaRequest { StopLive = new StopLive { StreamId = "one" } });
        var start = host.Pictures.Single(p => p.LiveStart is not null).LiveStart;
        Assert.StartsWith("video/mp4; codecs=\"avc1.", start.Mime, StringComparison.Ordinal);
        Assert.Equal((1920u, 1080u), (start.Width, start.Height));
        Assert.True(Fragments(host, "one").First().Key);
        string live = Path.Combine(_folder, "live.mp4");
        await File.WriteAllBytesAsync(live, [.. start.InitSegment, .. Fragments(host, "one").SelectMany(f => f.Data)]);
        AssertPlays(live, leastPictures: 20);

        long now = TimeProvider.System.MonoMs();
        host.Request(new MediaRequest { CutClip = new CutClip { RequestId = "clip", CameraId = "front", FromMonoMs = now - 500, ToMonoMs = now + 500 } });
        host.Request(new MediaRequest { CutClip = new CutClip { RequestId = "past", CameraId = "front", FromMonoMs = now - 5000, ToMonoMs = now - 9000 } });
        await Until(() => host.Pictures.Count(p => p.Clip is { Last: true }) == 2);
        Assert.NotEmpty(host.Pictures.Single(p => p.Clip is { RequestId: "past" }).Clip.Error);
        string clip = Path.Combine(_folder, "clip.mp4");
        await File.WriteAllBytesAsync(clip, [.. host.Pictures.Where(p => p.Clip is { RequestId: "clip" }).SelectMany(p => p.Clip.Data)]);
        AssertPlays(clip, leastPictures: 25);

        now = TimeProvider.System.MonoMs();
        foreach (string id in (string[])["wanted", "unwanted"])
            host.Request(new MediaRequest { HoldClip = new HoldClip { RequestId = id, CameraId = "front", FromMonoMs = now - 600, ToMonoMs = now + 600, KeepUntilMonoMs = now + 60_000, MostBytes = 64 << 20 } });
        host.Request(new MediaRequest { DropClip = new DropClip { RequestId = "unwanted" } });
        await Task.Delay(1500, _limit.Token);
        Assert.DoesNotContain(host.Pictures, p => p.Clip is { RequestId: "wanted" or "unwanted" });
        host.Request(new MediaRequest { SendClip = new SendClip { RequestId = "wanted" } });
        await Until(() => host.Pictures.Any(p => p.Clip is { RequestId: "wanted", Last: true }));
        var end = host.Pictures.Single(p => p.Clip is { RequestId: "wanted", Last: true }).Clip;
        Assert.Equal("", end.Error);
        Assert.True(end.FirstMonoMs <= now - 500 && end.LastMonoMs >= now + 500, $"{end.FirstMonoMs - now} to {end.LastMonoMs - now}");
        string held = Path.Combine(_folder, "held.mp4");
        await File.WriteAllBytesAsync(held, [.. host.Pictures.Where(p => p.Clip is { RequestId: "wanted" }).SelectMany(p => p.Clip.Data)]);
        AssertPlays(held, leastPictures: 25);

        int fragments = Fragments(host, "one").Count();
        await Task.Delay(500, _limit.Token);
        Assert.Equal(fragments, Fragments(host, "one").Count());
        host.Order(new HostMessage { Stop = new StopEyes() });
        Assert.True(await running);
        Assert.Equal(0ul, host.Counters!.FramesOutstanding);
    }

    [SharedDataFact("data")]
    public async Task A_picture_is_taken_of_the_main_stream_at_full_size_and_never_of_the_cab_camera()
    {
        var (main, sub) = Streams();
        await using var host = await EyesHost.StartAsync(_folder);
        using var session = NewSession();
        using var channel = HostSocket.Open(host.SocketPath, TimeProvider.System);
        var running = session.RunAsync(new EyesLink.EyesLinkClient(channel), _limit.Token);
        var configure = new Configure();
        configure.Cameras.Add(new Camera { Id = "front", MainUrl = main, SubUrl = sub });
        configure.Cameras.Add(new Camera { Id = "cab", MainUrl = main, SubUrl = sub, PreviewOnly = true });
        host.Order(new HostMessage { Configure = configure });
        await Until(() => host.Facts.Any(f => f.Camera is { CameraId: "front", State: CameraState.Streaming, MainFps: > 20 }));

        long asked = TimeProvider.System.MonoMs();
        foreach (string id in (string[])["front", "cab"])
            host.Request(new MediaRequest { TakeStill = new TakeStill { RequestId = id, CameraId = id } });
        await Until(() => host.Pictures.Count(p => p.Still is not null) == 2);
        Assert.NotEmpty(host.Pictures.Single(p => p.Still?.RequestId == "cab").Still.Error);
        var still = host.Pictures.Single(p => p.Still?.RequestId == "front").Still;
        Assert.Equal("", still.Error);
        Assert.InRange(still.CapturedMonoMs, asked - 1_500, asked + 1_500);
        string jpeg = Path.Combine(_folder, "still.jpg");
        await File.WriteAllBytesAsync(jpeg, still.Jpeg.ToByteArray());
        Assert.Equal("1920,1080", Clips.Run("ffprobe", ["-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", jpeg]).Trim());
        host.Order(new HostMessage { Stop = new StopEyes() });
        Assert.True(await running);
        Assert.Equal(0ul, host.Counters!.FramesOutstanding);
    }

    /// <summary>The first to ask waits until the clip is made, which is no part of what is tested.</summary>
    private (string Main, string Sub) Streams()
    {
        _limit.CancelAfter(Timeout.InfiniteTimeSpan);
        var streams = street.Streams;
        _limit.CancelAfter(s_limit);
        return streams;
    }

    private static EyesSession NewSession() =>
        new(ModelStore.Open(Path.Combine(Repository.Root, "models")), TimeProvider.System, NullLoggerFactory.Instance);

    private static IEnumerable<LiveFragment> Fragments(EyesHost host, string streamId) =>
        host.Pictures.Where(p => p.LiveFragment?.StreamId == streamId).Select(p => p.LiveFragment);

    private static void AssertPlays(string path, int leastPictures)
    {
        string read = Clips.Run("ffprobe", ["-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", path]);
        Assert.InRange(int.Parse(read.Trim().TrimEnd(',')), leastPictures, int.MaxValue);
    }

    private async Task Until(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(50, _limit.Token);
    }
}
