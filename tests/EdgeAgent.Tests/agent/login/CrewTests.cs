using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Tests.DispatchClient;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent.Login;

public sealed class CrewTests
{
    [Fact]
    public async Task Two_officers_are_on_duty_at_two_screens_and_matching_goes_on_while_one_is()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        _ = car.TakePlates();
        _ = await car.SignInAsync();
        using HttpClient tablet = await SecondAsync(car, BenchCar.OtherOfficerId);
        Assert.Equal("driver", (string)(await car.JsonAsync("/api/session"))["screen"]!);
        Assert.Equal("second", (string)JsonNode.Parse(await tablet.GetStringAsync("/api/session"))!["screen"]!);
        Assert.Equal(BenchCar.OfficerId, car.Get<OfficerDesk>().OnDuty!.OfficerId);
        Assert.Equal(HttpStatusCode.NoContent, (await car.Http.DeleteAsync("/api/session")).StatusCode);
        Assert.Equal(BenchCar.OtherOfficerId, car.Get<OfficerDesk>().OnDuty!.OfficerId);
        Assert.True(car.Get<MatchGate>().Refresh().Plates);
        Assert.Equal(HttpStatusCode.NoContent, (await tablet.DeleteAsync("/api/session")).StatusCode);
        Assert.False(car.Get<MatchGate>().Refresh().Plates);
        Assert.Equal(["driver", "second", "driver", "second"], car.Events().Where(e => e.OfficerSession is not null).Select(e => e.OfficerSession.Screen));
    }

    [Fact]
    public async Task A_decision_carries_the_session_of_the_screen_it_was_made_at()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        _ = car.TakePlates();
        _ = await car.SignInAsync();
        using HttpClient tablet = await SecondAsync(car, BenchCar.OtherOfficerId);
        await Eventually.HoldsAsync(() => eyes.Seeing.Plates, "plates are matched");
        await eyes.SeePlateAsync("京A12345");
        AlertBook book = car.Get<AlertBook>();
        await Eventually.HoldsAsync(() => book.Open.Count == 1, "an alert");
        HttpResponseMessage decided = await tablet.PostAsJsonAsync($"/api/alerts/{book.Open.Single().Id}/decision", new { verdict = "rejected", reason = "not_same_plate" });
        Assert.True(decided.IsSuccessStatusCode, await decided.Content.ReadAsStringAsync());
        Assert.Equal(BenchCar.OtherOfficerId, Assert.Single(car.Audit(), r => r.Kind == AuditKind.AlertRejected).Actor);
    }

    [Fact]
    public async Task A_shift_change_at_one_screen_leaves_the_other_and_an_officer_has_one_screen()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        _ = await car.SignInAsync();
        using HttpClient tablet = await SecondAsync(car, BenchCar.OtherOfficerId);
        _ = await car.SignInAsync(BenchCar.OtherOfficerId);
        // The first went, and the second moved to the driver's screen.
        Assert.Equal(HttpStatusCode.Unauthorized, (await tablet.GetAsync("/api/session")).StatusCode);
        Assert.Equal(["moved", "replaced"], car.Audit().Where(r => r.Kind == AuditKind.SignOut).Select(r => r.Purpose).Order());
        Assert.Equal(BenchCar.OtherOfficerId, Assert.Single(car.Get<OfficerDesk>().Crew).Session.OfficerId);
    }

    internal static async Task<HttpClient> SecondAsync(BenchCar car, string officer)
    {
        var tablet = new HttpClient(new HttpClientHandler { UseCookies = true }) { BaseAddress = car.Http.BaseAddress };
        HttpResponseMessage answer = await tablet.PostAsJsonAsync("/api/session", new { officerId = officer, pin = BenchCar.Pin, screen = "second" });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return tablet;
    }
}
