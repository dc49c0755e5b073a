using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.DispatchClient.Uplink;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

/// <summary>Calls of a car: as the centre sends them, and, without a link, as an earlier session left them.</summary>
internal static class CallBench
{
    public const double Latitude = 31.2305, Longitude = 121.4737;

    public static Call Call(Action<Call>? change = null)
    {
        var call = new Call
        {
            CallId = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
            Revision = 1,
            OwnerRevision = 1,
            Number = "110-7",
            Kind = CallKind.PublicOrder,
            Title = "纠纷",
            Address = "望江路 18 号",
            Details = "两人争吵",
            Place = new GeoPoint { LatitudeDegrees = Latitude, LongitudeDegrees = Longitude },
            ReceivedAtUnixMs = TestLists.Now,
            State = CallState.Dispatched,
            Part = CallPart.Owner,
        };
        change?.Invoke(call);
        return call;
    }

    /// <summary>Stores the call as a command of an earlier session would have.</summary>
    public static Call Know(BenchCar car, Action<Call>? change = null) => Take(car, Call(change));

    public static Call Take(BenchCar car, Call call)
    {
        CallBook book = car.Get<CallBook>();
        car.Get<OutboxStore>().Write((connection, transaction) => book.Take(call, connection, transaction));
        book.Took(call);
        return call;
    }

    public static async Task<Call> SendAsync(TestCentre centre, Call call)
    {
        await centre.Sessions[BenchCar.UnitId].SendAsync(new CentreMessage
        {
            Command = new Command { Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)), IssuedAtUnixMs = TestLists.Now, Issuer = "centre", IssuerRole = "system", Call = call },
        });
        return call;
    }

    public static async Task<BenchCar> LinkedAsync(TestCentre centre, BenchCar? over = null)
    {
        BenchCar car = over is null ? await BenchCar.StartAsync(centre: centre) : await over.RestartAsync(sameBoot: true, centre: centre);
        await Eventually.HoldsAsync(() => car.Get<CentreLink>().State.Phase == LinkPhase.Up && car.Clock.CentreToldThisBoot && centre.Sessions.ContainsKey(BenchCar.UnitId), "the link is up and the time told");
        _ = await car.SignInAsync();
        return car;
    }

    public static string PathOf(Call call, string what) => $"/api/calls/{Convert.ToHexStringLower(call.CallId.Span)}/{what}";

    public static Task<HttpResponseMessage> StepAsync(BenchCar car, Call call, string act, string text = "", string toUnitId = "") =>
        car.Http.PostAsJsonAsync(PathOf(call, "steps"), new { act, text, toUnitId });

    /// <summary>The call as the page is told of it, once it is as wanted.</summary>
    public static async Task<JsonNode> ShownAsync(BenchCar car, Call call, Func<JsonNode, bool>? wanted = null)
    {
        await using Page page = await car.PageAsync();
        string id = Convert.ToHexStringLower(call.CallId.Span);
        JsonNode? Of(JsonNode state) => state["areas"]!["calls"]?["items"]?.AsArray().FirstOrDefault(c => (string)c!["id"]! == id);
        JsonNode state = await page.UntilAsync("state", s => Of(s) is { } shown && (wanted is null || wanted(shown)), seconds: 20);
        return Of(state)!;
    }

    public static void Stand(BenchCar car, double latitude, double longitude, bool stale = false) =>
        _ = car.Get<PositionBook>().Take(new EdgeAgent.Hw.Gnss.GnssFix(latitude, longitude, 0, 0, 0, 5, EdgeAgent.Hw.Gnss.GnssQuality.ThreeD, 9, 0, car.Time.MonoMs, stale), BenchCar.OfficerId);
}
