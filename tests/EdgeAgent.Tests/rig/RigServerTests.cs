using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using EdgeAgent.Rig;
using EdgeAgent.Rig.Clips;
using EdgeAgent.Rig.Rtsp;

namespace EdgeAgent.Tests.Rig;

public sealed class RigServerTests : IDisposable
{
    private readonly string state = Directory.CreateTempSubdirectory("rig-state-").FullName;

    public void Dispose() => Directory.Delete(state, recursive: true);

    [Fact]
    public async Task Bad_options_are_told_all_at_once()
    {
        RigOptions options = Options() with { Cameras = 9, RtspPort = -1, OwnCameras = new Dictionary<string, string> { ["cam12"] = "rtsp://x/y" } };
        var error = await Assert.ThrowsAsync<RigException>(() => StartAsync(options));

        Assert.Contains("--cameras 9", error.Message);
        Assert.Contains("--rtsp-port -1", error.Message);
        Assert.Contains("cam12", error.Message);
    }

    [Fact]
    public async Task A_video_file_that_is_not_there_or_is_none_is_told_and_nothing_looks_ready()
    {
        await File.WriteAllTextAsync(Path.Combine(state, "rig.json"), "{}");
        RigOptions missing = Options() with { OwnCameras = new Dictionary<string, string> { ["cam1"] = "/nowhere.mp4" } };
        Assert.Contains("/nowhere.mp4", (await Assert.ThrowsAsync<RigException>(() => StartAsync(missing))).Message);

        string text = Path.Combine(state, "text.mp4");
        await File.WriteAllTextAsync(text, "no video");
        RigOptions broken = Options() with { OwnCameras = new Dictionary<string, string> { ["cam1"] = text } };
        Assert.Contains("ffmpeg", (await Assert.ThrowsAsync<RigException>(() => StartAsync(broken))).Message);
        Assert.False(File.Exists(Path.Combine(state, "rig.json")));
    }

    [Fact]
    public async Task The_whole_bench_answers_where_its_file_says_and_takes_faults()
    {
        int gpsd;
        int rtspPort;
        await using (RigServer rig = await StartAsync(Options()))
        {
            JsonNode file = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(state, "rig.json")))!;
            Assert.Equal(["cam1"], file["cameras"]!.AsArray().Select(c => (string)c!["id"]!));
            Assert.Equal("云台", (string)file["cameras"]![0]!["labelZh"]!);
            Assert.Equal(0, (await Programs.FfprobeAsync((string)file["cab"]!["sub"]!)).ExitCode);
            rtspPort = new Uri((string)file["cameras"]![0]!["main"]!).Port;

            JsonNode truth = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(state, "truth.json")))!["cameras"]![0]!;
            Assert.Equal((long)(BenchClips.Options.LoopSeconds * 1000), (long)truth["loopMs"]!);
            Assert.InRange(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - (long)truth["startUnixMs"]!, 0, 20_000);
            Assert.InRange(Environment.TickCount64 - (long)truth["startMonotonicMs"]!, -50, 20_000);
            JsonNode list = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(state, "watch-plates.json")))!;
            Assert.Equal("plates", (string)list["kind"]!);
            Assert.Contains(list["entries"]!.AsArray(), e => (string)e!["plateClass"]! == "green");
            // Nobody is on a face list without people: then there is none.
            Assert.False(File.Exists(Path.Combine(state, "watch-faces.json")));

            using var http = new HttpClient { BaseAddress = new Uri((string)file["control"]!) };
            Assert.Equal(HttpStatusCode.NotFound, (await http.PostAsync("/cameras/cam9/unplug", null)).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await http.PostAsync("/cameras/cam1/explode", null)).StatusCode);
            (await http.PostAsync("/cameras/cam1/freeze", null)).EnsureSuccessStatusCode();
            (await http.PostAsync("/cameras/cab/unplug", null)).EnsureSuccessStatusCode();
            (await http.PostAsync("/gnss/jump", null)).EnsureSuccessStatusCode();
            JsonNode status = JsonNode.Parse(await http.GetStringAsync("/status"))!;
            Assert.Equal(["freeze", "none"], status["cameras"]!.AsArray().Select(c => (string)c!["fault"]!));
            Assert.Equal([true, false], status["cameras"]!.AsArray().Select(c => (bool)c!["plugged"]!));
            Assert.Equal("jump", (string)status["gnss"]!["fault"]!);
            gpsd = (int)status["gnss"]!["gpsdProcessId"]!;
        }
        Assert.False(Directory.Exists($"/proc/{gpsd}"));
        using var client = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync(IPAddress.Loopback, rtspPort));
    }

    [Fact]
    public async Task A_camera_of_ones_own_is_passed_on_as_a_url_and_played_as_a_file()
    {
        string video = Path.Combine(state, "own.mp4");
        Assert.Equal(0, (await Programs.RunAsync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc=s=320x240:r=30:d=1.2", "-pix_fmt", "yuv420p", video])).ExitCode);
        RigOptions options = Options() with
        {
            CacheDirectory = Path.Combine(state, "cache"),
            WithGnss = false,
            Cameras = 2,
            OwnCameras = new Dictionary<string, string> { ["cam1"] = "rtsp://192.0.2.7/main,rtsp://192.0.2.7/sub", ["cam2"] = video, ["cab"] = "rtsp://192.0.2.8/only" },
        };
        await using RigServer rig = await StartAsync(options);

        Assert.Equal(("rtsp://192.0.2.7/main", "rtsp://192.0.2.7/sub"), (rig.Endpoints.Cameras[0].Main, rig.Endpoints.Cameras[0].Sub));
        Assert.Equal("rtsp://192.0.2.8/only", rig.Endpoints.Cab.Sub);
        BenchCamera played = Assert.Single(rig.Cameras);
        Assert.Equal("cam2", played.Id);
        Assert.Equal(0, (await Programs.DecodeAsync(rig.Endpoints.Cameras[1].Main, 5)).ExitCode);
    }

    [Fact]
    public async Task List_only_leaves_truth_and_lists_and_serves_nothing()
    {
        await using RigServer rig = await StartAsync(Options() with { ListOnly = true });

        Assert.True(File.Exists(Path.Combine(state, "truth.json")));
        Assert.True(File.Exists(Path.Combine(state, "watch-plates.json")));
        Assert.False(File.Exists(Path.Combine(state, "rig.json")));
    }

    private RigOptions Options() => new()
    {
        StateDirectory = state,
        CacheDirectory = BenchClips.CacheFolder,
        WithPeople = false,
        Cameras = 1,
        Clips = BenchClips.Options,
    };

    private static Task<RigServer> StartAsync(RigOptions options) => RigServer.StartAsync(options, new Unheard(), TimeProvider.System, CancellationToken.None);
}
