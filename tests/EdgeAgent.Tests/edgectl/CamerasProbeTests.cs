using System.Text.Json.Nodes;
using EdgeAgent.Rig;
using EdgeAgent.Tests.Rig;

namespace EdgeAgent.Tests.Edgectl;

/// <summary>`edgectl cameras probe` against the bench: real discovery, real streams.</summary>
public sealed class CamerasProbeTests : IDisposable
{
    private readonly string state = Directory.CreateTempSubdirectory("rig-state-").FullName;

    public void Dispose() => Directory.Delete(state, recursive: true);

    [Fact]
    public async Task The_benchs_cameras_are_found_and_what_they_send_is_seen()
    {
        await using RigServer rig = await StartAsync();
        string pictures = Path.Combine(state, "pictures");
        (int exitCode, JsonNode[] cameras, string error) = await ProbeAsync(rig, "bench-ptz", "--pictures", pictures);
        Assert.True(exitCode == 0, error);
        JsonNode roof = cameras[0], front = cameras[1];
        Assert.Equal((true, "PTZ-360"), ((bool)roof["moves"]!, (string)roof["model"]!));
        Assert.Equal((false, "FIX-1"), ((bool)front["moves"]!, (string)front["model"]!));
        Assert.All(cameras, camera =>
        {
            Assert.Equal(("h264", 960, 540), ((string)camera["main"]!["encoding"]!, (int)camera["main"]!["width"]!, (int)camera["main"]!["height"]!));
            Assert.Equal((640, 360), ((int)camera["sub"]!["width"]!, (int)camera["sub"]!["height"]!));
            Assert.InRange((double)camera["main"]!["fps"]!, 22, 28);
            Assert.InRange((double)camera["main"]!["keyEverySeconds"]!, 0.4, 0.6);
            // These clips are small: said, and no reason to refuse the camera.
            Assert.Equal(["main_small"], camera["faults"]!.AsArray().Select(f => (string)f!["code"]!));
        });
        Assert.All(Directory.GetFiles(pictures), file => Assert.Equal([0xFF, 0xD8, 0xFF], File.ReadAllBytes(file).Take(3)));
        Assert.Equal(2, Directory.GetFiles(pictures).Length);
        Assert.DoesNotContain("bench-ptz", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_black_camera_one_that_is_unplugged_and_a_wrong_password_are_named()
    {
        await using RigServer rig = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(rig.Endpoints.Control) };
        (await http.PostAsync("/cameras/cam1/black", null)).EnsureSuccessStatusCode();
        (await http.PostAsync("/cameras/cam2/unplug", null)).EnsureSuccessStatusCode();
        (int exitCode, JsonNode[] cameras, _) = await ProbeAsync(rig, "bench-ptz");
        Assert.Equal(1, exitCode);
        Assert.Contains("main_black", Codes(cameras[0]));
        Assert.Contains("main_lost", Codes(cameras[1]));
        Assert.All(cameras, camera => Assert.False((bool)camera["usable"]!));

        (exitCode, cameras, string error) = await ProbeAsync(rig, "wrong-secret");
        Assert.Equal(1, exitCode);
        Assert.All(cameras, camera => Assert.Equal(["refused"], Codes(camera)));
        Assert.DoesNotContain("wrong-secret", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--address", "nonsense")]
    [InlineData("--from", "nonsense")]
    [InlineData("--watch", "900")]
    public async Task What_cannot_be_meant_is_one_sentence(string option, string value)
    {
        (int exitCode, _, string error) = await EdgectlProcess.RunAsync("cameras", "probe", option, value);
        Assert.Equal(1, exitCode);
        Assert.Contains($"{option} {value}", error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    /// <summary>Found first; then asked one by one, since another bench on this machine is found as well and has faults of its own.</summary>
    private static async Task<(int ExitCode, JsonNode[] Cameras, string Error)> ProbeAsync(RigServer rig, string password, params string[] more)
    {
        (_, string output, string error) = await EdgectlProcess.RunAsync("cameras", "probe", "--from", "127.0.0.1", "--wait", "1", "--watch", "0.5", "--json");
        JsonNode[] found = [.. JsonNode.Parse(output)!["cameras"]!.AsArray().Select(c => c!).Where(c => ((string)c["address"]!).StartsWith(rig.Endpoints.Control, StringComparison.Ordinal))];
        Assert.True(found.Length == 2, error);
        Assert.Equal(["Front", "Roof PTZ"], found.Select(c => (string)c["name"]!).Order());
        // Nobody gave a user: that much is said, and nothing else is asked.
        Assert.All(found, camera => Assert.Equal(["refused"], Codes(camera)));

        string[] roofFirst = [.. found.OrderByDescending(c => (string)c["name"]!, StringComparer.Ordinal).SelectMany(c => new[] { "--address", (string)c["address"]! })];
        (int exitCode, output, error) = await EdgectlProcess.RunAsync(["cameras", "probe", .. roofFirst, "--user", "bench", "--password-stdin", "--json", "--watch", "2", .. more], null, password);
        return (exitCode, [.. JsonNode.Parse(output)!["cameras"]!.AsArray().Select(c => c!)], error);
    }

    private static string[] Codes(JsonNode camera) => [.. camera["faults"]!.AsArray().Select(f => (string)f!["code"]!)];

    private Task<RigServer> StartAsync() => RigServer.StartAsync(
        new RigOptions { StateDirectory = state, CacheDirectory = BenchClips.CacheFolder, WithPeople = false, WithGnss = false, Cameras = 2, Clips = BenchClips.Options },
        new Unheard(), TimeProvider.System, CancellationToken.None);
}
