using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EdgeAgent.DispatchClient.Uplink;
using EdgeAgent.Tests.DispatchClient;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

/// <summary>A linked car with an officer on duty, and the questions of its page.</summary>
internal static class LookUpPageBench
{
    public const string Plate = "沪Z9K7Q2", Document = "11010519491231002X", Name = "欧阳金丝雀";

    public static LookUpReply Found(LookUpRequest request)
    {
        var reply = new LookUpReply { Id = request.Id, Outcome = LookUpOutcome.Found, PlateClass = PlateClass.Blue, Vehicle = "white van", DisplayName = Name };
        reply.Statuses.Add(new LookUpStatus { Fact = LookUpFact.Stolen, State = LookUpState.OnRecord, DateUnixMs = 5 });
        return reply;
    }

    public static Task<HttpResponseMessage> AskAsync(BenchCar car, string kind = "plate", string? subject = Plate, string purpose = "traffic_stop", string reason = "", string? callId = null) =>
        car.Http.PostAsJsonAsync("/api/look-ups", new { kind, subject, purpose, reason, callId });

    public static async Task<JsonNode> JsonOf(HttpResponseMessage answer) => JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;

    public static async Task<(HttpStatusCode Status, string Code)> CodeAsync(HttpResponseMessage answer) => (answer.StatusCode, (string)(await JsonOf(answer))["code"]!);

    public static async Task<BenchCar> LinkedAsync(TestCentre centre)
    {
        BenchCar car = await BenchCar.StartAsync(centre: centre);
        await Eventually.HoldsAsync(() => car.Get<CentreLink>().State.Phase == LinkPhase.Up, "the link is up");
        _ = await car.SignInAsync();
        return car;
    }
}
