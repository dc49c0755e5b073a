using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Tests.DispatchClient;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

/// <summary>Categories of which a confirmation needs two officers.</summary>
public sealed class SecondOfficerTests
{
    [Fact]
    public async Task A_confirmation_counts_only_with_another_officers_own_pin_and_names_both_under_the_signature()
    {
        await using BenchCar car = await BenchCar.StartAsync(TwoFor("stolen_vehicle"));
        Assert.True(car.TakePlates().Accepted);
        _ = await car.SignInAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await eyes.SeePlateAsync("京A12345");
        JsonNode alert = await page.UntilAsync("alert");
        Assert.True((bool)alert["needsSecond"]!);
        string id = (string)alert["id"]!;
        Assert.Equal((HttpStatusCode.BadRequest, "second_required"), await DecideAsync(car, id, "", ""));
        Assert.Equal((HttpStatusCode.BadRequest, "second_same"), await DecideAsync(car, id, BenchCar.OfficerId, BenchCar.Pin));
        Assert.Equal((HttpStatusCode.Forbidden, "unknown_officer"), await DecideAsync(car, id, "nobody", BenchCar.Pin));
        Assert.Equal((HttpStatusCode.Forbidden, "wrong_pin"), await DecideAsync(car, id, BenchCar.OtherOfficerId, "000000"));
        Assert.DoesNotContain(car.Events(), e => e.AlertDecided is not null);
        Assert.Contains(car.Audit(), r => r is { Kind: AuditKind.SignInRefused, Actor: BenchCar.OtherOfficerId });
        Assert.Equal((HttpStatusCode.OK, ""), await DecideAsync(car, id, BenchCar.OtherOfficerId, BenchCar.Pin));
        Decision decision = Decision.Parser.ParseFrom(Assert.Single(car.Events(), e => e.AlertDecided is not null).AlertDecided.Decision.Payload);
        Assert.Equal((Verdict.Confirmed, BenchCar.OfficerId, BenchCar.OtherOfficerId), (decision.Verdict, decision.OfficerId, decision.SecondOfficerId));
        Assert.EndsWith($" {BenchCar.OtherOfficerId}", Assert.Single(car.Audit(), r => r.Kind == AuditKind.AlertConfirmed).Subject, StringComparison.Ordinal);
        // The first stays the one on duty.
        Assert.Equal(BenchCar.OfficerId, (string)(await car.JsonAsync("/api/session"))["officerId"]!);
    }

    [Fact]
    public async Task One_officer_rejects_alone_and_other_categories_need_one()
    {
        await using BenchCar car = await BenchCar.StartAsync(TwoFor("wanted_warrant", "stolen_vehicle"));
        Assert.True(car.TakePlates().Accepted);
        _ = await car.SignInAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await eyes.SeePlateAsync("京A12345");
        string id = (string)(await page.UntilAsync("alert"))["id"]!;
        _ = (await car.DecideAsync(id, "rejected", "not_same_plate")).EnsureSuccessStatusCode();
        Assert.False(car.Get<CarOptions>().Alerts.NeedsSecond(ListCategory.CourtOrder));
        Assert.Equal("", Decision.Parser.ParseFrom(Assert.Single(car.Events(), e => e.AlertDecided is not null).AlertDecided.Decision.Payload).SecondOfficerId);
    }

    [Fact]
    public async Task Three_wrong_pins_lock_the_second_officer_as_they_would_at_a_sign_in()
    {
        await using BenchCar car = await BenchCar.StartAsync(TwoFor("stolen_vehicle"));
        Assert.True(car.TakePlates().Accepted);
        _ = await car.SignInAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await eyes.SeePlateAsync("京A12345");
        string id = (string)(await page.UntilAsync("alert"))["id"]!;
        HttpStatusCode last = HttpStatusCode.OK;
        for (int i = 0; i < 8 && last != HttpStatusCode.Locked; i++)
            (last, _) = await DecideAsync(car, id, BenchCar.OtherOfficerId, "000000");
        Assert.Equal((HttpStatusCode.Locked, "locked"), await DecideAsync(car, id, BenchCar.OtherOfficerId, BenchCar.Pin));
    }

    [Fact]
    public void A_category_that_there_is_not_is_said_so() =>
        Assert.Contains("SecondOfficerFor names 'suspicious'", Assert.Single(new AlertOptions { SecondOfficerFor = ["suspicious"] }.Problems()));

    private static Func<CarOptions, CarOptions> TwoFor(params string[] categories) =>
        o => o with { Alerts = o.Alerts with { SecondOfficerFor = categories } };

    private static async Task<(HttpStatusCode Status, string Code)> DecideAsync(BenchCar car, string id, string second, string pin)
    {
        using HttpResponseMessage answer = await car.Http.PostAsJsonAsync(
            $"/api/alerts/{id}/decision", new { verdict = "confirmed", reason = "", note = "", secondOfficerId = second, secondPin = pin });
        return (answer.StatusCode, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())?["code"] ?? "");
    }
}
