using System.Text.Json.Nodes;
using EdgeAgent.Rig.Live;
using EdgeAgent.Rig.Rtsp;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Rig;

/// <summary>What `bench live` measures with: a picture that says when it was taken, and the sums of what the page read.</summary>
[Collection(QuietCollection.Name)]
public class LiveBenchTests
{
    private const int Pictures = 60;

    [Fact]
    public async Task EveryPictureOfTheCameraSaysWhenItWasTaken()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        string file = Path.GetTempFileName();
        try
        {
            long before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            await using ClockCamera camera = await ClockCamera.StartAsync("cam1", new RtspServer(new RtspServerOptions(), TimeProvider.System), withMain: false, TimeProvider.System, limit.Token);
            string[] shrunk = ["-vf", $"crop=iw:ih/{PictureClock.StripShare}:0:0,scale={PictureClock.Blocks}:1:flags=area", "-pix_fmt", "gray", "-f", "rawvideo", file];
            (int code, _, string error) = await Programs.RunAsync("ffmpeg", ["-v", "error", "-nostdin", "-y", "-rtsp_transport", "tcp", "-i", camera.Urls.Split(',')[1], "-frames:v", $"{Pictures}", .. shrunk]);
            Assert.True(code == 0, error);
            long after = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

            long[] taken = [.. File.ReadAllBytes(file).Chunk(PictureClock.Blocks).Select(Read)];
            Assert.Equal(Pictures, taken.Length);
            Assert.All(taken, at => Assert.InRange(at, before % PictureClock.Period, after % PictureClock.Period));
            Assert.All(taken.Zip(taken.Skip(1)), pair => Assert.True(pair.Second > pair.First, $"{pair}"));
            Assert.InRange((taken[^1] - taken[0]) / (double)(Pictures - 1), 38, 44);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void StripIsRefusedWhenABlockIsWrong()
    {
        uint code = PictureClock.Code(1_795_767_724_220);
        Assert.All(Enumerable.Range(0, PictureClock.Blocks), bit => Assert.NotEqual(code ^ (1u << bit), PictureClock.Code((code ^ (1u << bit)) >> 8)));
    }

    [Fact]
    public void FiguresAreOfTheWindowAlone()
    {
        var samples = new LiveSamples();
        samples.Take("""{"shown":[[1000,9000]],"arrived":[8000],"unreadable":5,"live":"live"}""");
        samples.Begin();
        samples.Take("""{"errors":["what the page complained of"]}""");
        for (int second = 0; second < 120; second++)
            samples.Take($$"""{"shown":[[{{second * 1000}},{{100 + (second / 60 * 20)}}],[{{(second * 1000) + 400}},{{100 + (second / 60 * 20)}}]],"arrived":[50],"unreadable":0,"live":"live"}""");
        JsonObject figures = samples.Figures();
        Assert.Equal((240, 0, 20.0), ((int)figures["frames"]!, (int)figures["frames_unreadable"]!, (double)figures["drift_ms"]!));
        // Pictures come 400 ms, then 600 ms after one another: each longer wait is a stall.
        Assert.Equal((119, 600.0, 120.0), ((int)figures["stalls"]!, (double)figures["longest_gap_ms"]!, (double)figures["p95_ms"]!));
    }

    private static long Read(byte[] blocks)
    {
        uint code = blocks.Aggregate(0u, (bits, shade) => (bits << 1) | (shade > 127 ? 1u : 0));
        Assert.Equal(PictureClock.Code(code >> 8), code);
        return code >> 8;
    }
}
