using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Patrolling;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Contract;
using EdgeAgent.Hw.Gnss;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;
using Patrol.Dispatch.V1;
using Fix = EdgeAgent.Hw.Gnss.GnssFix;

namespace EdgeAgent.Tests.Agent;

/// <summary>How far the car is with its plan, from its own positions.</summary>
public sealed class DutyTests
{
    private const double Lat = 39.9, Lon = 116.4;
    private static readonly LocalPlane Plane = new(Lat, Lon);

    [Fact]
    public async Task Points_are_ticked_by_dwell_posts_by_time_and_the_page_hears_of_it_only_while_somebody_is_on_duty()
    {
        await using BenchCar car = await StartAsync();
        Drive(car, 8, _ => (200, 0));
        Assert.Null((await StateAsync(car))["areas"]!["duty"]);
        _ = await car.SignInAsync();
        JsonNode gate = await ItemAsync(car, "gate");
        Assert.Equal(("open", "point", 200.0, 270.0), ((string)gate["state"]!, (string)gate["kind"]!, (double)gate["metres"]!, (double)gate["degrees"]!));
        Drive(car, 4, _ => (5, 0));
        gate = await ItemAsync(car, "gate");
        Assert.Equal(("under_way", 10, 7), ((string)gate["state"]!, (int)gate["dwellS"]!, (int)gate["leftS"]!));
        Drive(car, 8, _ => (5, 0));
        gate = await ItemAsync(car, "gate");
        Assert.Equal("done", (string)gate["state"]!);
        Assert.InRange((long)gate["doneAtUnixMs"]!, car.Clock.NowUnixMs - 20_000, car.Clock.NowUnixMs);
        JsonNode route = (await DutyAsync(car))["routes"]![0]!;
        Assert.Equal((1, 4, "Day round"), ((int)route["done"]!, (int)route["of"]!, (string)route["name"]!));

        Drive(car, 5, _ => (0, 500));
        JsonNode post = await ItemAsync(car, "post");
        Assert.Equal("under_way", (string)post["state"]!);
        Assert.NotNull(post["sinceUnixMs"]);
        Drive(car, 2, _ => (0, 700));
        post = await ItemAsync(car, "post");
        Assert.True((long)post["leftAtUnixMs"]! > 0 && post["sinceUnixMs"] is null, post.ToJsonString());
    }

    [Fact]
    public async Task A_restart_goes_on_with_what_was_driven_and_nothing_of_it_can_be_read_on_disk()
    {
        BenchCar car = await StartAsync();
        Drive(car, 30, _ => (5, 0));
        Drive(car, 30, n => (5, 500 + (n % 2)));
        await car.SignInAsync();
        double held = (double)(await ItemAsync(car, "post"))["done"]!;
        Assert.InRange(held, 0.4, 0.5);
        car = await car.RestartAsync(sameBoot: true);
        await car.SignInAsync();
        Assert.Equal("done", (string)(await ItemAsync(car, "gate"))["state"]!);
        // At most the piece of ten seconds that was not on disk yet is missing.
        Assert.InRange((double)(await ItemAsync(car, "post"))["done"]!, held - 0.2, held);
        // A newer plan counts the same drive anew.
        Assert.Equal("", car.Get<PatrolBook>().Take("zhao", Plan(car.Pki, 2, route => route.Items[0].DwellSeconds = 3000)));
        JsonNode gate = await ItemAsync(car, "gate");
        Assert.NotEqual("done", (string)gate["state"]!);
        await car.DisposeAsync();
    }

    [Fact]
    public async Task A_jump_ticks_nothing_a_gap_is_no_dwell_and_what_was_missed_says_why()
    {
        await using BenchCar car = await StartAsync(route => (route.Items[0].DwellSeconds, route.Items[1].DwellSeconds) = (0, 60));
        await car.SignInAsync();
        Drive(car, 3, _ => (0, 3000));
        // Three kilometres in a second and back again.
        Drive(car, 2, _ => (0, 0));
        Assert.Equal("open", (string)(await ItemAsync(car, "gate"))["state"]!);
        Drive(car, 3, _ => (0, 3000));
        Drive(car, 20, n => (500, 3000 - (150 * n)));
        Drive(car, 20, _ => (500, 0));
        car.Time.Jump(TimeSpan.FromMinutes(3));
        Drive(car, 20, _ => (500, 0));
        JsonNode school = await ItemAsync(car, "school");
        Assert.Equal(("under_way", 60), ((string)school["state"]!, (int)school["dwellS"]!));
        Drive(car, 2, _ => (900, 0));
        // The shift of the plan ends.
        car.Time.Jump(TimeSpan.FromHours(1));
        school = await ItemAsync(car, "school");
        Assert.Equal(("missed", "too_short"), ((string)school["state"]!, (string)school["code"]!));
        Assert.InRange((int)school["shortByS"]!, 20, 25);
        Assert.Equal("never_near", (string)(await ItemAsync(car, "gate"))["code"]!);
        Assert.InRange((int)school["unknownMinutes"]!, 3, 70);
    }

    [Fact]
    public async Task A_post_is_handed_over_and_a_miss_explained_each_once_to_the_centre_and_still_known_after_a_restart()
    {
        BenchCar car = await StartAsync();
        Drive(car, 3, _ => (0, 500));
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(car, "post/hand-over", new { relievedBy = "王建国" })).StatusCode);
        _ = await car.SignInAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(car, "post/hand-over", new { relievedBy = "王建国", toUnitId = "unit-2" })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(car, "school/reason", new { reason = "road_closed" })).StatusCode);
        (string Path, object Body, string Code)[] refused =
        [
            ("gate/hand-over", new { relievedBy = "x" }, "not_a_post"), ("post/hand-over", new { }, "relief_required"), ("post/hand-over", new { relievedBy = new string('x', 61) }, "text_too_long"),
            ("nowhere/hand-over", new { relievedBy = "x" }, "unknown_item"), ("school/reason", new { reason = "bored" }, "reason_unknown"), ("school/reason", new { reason = "other" }, "words_needed"),
        ];
        foreach ((string path, object body, string code) in refused)
            Assert.Equal(code, (string)(await (await PostAsync(car, path, body)).Content.ReadFromJsonAsync<JsonNode>())!["code"]!);
        List<PatrolNote> told = [.. car.Events().Where(e => e.PatrolNote is not null).Select(e => e.PatrolNote)];
        Assert.Equal(2, told.Count);
        Assert.Contains(told, n => n is { ItemId: "post", HandOver: { RelievedBy: "王建国", ToUnitId: "unit-2" }, PlanVersion: 1 });
        Assert.Contains(told, n => n is { ItemId: "school", Missed.Reason: "road_closed" });
        car = await car.RestartAsync(sameBoot: true);
        _ = await car.SignInAsync();
        Assert.Equal("王建国", (string)(await ItemAsync(car, "post"))["relief"]!["by"]!);
        Assert.Equal("road_closed", (string)(await ItemAsync(car, "school"))["reason"]!);
        await car.EndAsync();
        Assert.DoesNotContain("王建国", Encoding.UTF8.GetString(await File.ReadAllBytesAsync(Path.Combine(car.Data, "events.db"))), StringComparison.Ordinal);
        await car.DisposeAsync();
    }

    [Fact]
    public void A_receiver_that_jumps_is_believed_again_once_it_stays()
    {
        var check = new JumpCheck();
        Assert.False(check.IsSuspect(0, Lat, Lon));
        Assert.False(check.IsSuspect(1000, Lat + 0.0002, Lon));
        bool[] far = [.. Enumerable.Range(2, 6).Select(n => check.IsSuspect(n * 1000, Lat + 0.1, Lon))];
        Assert.Equal([true, true, true, true, false, false], far);
        // Ten minutes later a car may be ten kilometres on.
        Assert.False(check.IsSuspect(700_000, Lat, Lon));
    }

    private static async Task<BenchCar> StartAsync(Action<PatrolRoute>? change = null)
    {
        BenchCar car = await BenchCar.StartAsync();
        // Made with the page's state a moment after the host's start: from then on it hears of positions.
        _ = car.Get<DutyBook>();
        Assert.Equal("", car.Get<PatrolBook>().Take("zhao", Plan(car.Pki, 1, change, car.Clock.NowUnixMs)));
        return car;
    }

    private static SignedEnvelope Plan(TestPki pki, ulong version, Action<PatrolRoute>? change = null, long? now = null)
    {
        // In force from ten minutes ago for three quarters of an hour.
        long from = (now ?? TestLists.Now) - 600_000;
        var route = new PatrolRoute { PlanId = "day", Version = version, Name = "Day round", ValidFromUnixMs = from, ValidToUnixMs = from + (45 * 60_000) };
        route.Items.Add(Item("gate", PatrolItemKind.Point, 0, 0));
        route.Items.Add(Item("school", PatrolItemKind.Point, 500, 0));
        route.Items.Add(Item("post", PatrolItemKind.Post, 0, 500));
        route.Items[2].LeastMinutes = 20;
        PatrolItem street = Item("street", PatrolItemKind.Line, 2000, 2000);
        street.Shape.Add(Plane.Back(new PlanePoint(2000, 2500)));
        route.Items.Add(street);
        change?.Invoke(route);
        var plan = new PatrolPlan { Version = version, UnitId = BenchCar.UnitId, Routes = { route } };
        return Envelopes.Sign(Envelopes.PatrolType, plan.ToByteArray(), TestPki.Signer(SignerRole.Centre, pki.CentreSigner));
    }

    private static PatrolItem Item(string id, PatrolItemKind kind, double east, double north) => new()
    {
        ItemId = id,
        Name = id,
        Kind = kind,
        ToleranceMetres = 30,
        DwellSeconds = kind == PatrolItemKind.Point ? 10u : 0,
        Shape = { Plane.Back(new PlanePoint(east, north)) },
    };

    /// <summary>A position a second, metres east and north of the gate.</summary>
    private static void Drive(BenchCar car, int seconds, Func<int, (double East, double North)> where)
    {
        for (int n = 0; n < seconds; n++)
        {
            car.Time.Jump(TimeSpan.FromSeconds(1));
            (double east, double north) = where(n);
            GeoPoint at = Plane.Back(new PlanePoint(east, north));
            _ = car.Get<PositionBook>().Take(new Fix(at.LatitudeDegrees, at.LongitudeDegrees, 3, 0, 0, 5, GnssQuality.ThreeD, 9, 0, car.Time.MonoMs, false), "o1");
        }
    }

    private static Task<HttpResponseMessage> PostAsync(BenchCar car, string path, object body) => car.Http.PostAsJsonAsync($"/api/duty/day/{path}", body);

    private static async Task<JsonNode> StateAsync(BenchCar car)
    {
        await using Page page = await car.PageAsync();
        return await page.UntilAsync("state");
    }

    private static async Task<JsonNode> DutyAsync(BenchCar car) => (await StateAsync(car))["areas"]!["duty"]!;

    private static async Task<JsonNode> ItemAsync(BenchCar car, string id) => (await DutyAsync(car))["items"]!.AsArray().First(i => (string)i!["itemId"]! == id)!;
}
