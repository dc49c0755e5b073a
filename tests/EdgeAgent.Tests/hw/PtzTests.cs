using EdgeAgent.Hw.Onvif;
using EdgeAgent.Hw.Ptz;
using EdgeAgent.Rig.Onvif;
using EdgeAgent.Tests.Rig;
using Microsoft.Extensions.Logging.Abstractions;
using PtzVector = EdgeAgent.Hw.Ptz.PtzVector;

namespace EdgeAgent.Tests.Hw;

/// <summary>The PTZ client against the bench's ONVIF camera.</summary>
public sealed class PtzTests : IAsyncLifetime, IDisposable
{
    private const string User = "officer";
    private const string Password = "päss&word";
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(30));
    private readonly PtzSimulator _camera = new(User, Password, () => [OnvifSite.Stream], TimeProvider.System);
    private OnvifSite _site = null!;

    public async Task InitializeAsync() => _site = await OnvifSite.StartAsync(_camera);

    public async Task DisposeAsync() => await _site.DisposeAsync();

    public void Dispose() => _limit.Dispose();

    [Fact]
    public async Task A_wrong_password_is_refused_with_the_cameras_words()
    {
        await using var client = NewClient("wrong");
        var e = await Assert.ThrowsAsync<OnvifException>(() => client.StatusAsync(_limit.Token));
        Assert.Contains("not Authorized", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_camera_that_does_not_answer_is_told_in_time()
    {
        await using var client = new PtzClient(
            new PtzOptions(new OnvifAccess(new Uri("http://127.0.0.1:9/onvif/device_service"), User, Password)), TimeProvider.System, NullLogger<PtzClient>.Instance);
        await Assert.ThrowsAsync<OnvifException>(() => client.MoveAsync(new PtzVector(1, 0, 0), _limit.Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html><body>camera</body></html>")]
    [InlineData("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><x>&a;</x>")]
    public void An_answer_that_is_no_soap_is_refused(string answer) =>
        Assert.Throws<OnvifException>(() => SoapClient.Body(System.Text.Encoding.UTF8.GetBytes(answer), "GetStatus", 200));

    [Fact]
    public async Task Without_further_commands_a_movement_ends_by_itself()
    {
        await using var client = NewClient(Password);
        await client.MoveAsync(new PtzVector(1, 0, 0), _limit.Token);
        Assert.True((await client.StatusAsync(_limit.Token)).Moving);
        while ((await client.StatusAsync(_limit.Token)).Moving)
            await Task.Delay(50, _limit.Token);
        double stopped = _camera.Position.Pan;
        Assert.InRange(stopped, 0.02, 0.4);
        await Task.Delay(300, _limit.Token);
        Assert.Equal(stopped, _camera.Position.Pan, 6);
    }

    [Fact]
    public async Task Repeated_commands_keep_it_moving_and_stop_stops()
    {
        await using var client = NewClient(Password);
        for (int i = 0; i < 6; i++)
        {
            await client.MoveAsync(new PtzVector(0, -1, 0), _limit.Token);
            await Task.Delay(200, _limit.Token);
            Assert.True((await client.StatusAsync(_limit.Token)).Moving);
        }
        await client.StopAsync(_limit.Token);
        Assert.False((await client.StatusAsync(_limit.Token)).Moving);
        Assert.True(_camera.Position.Tilt < -0.2);
    }

    [Fact]
    public async Task Places_steps_and_presets_are_reached()
    {
        await using var client = NewClient(Password);
        await client.GoToAsync(new PtzVector(0.1, -0.05, 7), _limit.Token);
        await Reached(client);
        Assert.Equal((0.1, -0.05, 1), (_camera.Position.Pan, _camera.Position.Tilt, _camera.Position.Zoom));
        string token = await client.SavePresetAsync("gate & <lane>", _limit.Token);
        Assert.Equal(new PtzPreset(token, "gate & <lane>"), Assert.Single(await client.PresetsAsync(_limit.Token)));
        await client.StepAsync(new PtzVector(-0.1, double.NaN, -0.1), _limit.Token);
        await Reached(client);
        Assert.Equal((0, -0.05, 0.9), (Math.Round(_camera.Position.Pan, 6), _camera.Position.Tilt, Math.Round(_camera.Position.Zoom, 6)));
        await client.GoToPresetAsync(token, _limit.Token);
        await Reached(client);
        Assert.Equal(0.1, _camera.Position.Pan);
        await Assert.ThrowsAsync<OnvifException>(() => client.GoToPresetAsync("absent", _limit.Token));
    }

    [Fact]
    public void The_digest_is_the_standards()
    {
        // ONVIF Application Programmer's Guide, section 6.1.1.3.
        byte[] nonce = Convert.FromBase64String("LKqI6G/AikKCQrN0zqZFlg==");
        Assert.Equal("tuOSpGlFlIXsozq4HFNeeGeFLEI=", OnvifSecurity.Digest(nonce, "2010-09-16T07:50:45Z", "userpassword"));
    }

    private PtzClient NewClient(string password) => new(
        new PtzOptions(new OnvifAccess(new Uri(_site.DeviceService), User, password)), TimeProvider.System, NullLogger<PtzClient>.Instance);

    private async Task Reached(PtzClient client)
    {
        while ((await client.StatusAsync(_limit.Token)).Moving)
            await Task.Delay(50, _limit.Token);
    }
}
