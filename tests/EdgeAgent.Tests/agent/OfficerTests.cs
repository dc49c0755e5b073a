using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Contract;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

public sealed class OfficerTests
{
    [Fact]
    public async Task A_wrong_pin_is_refused_and_the_sixth_try_is_locked_for_a_minute_then_for_two()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        for (int attempt = 0; attempt < 5; attempt++)
            Assert.Equal((HttpStatusCode.Unauthorized, "wrong_pin"), await CodeAsync(await car.SignInAsync(pin: "000000")));
        HttpResponseMessage locked = await car.SignInAsync();
        JsonNode body = JsonNode.Parse(await locked.Content.ReadAsStringAsync())!;
        Assert.Equal((HttpStatusCode)423, locked.StatusCode);
        Assert.InRange((int)body["retryAfterS"]!, 50, 60);
        Assert.Equal(HttpStatusCode.OK, (await car.SignInAsync(BenchCar.OtherOfficerId)).StatusCode);

        car.Time.Jump(TimeSpan.FromSeconds(61));
        Assert.Equal((HttpStatusCode.Unauthorized, "wrong_pin"), await CodeAsync(await car.SignInAsync(pin: "000000")));
        HttpResponseMessage longer = await car.SignInAsync();
        Assert.InRange((int)JsonNode.Parse(await longer.Content.ReadAsStringAsync())!["retryAfterS"]!, 110, 120);
        car.Time.Jump(TimeSpan.FromSeconds(121));
        Assert.Equal(HttpStatusCode.OK, (await car.SignInAsync()).StatusCode);
        Assert.Equal(6, car.Audit().Count(r => r.Kind == AuditKind.SignInRefused));
        Assert.Contains(car.Events(), e => e.OfficerSession?.Change == SessionChange.Locked);
    }

    [Fact]
    public async Task Switching_off_does_not_unlock()
    {
        BenchCar before = await BenchCar.StartAsync();
        for (int attempt = 0; attempt < 5; attempt++)
            _ = await before.SignInAsync(pin: "000000");
        BenchCar car = await before.RestartAsync(sameBoot: false);
        Assert.Equal((HttpStatusCode)423, (await car.SignInAsync()).StatusCode);
        await car.DisposeAsync();
    }

    [Fact]
    public async Task A_session_is_a_cookie_that_no_script_reads_and_ends_with_sign_out()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.Equal((HttpStatusCode.Unauthorized, "unknown_officer"), await CodeAsync(await car.SignInAsync("nobody")));
        Assert.Equal(HttpStatusCode.Unauthorized, (await car.Http.GetAsync("/api/session")).StatusCode);
        HttpResponseMessage signedIn = await car.SignInAsync();
        string cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(BenchCar.OfficerId, (string)(await car.JsonAsync("/api/session"))["officerId"]!);
        Assert.Equal(HttpStatusCode.NoContent, (await car.Http.DeleteAsync("/api/session")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await car.Http.GetAsync("/api/session")).StatusCode);
        Assert.Equal([SessionChange.In, SessionChange.Out], car.Events().Where(e => e.OfficerSession is not null).Select(e => e.OfficerSession.Change));
        Assert.Equal([AuditKind.SignIn, AuditKind.SignOut], car.Audit().Select(r => r.Kind).Where(k => k is AuditKind.SignIn or AuditKind.SignOut));
    }

    [Fact]
    public async Task The_second_officer_replaces_the_first_whose_cookie_is_worth_nothing_then()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        _ = await car.SignInAsync();
        using var other = new HttpClient(new HttpClientHandler { UseCookies = true }) { BaseAddress = car.Http.BaseAddress };
        _ = await other.PostAsJsonAsync("/api/session", new { officerId = BenchCar.OtherOfficerId, pin = BenchCar.Pin });
        Assert.Equal(HttpStatusCode.Unauthorized, (await car.Http.GetAsync("/api/session")).StatusCode);
        Assert.Equal(BenchCar.OtherOfficerId, car.Get<OfficerDesk>().OnDuty!.OfficerId);
        Assert.Equal("replaced", Assert.Single(car.Audit(), r => r.Kind == AuditKind.SignOut).Purpose);
    }

    [Fact]
    public async Task A_roster_counts_only_when_newer_ours_and_signed_by_the_centre()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        OfficerDesk desk = car.Get<OfficerDesk>();
        Assert.Equal("roster_not_newer", desk.TakeRoster(car.Roster(1)));
        Assert.Equal("roster_of_other_unit", desk.TakeRoster(car.Roster(2, r => r.UnitId = "unit-2")));
        Assert.Equal("roster_bad_entry", desk.TakeRoster(car.Roster(2, r => r.Officers[0].PinIterations = 1)));
        SignedEnvelope changed = car.Roster(2);
        changed.Payload = ByteString.CopyFrom([.. changed.Payload.Span, 0]);
        Assert.Equal("roster_not_signed_by_centre", desk.TakeRoster(changed));
        using var stranger = new TestPki();
        SignedEnvelope forged = Envelopes.Sign(Envelopes.OfficersType, car.Roster(2).Payload.ToByteArray(), TestPki.Signer(SignerRole.Centre, stranger.CentreSigner));
        Assert.Equal("roster_not_signed_by_centre", desk.TakeRoster(forged));
        Assert.Equal(1UL, desk.Roster.Version);

        _ = await car.SignInAsync();
        Assert.Equal("", desk.TakeRoster(car.Roster(2, r => r.Officers.RemoveAt(0))));
        Assert.Null(desk.OnDuty);
        // The desk's own round may have been first, and still be writing.
        await Eventually.HoldsAsync(() => car.Audit().Any(r => r.Kind == AuditKind.SignOut), "the sign-out is in the audit");
        Assert.Equal("not_on_roster", Assert.Single(car.Audit(), r => r.Kind == AuditKind.SignOut).Purpose);
    }

    [Fact]
    public async Task Sign_in_works_after_a_restart_without_any_link()
    {
        BenchCar before = await BenchCar.StartAsync();
        BenchCar car = await before.RestartAsync(sameBoot: false);
        Assert.Equal(2, (await car.JsonAsync("/api/roster")).AsArray().Count);
        Assert.Equal(HttpStatusCode.OK, (await car.SignInAsync()).StatusCode);
        await car.DisposeAsync();
    }

    internal static async Task<(HttpStatusCode, string)> CodeAsync(HttpResponseMessage answer) =>
        (answer.StatusCode, (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!);
}
