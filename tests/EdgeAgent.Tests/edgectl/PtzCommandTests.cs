using System.Text.Json.Nodes;
using EdgeAgent.Rig.Onvif;
using EdgeAgent.Tests.Rig;

namespace EdgeAgent.Tests.Edgectl;

/// <summary>`edgectl ptz` against the bench's ONVIF camera.</summary>
public sealed class PtzCommandTests : IAsyncLifetime
{
    private readonly PtzSimulator camera = new("bench", "secret", () => [OnvifSite.Stream], TimeProvider.System);
    private OnvifSite site = null!;

    public async Task InitializeAsync() => site = await OnvifSite.StartAsync(camera);

    public async Task DisposeAsync() => await site.DisposeAsync();

    [Fact]
    public async Task It_turns_where_it_is_sent_says_where_it_looks_and_a_check_brings_it_back()
    {
        (int exitCode, JsonNode said, string error) = await RunAsync("secret", "goto", "--pan", "0.3", "--tilt", "-0.1", "--zoom", "0.2");
        Assert.True(exitCode == 0, error);
        Assert.Equal((0.3, -0.1, 0.2, false), ((double)said["pan"]!, (double)said["tilt"]!, (double)said["zoom"]!, (bool)said["moving"]!));
        (exitCode, said, error) = await RunAsync("secret", "check");
        Assert.True(exitCode == 0, error);
        Assert.Equal([0.3, 0.2, 0.3], said["pan"]!.AsArray().Select(p => Math.Round((double)p!, 2)));
        Assert.Equal(0.3, camera.Position.Pan, 3);
        Assert.Empty((await RunAsync("secret", "presets")).Said["presets"]!.AsArray());
    }

    [Fact]
    public async Task A_wrong_password_and_a_camera_that_is_not_there_are_one_sentence()
    {
        (int exitCode, _, string error) = await RunAsync("wrong", "status");
        Assert.Equal(1, exitCode);
        Assert.Contains("not Authorized", error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
        (exitCode, _, error) = await EdgectlProcess.RunAsync("ptz", "check", "--address", "http://127.0.0.1:9/onvif/device_service");
        Assert.Equal(1, exitCode);
        Assert.Contains("does not answer", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.5", "0.5", "--pan 1.5")]
    [InlineData("0.5", "-7", "--tilt -7")]
    public async Task A_place_that_does_not_exist_moves_nothing(string pan, string tilt, string wrong)
    {
        (int exitCode, _, string error) = await RunAsync("secret", "goto", "--pan", pan, "--tilt", tilt);
        Assert.Equal(1, exitCode);
        Assert.Contains(wrong, error, StringComparison.Ordinal);
        Assert.Equal(0, camera.Position.Pan);
    }

    private async Task<(int ExitCode, JsonNode Said, string Error)> RunAsync(string password, params string[] act)
    {
        (int exitCode, string output, string error) = await EdgectlProcess.RunAsync(["ptz", .. act, "--address", site.DeviceService, "--user", "bench", "--password-stdin", "--json"], null, password);
        return (exitCode, output.Length > 0 ? JsonNode.Parse(output)! : new JsonObject(), error);
    }
}
