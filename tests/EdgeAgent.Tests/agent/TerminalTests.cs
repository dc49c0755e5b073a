using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;

namespace EdgeAgent.Tests.Agent;

public sealed class TerminalTests
{
    [Fact]
    public async Task Pages_of_other_origins_and_other_names_for_this_address_are_refused()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(car, HttpMethod.Post, "/api/session", "http://evil.example")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(car, HttpMethod.Delete, "/api/session", "null")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(car, HttpMethod.Post, "/api/session", car.Http.BaseAddress!.ToString().TrimEnd('/'))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(car, HttpMethod.Get, "/api/session", null, host: "rebound.example")).StatusCode);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", "http://evil.example");
        _ = await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new Uri(car.Http.BaseAddress.ToString().Replace("http", "ws", StringComparison.Ordinal) + "api/stream"), default));
    }

    [Fact]
    public async Task Every_answer_carries_the_content_policy()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        HttpResponseMessage answer = await car.Http.GetAsync("/api/roster");
        string policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public async Task A_page_that_was_not_built_is_answered_with_a_sentence()
    {
        string empty = Directory.CreateTempSubdirectory("no-page-").FullName;
        await using BenchCar car = await BenchCar.StartAsync(o => o with { Terminal = o.Terminal with { WebRoot = empty } });
        HttpResponseMessage answer = await car.Http.GetAsync("/");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("not built", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(empty, "index.html"), "<!doctype html>");
        await using BenchCar built = await BenchCar.StartAsync(o => o with { Terminal = o.Terminal with { WebRoot = empty } });
        Assert.Equal("<!doctype html>", await built.Http.GetStringAsync("/"));
        Directory.Delete(empty, recursive: true);
    }

    [Fact]
    public async Task The_state_shows_cameras_stages_time_and_link()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await eyes.SendAsync(new EyesMessage { Camera = new CameraStatus { CameraId = "cam1", State = CameraState.Streaming, MainFps = 25, Codec = "h264", LastFrameMonoMs = eyes.MonoMs - 40 } });
        await using Page page = await car.PageAsync();
        JsonNode state = await page.UntilAsync("state", s => (string)s["cameras"]![0]!["state"]! == "streaming");
        Assert.Equal(("unit-1", "centre", "connecting"), ((string)state["unitId"]!, (string)state["timeTrust"]!, (string)state["cameras"]![1]!["state"]!));
        Assert.InRange((long)state["cameras"]![0]!["ageMs"]!, 40, 5000);
        Assert.True((bool)state["cameras"]![2]!["previewOnly"]!);
        Assert.Superset(new HashSet<string> { "eyes", "eyes-link", "matching", "alerts", "lists", "link", "gnss", "live", "audit", "terminal" }, state["stages"]!.AsArray().Select(s => (string)s!["name"]!).ToHashSet());
        Assert.Contains((string)state["link"]!["phase"]!, (string[])["connecting", "down"]);
        Assert.Null(state["officer"]);
        car.Time.Jump(TimeSpan.FromSeconds(6));
        Assert.Equal("lost", (string)(await page.UntilAsync("state", s => (string)s["cameras"]![0]!["state"]! == "lost"))["cameras"]![0]!["state"]!);
    }

    [Fact]
    public async Task Previews_are_asked_for_only_while_somebody_looks_and_need_a_session()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        _ = await Assert.ThrowsAsync<WebSocketException>(() => car.PageAsync("/api/preview"));
        _ = await car.SignInAsync();
        Assert.Empty(eyes.Asked);
        await using (Page page = await car.PageAsync("/api/preview"))
        {
            await Eventually.HoldsAsync(() => eyes.Asked.Any(a => a.Preview is { Fps: > 0 }), "previews are asked for");
            await eyes.SendAsync(new MediaMessage { Preview = new Preview { CameraId = "cam2", CapturedMonoMs = eyes.MonoMs, Jpeg = ByteString.CopyFrom(FakeEyes.Jpeg) } });
            byte[] message = (await NextPictureAsync(page)).Bytes;
            Assert.Equal(1, message[0]);
            Assert.InRange(car.Clock.NowUnixMs - BinaryPrimitives.ReadInt64LittleEndian(message.AsSpan(1)), 0, 5000);
            Assert.Equal(FakeEyes.Jpeg, message[9..]);
        }
        await Eventually.HoldsAsync(() => eyes.Asked.Last().Preview is { Fps: 0 }, "previews end");
    }

    [Fact]
    public async Task A_live_view_on_the_terminal_brings_mime_init_and_fragments_and_never_the_cab()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        _ = await car.SignInAsync();
        _ = await Assert.ThrowsAsync<WebSocketException>(() => car.PageAsync("/api/live/cab"));
        _ = await Assert.ThrowsAsync<WebSocketException>(() => car.PageAsync("/api/live/cam9"));
        await using (Page page = await car.PageAsync("/api/live/cam1?quality=main"))
        {
            await Eventually.HoldsAsync(() => eyes.Asked.Any(a => a.StartLive is not null), "the stream is asked for");
            StartLive asked = eyes.Asked.First(a => a.StartLive is not null).StartLive;
            Assert.Equal(("cam1", true), (asked.CameraId, asked.Main));
            await eyes.SendAsync(new MediaMessage { LiveStart = new LiveStart { StreamId = asked.StreamId, Mime = "video/mp4; codecs=\"avc1.64001f\"", InitSegment = ByteString.CopyFrom(1, 2, 3), Width = 640, Height = 360 } });
            await eyes.SendAsync(new MediaMessage { LiveFragment = new LiveFragment { StreamId = asked.StreamId, Sequence = 1, Key = true, CapturedUnixMs = 5, Data = ByteString.CopyFrom(9) } });
            await eyes.SendAsync(new MediaMessage { LiveFragment = new LiveFragment { StreamId = asked.StreamId, Sequence = 2, CapturedUnixMs = 6, Data = ByteString.CopyFrom(8) } });
            var facts = (await page.NextAsync())!.Value;
            Assert.Equal(("video/mp4; codecs=\"avc1.64001f\"", 640), ((string)JsonNode.Parse(facts.Bytes)!["mime"]!, (int)JsonNode.Parse(facts.Bytes)!["width"]!));
            Assert.Equal((0, 3), ((await page.NextAsync())!.Value.Bytes is var init ? init[0] : 9, init[^1]));
            Assert.Equal(1, (await page.NextAsync())!.Value.Bytes[0]);
            Assert.Equal(2, (await page.NextAsync())!.Value.Bytes[0]);
        }
        await Eventually.HoldsAsync(() => eyes.Asked.Any(a => a.StopLive is not null), "the stream ends with its watcher");
    }

    [Fact]
    public async Task Steering_needs_a_session_and_a_camera_that_can()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        var move = new { cameraId = "cam1", pan = 0.5, tilt = 0, zoom = 0, holdMs = 300 };
        Assert.Equal(HttpStatusCode.Unauthorized, (await car.Http.PostAsJsonAsync("/api/ptz", move)).StatusCode);
        _ = await car.SignInAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await car.Http.PostAsJsonAsync("/api/ptz", move)).StatusCode);
    }

    internal static async Task<(WebSocketMessageType Type, byte[] Bytes)> NextPictureAsync(Page page)
    {
        while (true)
        {
            var message = (await page.NextAsync())!.Value;
            if (message.Bytes.Length > 9)
                return message;
        }
    }

    private static Task<HttpResponseMessage> SendAsync(BenchCar car, HttpMethod method, string path, string? origin, string? host = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(new { officerId = BenchCar.OfficerId, pin = BenchCar.Pin }) };
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        request.Headers.Host = host;
        return car.Http.SendAsync(request);
    }
}
