using System.Net;
using System.Text.Json;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Edgectl.Acceptance;
using EdgeAgent.Edgectl.Aim;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;
using EdgeAgent.Rig.Rtsp;
using EdgeAgent.Tests.Agent;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Support;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Tests.Edgectl;

/// <summary>`edgectl aim`: what it measures is right, and it shows nobody's face.</summary>
public sealed class AimTests : IDisposable
{
    private readonly TemporaryDirectory folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_drawn_face_and_plate_are_measured_and_the_face_is_covered()
    {
        using var pool = new FramePool();
        using var codec = new JpegCodec();
        using var faces = new FaceDetector(ModelStore.Open());
        AimSeen seen;
        float due;
        using (Frame picture = codec.Decode(ModelsCheck.Resource("self-test.jpg"), pool))
        {
            Span<FaceBox> found = stackalloc FaceBox[8];
            Assert.Equal(1, faces.Detect(picture.View, found));
            due = found[0].X2 - found[0].X1;
            using var look = new AimLook(ModelStore.Open());
            seen = look.Look(picture);
        }
        Assert.Equal(due, Assert.Single(seen.Faces), 0.5f);
        Assert.InRange(seen.Plates.Max(), 200, 320);
        Assert.InRange(seen.Brightness, 60, 240);
        using Frame shown = codec.Decode(seen.Jpeg, pool);
        Assert.Equal(0, faces.Detect(shown.View, stackalloc FaceBox[8]));
    }

    [Fact]
    public async Task The_page_shows_what_comes_to_who_knows_its_address_and_says_when_nothing_comes()
    {
        var time = new JumpTime();
        var board = new AimBoard(time);
        await using var page = new AimPage("cam1", "前 <Front>", board);
        await page.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), default);
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri(page.Address, "/"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri(page.Address, "/picture"))).StatusCode);
        Assert.Contains("前 &lt;Front&gt;", await http.GetStringAsync(page.Address), StringComparison.Ordinal);
        Assert.Contains("没有新画面", await NumbersAsync(), StringComparison.Ordinal);
        await using var pictures = await http.GetStreamAsync(new Uri(page.Address, "picture"));
        byte[] jpeg = [0xFF, 0xD8, 1, 2, 3, 0xFF, 0xD9];
        var read = Task.Run(async () =>
        {
            var got = new byte[200];
            int count = 0;
            while (count < 40 + jpeg.Length && await pictures.ReadAsync(got.AsMemory(count)) is > 0 and var more)
                count += more;
            return got[..count];
        });
        await Eventually.HoldsAsync(() =>
        {
            board.Take(new AimSeen(1920, 1080, [70, 90], [20], 120, jpeg));
            return read.IsCompleted;
        }, "a picture comes");
        Assert.True((await read).AsSpan().IndexOf(jpeg) > 0);
        string numbers = await NumbersAsync();
        Assert.Contains("90 px", numbers, StringComparison.Ordinal);
        Assert.Contains("够宽", numbers, StringComparison.Ordinal);
        Assert.Contains("太小", numbers, StringComparison.Ordinal);
        Assert.Equal((new AimWidths(90, 90, "good"), new AimWidths(20, 20, "small")), (board.Plates, board.Faces));
        time.Jump(TimeSpan.FromSeconds(11));
        Assert.True(board.IsStale);
        Assert.Equal("none", board.Plates.Verdict);

        Task<string> NumbersAsync() => http.GetStringAsync(new Uri(page.Address, "numbers"));
    }

    [Fact]
    public async Task A_camera_of_the_options_file_is_watched_and_measured_by_the_real_command()
    {
        string jpeg = folder.At("self-test.jpg"), stream = folder.At("clip.bin");
        await File.WriteAllBytesAsync(jpeg, ModelsCheck.Resource("self-test.jpg"));
        Clips.Ffmpeg(["-loop", "1", "-framerate", "25", "-t", "2", "-i", jpeg, .. Clips.H264, "-f", "h264", stream]);
        var clip = await ElementaryStream.LoadAsync(stream, VideoCodec.H264, CancellationToken.None);
        await using var server = new RtspServer(new RtspServerOptions(), TimeProvider.System);
        await using var camera = new BenchCamera("cam1", new CameraClip(clip, clip, clip.Units[0], clip.Units[0], 25), server, 1, TimeProvider.System);
        string options = Options(server.UrlOf("cam1/main"));
        var (exitCode, output, error) = await EdgectlProcess.RunAsync("aim", "cam1", "--config", options, "--listen", "127.0.0.1:0", "--seconds", "12", "--json");
        Assert.True(exitCode == 0, error + output);
        var said = JsonDocument.Parse(output).RootElement;
        Assert.Equal((1280, 720), (said.GetProperty("width").GetInt32(), said.GetProperty("height").GetInt32()));
        Assert.Equal("good", said.GetProperty("plates").GetProperty("verdict").GetString());
        Assert.InRange(said.GetProperty("plates").GetProperty("widest").GetDouble(), 200, 320);
        Assert.Equal("good", said.GetProperty("faces").GetProperty("verdict").GetString());
        Assert.True(said.GetProperty("pictures").GetInt64() >= 2);
        Assert.Contains("http://127.0.0.1:", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cam9", "127.0.0.1:0", "unknown_camera")]
    [InlineData("cam1", "nowhere", "failed")]
    [InlineData("cam1", "127.0.0.1:0", "no_picture")]
    public async Task What_cannot_be_aimed_is_one_sentence(string camera, string listen, string code)
    {
        var (exitCode, output, error) = await EdgectlProcess.RunAsync("aim", camera, "--config", Options("rtsp://127.0.0.1:1/1"), "--listen", listen, "--seconds", "3", "--json");
        Assert.True(exitCode == 1, error);
        Assert.Equal(code, JsonDocument.Parse(output).RootElement.GetProperty("error").GetString());
    }

    private string Options(string main)
    {
        var options = BenchCar.Options(folder.At("data"), null);
        string file = folder.At("agent.json");
        File.WriteAllText(file, JsonSerializer.Serialize(options with { Terminal = new(), Cameras = [options.Cameras[0] with { Main = main }] }));
        return file;
    }
}
