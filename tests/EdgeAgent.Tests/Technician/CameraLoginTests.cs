using System.Text.Json;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Tests.Agent;
using EdgeAgent.Tests.Edgectl;

namespace EdgeAgent.Tests.Technician;

/// <summary>Cameras' passwords: sealed by the unit, put in where the options file names none.</summary>
public sealed class CameraLoginTests
{
    private const string Password = "p@ss:w/rd";

    [Fact]
    public async Task What_is_sealed_is_what_the_agent_opens_its_cameras_with_and_stands_nowhere_in_clear()
    {
        var car = await BenchCar.StartAsync();
        var options = AtTheBox.OptionsFile(car);
        await car.EndAsync();
        var (exitCode, output, error) = await EdgectlProcess.RunAsync(["cameras", "login", "--config", options, "--camera", "cam1", "--camera", "cab", "--user", "patrol", "--json"], null, Password);
        Assert.True(exitCode == 0, error + output);
        Assert.Equal(["cab", "cam1"], JsonDocument.Parse(output).RootElement.GetProperty("cameras").EnumerateArray().Select(c => c.GetString()));
        foreach (var file in Directory.GetFiles(car.Data, "*", SearchOption.AllDirectories))
            Assert.DoesNotContain(Password, System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)), StringComparison.Ordinal);
        car = await car.RestartAsync(sameBoot: true);
        var cameras = car.Get<EyesFacts>().Configuration.Cameras;
        Assert.Equal("rtsp://patrol:p%40ss%3Aw%2Frd@127.0.0.1:1/1", cameras[0].MainUrl);
        Assert.Equal("rtsp://127.0.0.1:1/2", cameras[1].MainUrl);
        Assert.Equal("rtsp://patrol:p%40ss%3Aw%2Frd@127.0.0.1:1/cab", cameras[2].MainUrl);
        await car.EndAsync();

        (exitCode, output, _) = await EdgectlProcess.RunAsync("cameras", "logout", "--config", options, "--camera", "cam1", "--camera", "cab");
        Assert.Equal(0, exitCode);
        Assert.Contains("No camera has a sealed login", output, StringComparison.Ordinal);
        await car.DisposeAsync();
    }

    [Fact]
    public async Task What_a_file_names_itself_goes_first_and_is_said()
    {
        await using var car = await BenchCar.StartAsync();
        var options = AtTheBox.OptionsFile(car, o => o with
        {
            Cameras = [o.Cameras[0] with { Main = "rtsp://own:word@127.0.0.1:1/1", Sub = "rtsp://127.0.0.1:1/sub", Ptz = "http://127.0.0.1:1/onvif", PtzUser = "own", PtzPassword = "word" }, o.Cameras[1] with { Ptz = "http://127.0.0.1:2/onvif" }],
        });
        await car.EndAsync();
        var (exitCode, output, _) = await EdgectlProcess.RunAsync(["cameras", "login", "--config", options, "--camera", "cam1", "--camera", "cam2", "--user", "patrol", "--json"], null, Password);
        Assert.Equal(0, exitCode);
        Assert.Equal(["cam1"], JsonDocument.Parse(output).RootElement.GetProperty("named").EnumerateArray().Select(c => c.GetString()));
        var over = CameraLogins.Over(CarOptions.Read(options).Options!).Cameras;
        Assert.Equal(("rtsp://own:word@127.0.0.1:1/1", "rtsp://patrol:p%40ss%3Aw%2Frd@127.0.0.1:1/sub", "own", "word"), (over[0].Main, over[0].Sub, over[0].PtzUser, over[0].PtzPassword));
        Assert.Equal(("patrol", Password), (over[1].PtzUser, over[1].PtzPassword));
    }

    [Fact]
    public async Task An_unknown_camera_and_no_password_change_nothing_and_a_damaged_file_stops_no_agent()
    {
        var car = await BenchCar.StartAsync();
        var options = AtTheBox.OptionsFile(car);
        await car.EndAsync();
        var (exitCode, said, _) = await AtTheBox.RunAsync("cameras", "login", "--config", options, "--camera", "cam1", "--user", "patrol");
        Assert.Equal((1, "no_password"), (exitCode, said.GetProperty("error").GetString()));
        (exitCode, said, _) = await AtTheBox.RunAsync("cameras", "logout", "--config", options, "--camera", "cam9");
        Assert.Equal((1, "unknown_camera"), (exitCode, said.GetProperty("error").GetString()));
        Assert.False(File.Exists(Path.Combine(car.Data, "cameras.sealed")));
        await File.WriteAllBytesAsync(Path.Combine(car.Data, "cameras.sealed"), [1, 2, 3]);
        car = await car.RestartAsync(sameBoot: true);
        Assert.Equal("rtsp://127.0.0.1:1/1", car.Get<EyesFacts>().Configuration.Cameras[0].MainUrl);
        await car.DisposeAsync();
    }
}
