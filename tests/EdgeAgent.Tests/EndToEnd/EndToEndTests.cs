using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Chaos.Canary;
using EdgeAgent.Chaos.Pages;
using EdgeAgent.Rig.Run;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.EndToEnd;

/// <summary>The real programs together, as on the road: rig, eyes, host, centre, both pages' interfaces.</summary>
[Collection(BenchCollection.Name)]
public sealed class EndToEndTests(BenchFixture fixture)
{
    private readonly Bench bench = fixture.Bench;

    [Fact]
    public async Task A_listed_plate_and_a_listed_face_are_confirmed_by_the_officer_and_reach_the_centre_with_pictures()
    {
        using CancellationTokenSource limit = Limit(90);
        Truth truth = Truth.Read(bench.TruthFile);
        using PageClient terminal = await OfficerAsync(limit.Token);
        using PageClient console = await DispatcherAsync(limit.Token);
        await using JsonSocket incidents = await console.SocketAsync("/api/stream", limit.Token);

        foreach (string kind in (string[])["plate", "face"])
        {
            (JsonNode alert, string decision) = await ConfirmNextAsync(terminal, kind, limit.Token);
            string listed = (string)alert["listedText"]!;
            // A person is shown as "display name reference"; the bench's reference is the person's id.
            Assert.Contains(listed.Split(' ')[^1], kind == "plate" ? truth.ListedPlates : truth.ListedPersons);
            Assert.NotEmpty(decision);
            JsonNode incident = await incidents.UntilAsync("incident", i => (string?)i["listedText"] == listed && (string?)i["verdict"] == "confirmed", limit.Token);
            Assert.True((bool)incident["signatureValid"]!);
            Assert.Equal(BenchPlan.OfficerId, (string)incident["officerId"]!);
            byte[] picture = await console.BytesAsync((string)incident["seenUrl"]!, limit.Token);
            Assert.Equal([0xFF, 0xD8], picture[..2]);
        }
    }

    [Fact]
    public async Task A_confirmed_alert_is_followed_by_its_clip_of_that_camera_as_it_came()
    {
        using CancellationTokenSource limit = Limit(180);
        using PageClient terminal = await OfficerAsync(limit.Token);
        using PageClient console = await DispatcherAsync(limit.Token);
        await using JsonSocket incidents = await console.SocketAsync("/api/stream", limit.Token);
        (JsonNode alert, _) = await ConfirmNextAsync(terminal, null, limit.Token);
        string listed = (string)alert["listedText"]!;
        long seenAt = (long)alert["seenAtUnixMs"]!;
        JsonNode incident = await incidents.UntilAsync(
            "incident", i => (string?)i["listedText"] == listed && (string?)i["verdict"] == "confirmed" && (long)i["capturedAtUnixMs"]! == seenAt, limit.Token);
        string path = $"/api/incidents/{(string)incident["eventId"]!}/clip";
        JsonNode clip = new JsonObject();
        await UntilAsync(
            async () =>
            {
                clip = JsonNode.Parse(await console.BytesAsync(path, limit.Token))!;
                return (string?)clip["state"] is "here" or "none";
            },
            limit.Token);
        Assert.Equal(("here", ""), ((string)clip["state"]!, (string)clip["reason"]!));
        Assert.Equal((string)incident["cameraId"]!, (string)clip["cameraId"]!);
        Assert.True((long)clip["fromUnixMs"]! <= seenAt && (long)clip["toUnixMs"]! >= seenAt, $"{clip} does not hold {seenAt}");
        string file = Path.Combine(bench.CarData, "..", "clip-of-test.mp4");
        await File.WriteAllBytesAsync(file, await console.BytesAsync((string)clip["url"]!, limit.Token), limit.Token);
        JsonNode stream = JsonNode.Parse(Clips.Run("ffprobe", ["-v", "error", "-count_packets", "-of", "json", "-show_streams", "-show_format", file]))!;
        Assert.Equal(1920, (int)stream["streams"]![0]!["width"]!);
        Assert.InRange(double.Parse((string)stream["format"]!["duration"]!), 4, 20);
        Assert.InRange(int.Parse((string)stream["streams"]![0]!["nb_read_packets"]!), 40, 1000);
        Assert.Equal("", Clips.Run("ffmpeg", ["-v", "error", "-i", file, "-f", "null", "-"]));
    }

    [Fact]
    public async Task Without_an_officer_nothing_is_analysed()
    {
        using CancellationTokenSource limit = Limit(60);
        using PageClient terminal = await OfficerAsync(limit.Token);
        await GrowsAsync(s => s.FramesAnalysed, 10, limit.Token);
        Assert.True((int)await terminal.DeleteAsync("/api/session", limit.Token) < 300);
        await Task.Delay(1000, limit.Token);
        CarSummary before = await SummaryAsync(limit.Token);
        await Task.Delay(2000, limit.Token);
        CarSummary after = await SummaryAsync(limit.Token);
        Assert.True(after.FramesAnalysed - before.FramesAnalysed <= 7, $"{after.FramesAnalysed - before.FramesAnalysed} frames were analysed with nobody signed in");
        Assert.Equal(before.Reads, after.Reads);
    }

    [Fact]
    public async Task Eyes_killed_are_back_within_three_seconds_and_look_on()
    {
        using CancellationTokenSource limit = Limit(60);
        using PageClient terminal = await OfficerAsync(limit.Token);
        await GrowsAsync(s => s.FramesAnalysed, 10, limit.Token);
        CarSummary before = await SummaryAsync(limit.Token);
        int eyes = bench.EyesPid()!.Value;
        using (Process victim = Process.GetProcessById(eyes))
            victim.Kill();
        long killed = Stopwatch.GetTimestamp();
        await UntilAsync(async () => (await SummaryAsync(limit.Token)).EyesRestarts > before.EyesRestarts, limit.Token);
        TimeSpan back = Stopwatch.GetElapsedTime(killed);
        Assert.NotEqual(eyes, bench.EyesPid());
        Assert.True(back <= TimeSpan.FromSeconds(3), $"eyes were back after {back.TotalSeconds:0.0} s");
        await UntilAsync(async () => (await SummaryAsync(limit.Token)).CamerasStreaming >= 7, limit.Token);
        await GrowsAsync(s => s.FramesAnalysed, 50, limit.Token);
    }

    [Fact]
    public async Task A_camera_unplugged_is_shown_as_lost_comes_back_and_the_others_go_on()
    {
        using CancellationTokenSource limit = Limit(60);
        using PageClient terminal = await OfficerAsync(limit.Token);
        await using JsonSocket stream = await terminal.SocketAsync("/api/stream", limit.Token);
        string[] others = ["cam1", "cam2", "cam4", "cam5", "cam6", "cam7"];
        _ = await stream.UntilAsync("state", s => others.Append("cam3").All(id => Camera(s, id) == "streaming"), limit.Token);
        await ControlAsync("cameras/cam3/unplug", limit.Token);
        try
        {
            JsonNode state = await stream.UntilAsync("state", s => Camera(s, "cam3") == "lost", limit.Token);
            Assert.All(others, id => Assert.Equal("streaming", Camera(state, id)));
            await GrowsAsync(s => s.FramesAnalysed, 50, limit.Token);
        }
        finally
        {
            await ControlAsync("cameras/cam3/plug", limit.Token);
        }
        _ = await stream.UntilAsync("state", s => Camera(s, "cam3") == "streaming", limit.Token);
    }

    [Fact]
    public async Task Host_killed_in_mid_run_loses_no_acknowledged_decision_and_repeats_none()
    {
        using CancellationTokenSource limit = Limit(150);
        string decision;
        using (PageClient terminal = await OfficerAsync(limit.Token))
            (_, decision) = await ConfirmNextAsync(terminal, null, limit.Token);
        await bench.KillCarAsync();
        await bench.StartCarAsync(limit.Token);
        await UntilAsync(async () => (await bench.LedgerAsync(limit.Token)) is { Pending: 0 }, limit.Token);
        Ledger ledger = await bench.LedgerAsync(limit.Token);
        Assert.Equal((0, 0, 0), (ledger.Lost, ledger.Duplicated, ledger.Refused));
        Assert.Contains(decision, await bench.DecisionsAtCentreAsync(limit.Token));
    }

    [Fact]
    public async Task Centre_killed_and_back_has_everything_once()
    {
        using CancellationTokenSource limit = Limit(150);
        using PageClient terminal = await OfficerAsync(limit.Token);
        await bench.KillCentreAsync();
        (_, string decision) = await ConfirmNextAsync(terminal, null, limit.Token);
        await bench.StartCentreAsync(limit.Token);
        await UntilAsync(async () => (await bench.DecisionsAtCentreAsync(limit.Token)).Contains(decision), limit.Token);
        Ledger ledger = await bench.LedgerAsync(limit.Token);
        Assert.Equal((0, 0), (ledger.Lost, ledger.Duplicated));
    }

    [Fact]
    public async Task A_live_view_needs_a_reason_is_shown_in_the_car_and_brings_playable_video()
    {
        using CancellationTokenSource limit = Limit(60);
        using PageClient terminal = await OfficerAsync(limit.Token);
        using PageClient console = await DispatcherAsync(limit.Token);
        await using JsonSocket car = await terminal.SocketAsync("/api/stream", limit.Token);
        JsonNode lease = await console.PostAsync("/api/live", new { unitId = BenchPlan.UnitId, cameraId = "cam2", reason = "bench test", minutes = 5, quality = "sub" }, limit.Token);
        string id = (string)lease["leaseId"]!;
        _ = await car.UntilAsync("state", s => s["cameras"]!.AsArray().Any(c => (string)c!["id"]! == "cam2" && c["watchers"]!.AsArray().Any(w => (string)w!["reason"]! == "bench test")), limit.Token);
        await using (JsonSocket video = await console.SocketAsync($"/api/live/{id}/video", limit.Token))
        {
            SocketMessage mime = (await video.NextAsync(limit.Token))!;
            Assert.StartsWith("video/mp4; codecs=\"avc1.", (string)mime.Json!["mime"]!, StringComparison.Ordinal);
            byte[] init = (await video.NextAsync(limit.Token))!.Bytes;
            Assert.Equal(0, init[0]);
            Assert.Equal("ftyp", Encoding.ASCII.GetString(init, 9 + 4, 4));
            Assert.Equal("sub", (string)(await video.NextAsync(limit.Token))!.Json!["level"]!);
            byte[] first = (await video.NextAsync(limit.Token))!.Bytes;
            Assert.Equal(1, first[0]);
            for (int more = 0; more < 30; more++)
                Assert.NotNull(await video.NextAsync(limit.Token));
        }
        Assert.True((int)await console.DeleteAsync($"/api/live/{id}", limit.Token) < 300);
        _ = await car.UntilAsync("state", s => s["cameras"]!.AsArray().All(c => c!["watchers"]!.AsArray().Count == 0), limit.Token);
    }

    [Fact]
    public async Task Who_is_on_no_list_is_in_no_file_that_the_car_wrote()
    {
        using CancellationTokenSource limit = Limit(120);
        using PageClient terminal = await OfficerAsync(limit.Token);
        // The scanner must be able to find: a planted file, then gone.
        string planted = Path.Combine(bench.CarData, "planted.bin");
        Truth truth = Truth.Read(bench.TruthFile);
        string[] unlisted = [.. truth.Unlisted.Where(t => t.Length >= 7)];
        Assert.NotEmpty(unlisted);
        float[] template = [.. Enumerable.Range(1, 512).Select(i => MathF.Sin(i) / MathF.Sqrt(256))];
        byte[] bytes = [.. new byte[3], .. template.SelectMany(BitConverter.GetBytes), .. Encoding.Unicode.GetBytes(unlisted[0])];
        await File.WriteAllBytesAsync(planted, bytes, limit.Token);
        List<string> found = [.. TraceScanner.Scan(bench.CarData, unlisted).Where(f => f.StartsWith(planted, StringComparison.Ordinal))];
        Assert.Contains(found, f => f.EndsWith($"{unlisted[0]} as UTF-16", StringComparison.Ordinal));
        Assert.Contains(found, f => f.Contains("template of somebody", StringComparison.Ordinal));
        File.Delete(planted);

        CarSummary before = await SummaryAsync(limit.Token);
        await UntilAsync(async () => await SummaryAsync(limit.Token) is { } s && s.Reads >= before.Reads + 5 && s.Faces >= before.Faces + 2, limit.Token);
        Assert.Empty(TraceScanner.Scan(bench.CarData, unlisted));
    }

    // ---- an officer and a dispatcher over the pages' own interfaces

    private async Task<PageClient> OfficerAsync(CancellationToken stop)
    {
        var client = new PageClient(bench.Plan.TerminalUrl);
        await client.PostAsync("/api/session", new { officerId = BenchPlan.OfficerId, pin = bench.Plan.Pin }, stop);
        return client;
    }

    private async Task<PageClient> DispatcherAsync(CancellationToken stop)
    {
        var client = new PageClient(bench.Plan.ConsoleUrl);
        await client.PostAsync("/api/session", new { user = BenchPlan.Dispatcher, password = bench.Plan.DispatcherPassword }, stop);
        return client;
    }

    /// <summary>Waits for an alert (of a kind), confirms it; the alert and the decision's id.</summary>
    private static async Task<(JsonNode Alert, string Decision)> ConfirmNextAsync(PageClient terminal, string? kind, CancellationToken stop)
    {
        await using JsonSocket stream = await terminal.SocketAsync("/api/stream", stop);
        JsonNode alert = await stream.UntilAsync("alert", a => kind is null || (string)a["kind"]! == kind, stop);
        JsonNode answer = await terminal.PostAsync($"/api/alerts/{(string)alert["id"]!}/decision", new { verdict = "confirmed", reason = "", note = "" }, stop);
        return (alert, (string)answer["decisionId"]!);
    }

    private static string? Camera(JsonNode state, string id) => (string?)state["cameras"]!.AsArray().First(c => (string)c!["id"]! == id)!["state"];

    private async Task<CarSummary> SummaryAsync(CancellationToken stop)
    {
        while (true)
        {
            if (await bench.SummaryAsync(stop) is { } summary)
                return summary;
            await Task.Delay(50, stop);
        }
    }

    private async Task GrowsAsync(Func<CarSummary, long> counter, long by, CancellationToken stop)
    {
        long from = counter(await SummaryAsync(stop));
        // A restart of eyes starts its counters again: growth counts from the lower of the two.
        await UntilAsync(async () => { long now = counter(await SummaryAsync(stop)); from = Math.Min(from, now); return now >= from + by; }, stop);
    }

    private async Task ControlAsync(string path, CancellationToken stop)
    {
        using var http = new HttpClient();
        using HttpResponseMessage answer = await http.PostAsync(new Uri($"{(string)bench.Rig["control"]!}/{path}"), null, stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task UntilAsync(Func<Task<bool>> done, CancellationToken stop)
    {
        while (!await done())
            await Task.Delay(50, stop);
    }

    private static CancellationTokenSource Limit(int seconds) => new(TimeSpan.FromSeconds(seconds));
}
