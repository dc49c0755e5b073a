using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Rig.Onvif;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Rig;

public sealed class PtzTests : IAsyncLifetime
{
    private readonly PtzSimulator simulator = new("bench", "secret", () => [new OfferedStream("main", "H264", 1920, 1080, "rtsp://127.0.0.1:1/cam1/main?a=1&b=2")], TimeProvider.System);
    private OnvifSite site = null!;

    private string Url => site.DeviceService;

    public async Task InitializeAsync() => site = await OnvifSite.StartAsync(simulator);

    public async Task DisposeAsync() => await site.DisposeAsync();

    [Theory]
    [InlineData("", HttpStatusCode.BadRequest)]
    [InlineData("not xml", HttpStatusCode.BadRequest)]
    [InlineData("<Envelope><Body/></Envelope>", HttpStatusCode.BadRequest)]
    [InlineData("<!DOCTYPE x [<!ENTITY a \"b\">]><Envelope><Body><GetStatus/></Body></Envelope>", HttpStatusCode.BadRequest)]
    [InlineData("<Envelope><Body><GetStatus/></Body></Envelope>", HttpStatusCode.Unauthorized)]
    [InlineData("<Envelope><Header><UsernameToken><Username>bench</Username><Password>x</Password><Nonce>***</Nonce></UsernameToken></Header><Body><GetStatus/></Body></Envelope>", HttpStatusCode.Unauthorized)]
    public async Task What_is_no_allowed_request_is_answered_with_a_fault(string body, HttpStatusCode expected)
    {
        using var http = new HttpClient();
        using HttpResponseMessage answer = await http.PostAsync(new Uri(Url), new StringContent(body, Encoding.UTF8, "application/soap+xml"));

        Assert.Equal(expected, answer.StatusCode);
        Assert.Contains("s:Fault", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_npm_client_moves_the_head_stops_it_and_finds_its_preset_again()
    {
        string script = Path.Combine(Repository.Root, "tests", "EdgeAgent.Tests", "rig", "onvif-client.mjs");
        (int exitCode, string output, string error) = await Programs.RunAsync("node", [script, new Uri(Url).Port.ToString(), "bench", "secret"]);
        Assert.True(exitCode == 0, error);
        JsonNode result = JsonNode.Parse(output)!;

        Assert.Equal("rtsp://127.0.0.1:1/cam1/main?a=1&b=2", (string)result["uri"]!);
        Assert.InRange((double)result["moved"]!["x"]!, 0.05, 0.3);
        Assert.Equal("MOVING", (string)result["movingStatus"]!);
        Assert.Equal((double)result["stopped"]!["x"]!, (double)result["later"]!["x"]!);
        Assert.Equal(["home"], result["presets"]!.AsArray().Select(p => (string)p!));
        Assert.Equal(0, (double)result["back"]!["x"]!, 3);
        Assert.Equal("refused", (string)result["wrongPassword"]!);
    }

    [Fact]
    public void A_head_takes_its_time_and_stays_within_its_limits()
    {
        var time = new SteppedTime();
        var motion = new PtzMotion(time);
        motion.GoTo((1, -1), 1);
        time.Step(1);
        Assert.Equal(0.25, motion.Status.Position.Pan, 6);
        Assert.True(motion.Status.PanTiltMoving);
        time.Step(10);
        Assert.Equal(new PtzVector(1, -1, 1), motion.Status.Position);
        Assert.False(motion.Status.PanTiltMoving);

        motion.Move((1, 0), -1, null);
        time.Step(100);
        Assert.Equal(new PtzVector(1, -1, 0), motion.Status.Position);
    }

    [Fact]
    public void A_move_ends_at_its_timeout_though_nobody_says_stop()
    {
        var time = new SteppedTime();
        var motion = new PtzMotion(time);
        motion.Move((1, 0), null, TimeSpan.FromSeconds(2));
        time.Step(60);

        Assert.Equal(0.5, motion.Status.Position.Pan, 6);
        Assert.False(motion.Status.PanTiltMoving);
    }
}
