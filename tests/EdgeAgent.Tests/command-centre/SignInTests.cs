using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Identity;
using Microsoft.AspNetCore.Routing;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>How somebody comes to be signed in, and stops being it.</summary>
public sealed class SignInTests
{
    [Theory]
    [InlineData(59, "94287082")]
    [InlineData(1111111109, "07081804")]
    [InlineData(1111111111, "14050471")]
    [InlineData(1234567890, "89005924")]
    [InlineData(2000000000, "69279037")]
    [InlineData(20000000000, "65353130")]
    public void Codes_are_those_of_RFC_6238(long unixSeconds, string code)
    {
        var secret = Encoding.ASCII.GetBytes("12345678901234567890");
        Assert.Equal(code, Totp.Code(secret, Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(unixSeconds)), digits: 8));
        Assert.Equal("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", Totp.Base32(secret));
    }

    [Fact]
    public void A_code_is_good_for_its_step_and_its_neighbours_and_once()
    {
        var secret = Totp.NewSecret();
        var now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        var step = Totp.StepAt(now);
        Assert.Equal(step, Totp.Accept(secret, Totp.Code(secret, step), now, 0));
        Assert.Equal(step - 1, Totp.Accept(secret, Totp.Code(secret, step - 1), now, 0));
        Assert.Null(Totp.Accept(secret, Totp.Code(secret, step), now, step));
        Assert.Null(Totp.Accept(secret, Totp.Code(secret, step - 3), now, 0));
        Assert.Null(Totp.Accept(secret, "", now, 0));
    }

    [Fact]
    public async Task An_account_with_a_second_factor_needs_its_code_and_each_code_is_spent()
    {
        await using var centre = await CentreUnderTest.StartAsync();
        centre.AddAccount("wang", "supervisor");
        using var console = await ConsoleClient.SignedInAsync(centre.Http, "wang");
        Assert.Equal("wrong_password", await CodeAsync(console, "/api/me/second-factor/begin", """{"password":"guess"}"""));
        var (_, begun) = await console.PostAsync("/api/me/second-factor/begin", $$"""{"password":"{{CentreUnderTest.Password}}"}""");
        var secret = Base32((string)begun!["secret"]!);
        Assert.StartsWith("otpauth://totp/", (string)begun["uri"]!, StringComparison.Ordinal);
        var step = Totp.StepAt(TimeProvider.System.GetUtcNow());
        Assert.Equal("wrong_code", await CodeAsync(console, "/api/me/second-factor/confirm", """{"code":"000000"}"""));
        Assert.Equal("", await CodeAsync(console, "/api/me/second-factor/confirm", $$"""{"code":"{{Totp.Code(secret, step - 1)}}"}"""));
        using var again = new ConsoleClient(centre.Http);
        Assert.Equal("code_required", (string?)(await again.SignInAsync("wang", CentreUnderTest.Password)).Json!["code"]);
        async Task<string?> SignInAsync(string code) => (string?)(await again.PostAsync(
            "/api/session", new JsonObject { ["user"] = "wang", ["password"] = CentreUnderTest.Password, ["code"] = code }.ToJsonString())).Json?["code"];
        Assert.Equal("wrong_code", await SignInAsync(Totp.Code(secret, step - 1)));
        Assert.Null(await SignInAsync(Totp.Code(secret, step + 1)));
        Assert.Equal("wrong_code", await SignInAsync(Totp.Code(secret, step + 1)));
    }

    [Fact]
    public async Task Where_a_second_factor_is_required_a_supervisor_can_do_nothing_before_there_is_one()
    {
        await using var centre = await CentreUnderTest.StartAsync();
        centre.AddAccount("wang", "supervisor");
        centre.AddAccount();
        await centre.RestartWithAsync(options => options with { RequireSecondFactor = true });
        using var console = await ConsoleClient.SignedInAsync(centre.Http, "wang");
        Assert.Equal("second_factor_required", (await RefusalAsync(console, "/api/units")).Code);
        Assert.Equal(HttpStatusCode.OK, await console.GetAsync("/api/me"));
        var (_, begun) = await console.PostAsync("/api/me/second-factor/begin", $$"""{"password":"{{CentreUnderTest.Password}}"}""");
        var code = Totp.Code(Base32((string)begun!["secret"]!), Totp.StepAt(TimeProvider.System.GetUtcNow()));
        Assert.Equal("", await CodeAsync(console, "/api/me/second-factor/confirm", $$"""{"code":"{{code}}"}"""));
        Assert.Equal(HttpStatusCode.OK, await console.GetAsync("/api/units"));
        using var dispatcher = await ConsoleClient.SignedInAsync(centre.Http);
        Assert.Equal(HttpStatusCode.OK, await dispatcher.GetAsync("/api/units"));
    }

    [Fact]
    public async Task A_sign_in_ends_after_its_time_and_after_half_an_hour_without_an_act()
    {
        var time = new ManualTime();
        await using var centre = CentreUnderTest.Make();
        centre.AddAccount();
        await centre.StartWithAsync(options => options, time);
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        time.Advance(TimeSpan.FromMinutes(29));
        Assert.Equal(HttpStatusCode.OK, await console.GetAsync("/api/me"));
        // Asking is no act: a page left open asks for ever.
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(HttpStatusCode.Unauthorized, await console.GetAsync("/api/me"));
        using var busy = await ConsoleClient.SignedInAsync(centre.Http);
        for (var quarter = 0; quarter < 31; quarter++)
        {
            time.Advance(TimeSpan.FromMinutes(15));
            Assert.Equal(HttpStatusCode.NoContent, (await busy.PostAsync("/api/session/seen", "{}")).Status);
        }
        time.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal(HttpStatusCode.Unauthorized, await busy.GetAsync("/api/me"));
    }

    [Fact]
    public async Task A_person_sees_where_they_are_signed_in_and_ends_it_there()
    {
        await using var centre = await CentreUnderTest.StartAsync();
        centre.AddAccount();
        centre.AddAccount("li");
        using var here = await ConsoleClient.SignedInAsync(centre.Http);
        using var there = await ConsoleClient.SignedInAsync(centre.Http);
        using var other = await ConsoleClient.SignedInAsync(centre.Http, "li");
        var sessions = JsonNode.Parse(await here.Http.GetStringAsync(new Uri("/api/me/sessions", UriKind.Relative)))!["sessions"]!.AsArray();
        Assert.Equal(2, sessions.Count);
        var key = (string)sessions.Single(session => !(bool)session!["own"]!)!["key"]!;
        Assert.Equal("unknown_session", await CodeAsync(other, $"/api/me/sessions/{key}/end", "{}"));
        Assert.Equal("", await CodeAsync(here, $"/api/me/sessions/{key}/end", "{}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await there.GetAsync("/api/me"));
        Assert.Equal(HttpStatusCode.OK, await here.GetAsync("/api/me"));
    }

    [Fact]
    public async Task A_password_that_somebody_else_set_is_changed_before_anything_else()
    {
        await using var centre = await CentreUnderTest.StartAsync();
        centre.AddAccount("root", "admin");
        using var admin = await ConsoleClient.SignedInAsync(centre.Http, "root");
        Assert.Equal("password_short", await CodeAsync(admin, "/api/admin/accounts", """{"user":"li","role":"dispatcher","password":"short"}"""));
        Assert.Equal("password_easy", await CodeAsync(admin, "/api/admin/accounts", """{"user":"li","role":"dispatcher","password":"aaaaaaaaaaaa"}"""));
        Assert.Equal("", await CodeAsync(admin, "/api/admin/accounts", """{"user":"li","role":"dispatcher","password":"first words here"}"""));
        Assert.Equal("account_exists", await CodeAsync(admin, "/api/admin/accounts", """{"user":"li","role":"admin","password":"other words here"}"""));
        using var console = await ConsoleClient.SignedInAsync(centre.Http, "li", "first words here");
        Assert.Equal("password_change_required", (await RefusalAsync(console, "/api/units")).Code);
        Assert.Equal("password_same", await CodeAsync(console, "/api/me/password", """{"current":"first words here","next":"first words here"}"""));
        Assert.Equal("wrong_password", await CodeAsync(console, "/api/me/password", """{"current":"x","next":"my very own words"}"""));
        Assert.Equal("", await CodeAsync(console, "/api/me/password", """{"current":"first words here","next":"my very own words"}"""));
        Assert.Equal(HttpStatusCode.OK, await console.GetAsync("/api/units"));
        using var again = await ConsoleClient.SignedInAsync(centre.Http, "li", "my very own words");
        Assert.Contains("li password_changed li ", centre.Audit());
    }

    [Fact]
    public async Task Guessing_at_one_account_from_many_names_of_places_is_slowed_down_too()
    {
        var limit = new AttemptLimit(TimeProvider.System);
        for (var failure = 0; failure < 10; failure++)
            limit.Failed("sign-in li");
        Assert.NotNull(limit.BlockedFor("sign-in li", 10));
        Assert.Null(limit.BlockedFor("sign-in li", 11));
        await using var centre = await CentreUnderTest.StartAsync();
        using var guesser = new ConsoleClient(centre.Http);
        // One place tries one name after the other.
        var refused = (HttpStatusCode)0;
        for (var at = 0; at < 45 && refused != HttpStatusCode.TooManyRequests; at++)
            refused = (await guesser.SignInAsync($"name{at}", "guess")).Status;
        Assert.Equal(HttpStatusCode.TooManyRequests, refused);
    }

    [Fact]
    public async Task More_than_a_bound_of_costly_requests_is_refused_with_the_time_to_wait()
    {
        await using var centre = await CentreUnderTest.StartAsync();
        centre.AddAccount("audit", "auditor");
        using var console = await ConsoleClient.SignedInAsync(centre.Http, "audit");
        for (var request = 0; request < ConsoleLimits.CostlyPerAccountAMinute; request++)
            Assert.NotEqual(HttpStatusCode.TooManyRequests, (await console.PostAsync("/api/admin/report", """{"month":"never"}""")).Status);
        var (status, json) = await console.PostAsync("/api/admin/report", """{"month":"never"}""");
        Assert.Equal((HttpStatusCode.TooManyRequests, "too_many_requests"), (status, (string?)json!["code"]));
        Assert.InRange((int)json["retryAfterS"]!, 1, 60);
        Assert.Equal(HttpStatusCode.OK, await console.GetAsync("/api/me"));
    }

    [Fact]
    public async Task No_other_site_can_make_any_verb_act()
    {
        await using var centre = await CentreUnderTest.StartAsync();
        centre.AddAccount("root", "admin");
        using var console = await ConsoleClient.SignedInAsync(centre.Http, "root");
        var acting = centre.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(e => e.RoutePattern.RawText!.StartsWith("/api", StringComparison.Ordinal))
            .SelectMany(e => (e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).Where(method => method != "GET").Select(method => (method, Path: e.RoutePattern.RawText!)))
            .Where(e => !e.Path.StartsWith("/api/sign-in/", StringComparison.Ordinal)).ToList();
        Assert.Contains(acting, e => e.method == "DELETE");
        Assert.InRange(acting.Count, 20, 1000);
        foreach (var (method, path) in acting)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path.Replace(":guid", "", StringComparison.Ordinal).Replace(":long", "", StringComparison.Ordinal));
            request.Headers.Add("Origin", "https://evil.example");
            if (method is "POST" or "PUT" or "PATCH")
                request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
            using var answer = await console.Http.SendAsync(request);
            Assert.True(answer.StatusCode == HttpStatusCode.Forbidden && (await answer.Content.ReadAsStringAsync()).Contains("foreign_origin", StringComparison.Ordinal), $"{method} {path}: {answer.StatusCode}");
        }
    }

    private static async Task<string> CodeAsync(ConsoleClient console, string path, string body)
    {
        var (status, json) = await console.PostAsync(path, body);
        return (int)status is >= 200 and < 300 ? "" : (string?)json?["code"] ?? status.ToString();
    }

    private static async Task<(HttpStatusCode Status, string Code)> RefusalAsync(ConsoleClient console, string path)
    {
        using var answer = await console.Http.GetAsync(new Uri(path, UriKind.Relative));
        return (answer.StatusCode, (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!);
    }

    private static byte[] Base32(string text)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var bits = string.Concat(text.Select(c => Convert.ToString(Alphabet.IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(at => Convert.ToByte(bits.Substring(at * 8, 8), 2))];
    }
}
