using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

public sealed class ConsoleTests : IAsyncLifetime
{
    private CentreUnderTest centre = null!;

    public async Task InitializeAsync()
    {
        centre = await CentreUnderTest.StartAsync();
        centre.AddAccount();
    }

    public async Task DisposeAsync() => await centre.DisposeAsync();

    [Fact]
    public async Task Nothing_is_told_to_who_is_not_signed_in()
    {
        using var stranger = new ConsoleClient(centre.Http);
        foreach (var path in (string[])["/api/me", "/api/units", "/api/lists", $"/api/incidents/{Guid.NewGuid()}/seen.jpg"])
            Assert.Equal(HttpStatusCode.Unauthorized, await stranger.GetAsync(path));
        foreach (var path in (string[])["/api/live", "/api/instructions", "/api/ptz"])
            Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.PostAsync(path, "{}")).Status);
        Assert.Equal(401, await stranger.SocketRefusalAsync("/api/stream"));
        Assert.Equal(401, await stranger.SocketRefusalAsync($"/api/live/{Guid.NewGuid()}/video"));
    }

    [Fact]
    public async Task Sign_in_gives_a_strict_cookie_and_sign_out_takes_it_away()
    {
        using var console = new ConsoleClient(centre.Http);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/session")
        {
            Content = new StringContent($$"""{"user":"{{CentreUnderTest.Dispatcher}}","password":"{{CentreUnderTest.Password}}"}""", Encoding.UTF8, "application/json"),
        };
        using var answer = await console.Http.SendAsync(request);
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        var me = JsonNode.Parse(await console.Http.GetStringAsync(new Uri("/api/me", UriKind.Relative)))!;
        Assert.Equal(("dispatcher", "dispatcher"), ((string)me["user"]!, (string)me["role"]!));
        Assert.Equal(HttpStatusCode.NoContent, await console.DeleteAsync("/api/session"));
        Assert.Equal(HttpStatusCode.Unauthorized, await console.GetAsync("/api/me"));
    }

    [Fact]
    public async Task Guessing_passwords_is_slowed_down_and_written_down()
    {
        using var guesser = new ConsoleClient(centre.Http);
        for (var guess = 0; guess < 5; guess++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await guesser.SignInAsync(CentreUnderTest.Dispatcher, $"guess {guess}")).Status);
        var (status, json) = await guesser.SignInAsync(CentreUnderTest.Dispatcher, CentreUnderTest.Password);
        Assert.Equal((HttpStatusCode.TooManyRequests, "too_many_attempts"), (status, (string?)json!["code"]));
        Assert.InRange((int)json["retryAfterS"]!, 1, 60);
        Assert.Equal(5, centre.Audit().Count(row => row.StartsWith("dispatcher sign_in_refused", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Unauthorized, (await guesser.SignInAsync("nobody", "x")).Status);
    }

    [Fact]
    public async Task A_new_password_ends_the_sessions_of_the_old_one()
    {
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        centre.AddAccount(password: "another password");
        Assert.Equal(HttpStatusCode.Unauthorized, await console.GetAsync("/api/me"));
        using var again = await ConsoleClient.SignedInAsync(centre.Http, password: "another password");
        Assert.Equal(0, (await centre.CommandAsync(null, "accounts", "remove", "--user", CentreUnderTest.Dispatcher)).ExitCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await again.GetAsync("/api/me"));
    }

    [Fact]
    public async Task Sessions_outlive_a_restart_of_the_centre()
    {
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        var cookie = console.CookieHeader;
        await centre.StopServerAsync();
        await centre.StartServerAsync();
        using var later = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = centre.Http };
        later.DefaultRequestHeaders.Add("Cookie", cookie);
        using var answer = await later.GetAsync(new Uri("/api/me", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Other_sites_can_neither_act_nor_listen()
    {
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        var own = centre.Http.GetLeftPart(UriPartial.Authority);
        const string Body = """{"unitIds":["PB-1"],"text":"hello"}""";
        async Task<(int, string?)> PostAsync(Action<HttpRequestMessage> change)
        {
            var (status, json) = await console.PostAsync("/api/instructions", Body, change);
            return ((int)status, (string?)json?["code"]);
        }

        Assert.Equal((403, "foreign_origin"), await PostAsync(r => r.Headers.Add("Origin", "https://evil.example")));
        Assert.Equal((403, "foreign_origin"), await PostAsync(r => r.Headers.Add("Origin", "null")));
        Assert.Equal((403, "foreign_origin"), await PostAsync(r => r.Headers.Add("Sec-Fetch-Site", "cross-site")));
        Assert.Equal((415, "json_only"), await PostAsync(r => r.Content = new StringContent(Body, Encoding.UTF8, "text/plain")));
        Assert.Equal((421, "wrong_host"), await PostAsync(r => r.Headers.Host = "rebound.example"));
        Assert.Equal((400, "unknown_unit"), await PostAsync(r => r.Headers.Add("Origin", own)));
        Assert.Equal(403, await console.SocketRefusalAsync("/api/stream", "https://evil.example"));
        await using var socket = await console.SocketAsync("/api/stream", own);
        Assert.NotNull(await socket.UntilAsync("units"));
    }

    [Fact]
    public async Task Every_answer_carries_the_security_headers()
    {
        using var http = new HttpClient { BaseAddress = centre.Http };
        foreach (var path in (string[])["/", "/api/me", "/nothing"])
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("default-src 'self'", policy);
            Assert.DoesNotContain("unsafe", policy);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        }
    }

    [Fact]
    public async Task The_page_is_served_where_it_is_built_and_said_to_be_missing_where_not()
    {
        using var console = new ConsoleClient(centre.Http);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await console.GetAsync("/"));
        await centre.StopServerAsync();
        var dist = Directory.CreateDirectory(Path.Combine(centre.Folder, "dist")).FullName;
        await File.WriteAllTextAsync(Path.Combine(dist, "index.html"), "<!doctype html><title>console</title>");
        await centre.StartServerAsync(dist);
        using var again = new ConsoleClient(centre.Http);
        Assert.Contains("console", await again.Http.GetStringAsync(new Uri("/", UriKind.Relative)));
        Assert.Equal(HttpStatusCode.NotFound, await again.GetAsync("/../data/centre.db"));
    }

    [Fact]
    public async Task Cars_and_incidents_come_over_the_stream_and_each_incident_shown_is_audited()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        var before = car.Decided(1);
        _ = await session.StoreAsync(before);
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        await using var stream = await console.SocketAsync("/api/stream");
        var units = await stream.UntilAsync("units");
        var unit = units.AsArray().Single()!;
        Assert.True((bool)unit["online"]!);
        Assert.Equal(["cam1", "cam2"], unit["cameras"]!.AsArray().Select(camera => (string)camera!));

        var old = await stream.UntilAsync("incident");
        Assert.Equal(Uuid7.ToGuid(before.Id.Span).ToString(), (string)old["eventId"]!);
        Assert.Equal(("plate", "confirmed", "京A12345", "stolen_vehicle", true), ((string)old["kind"]!, (string)old["verdict"]!, (string)old["listedText"]!, (string)old["category"]!, (bool)old["signatureValid"]!));
        Assert.Equal((39.9, 116.4), ((double)old["latitude"]!, (double)old["longitude"]!));
        Assert.Equal("京A12346", (string)old["plate"]!["rivals"]![0]!["text"]!);

        var next = car.Decided(2, decision => decision.UnitId = "PB-9");
        _ = await session.StoreAsync(next);
        var live = await stream.UntilAsync("incident");
        Assert.Equal(Uuid7.ToGuid(next.Id.Span).ToString(), (string)live["eventId"]!);
        Assert.False((bool)live["signatureValid"]!);

        using var picture = await console.Http.GetAsync(new Uri((string)old["seenUrl"]!, UriKind.Relative));
        Assert.Equal("image/jpeg", picture.Content.Headers.ContentType!.MediaType);
        Assert.Equal([0xFF, 0xD8, 1, 2, 3], await picture.Content.ReadAsByteArrayAsync());
        Assert.Null(old["listedUrl"]);
        var audit = centre.Audit();
        Assert.Single(audit, $"dispatcher incident_read {Uuid7.ToGuid(before.Id.Span)} console");
        Assert.Single(audit, $"dispatcher incident_read {Uuid7.ToGuid(next.Id.Span)} console");
        Assert.Single(audit, $"dispatcher picture_read {Uuid7.ToGuid(before.Id.Span)}/seen console");
    }

    [Fact]
    public async Task Positions_and_their_ages_are_shown_with_the_way_that_was_driven()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        for (var at = 0; at < 5; at++)
        {
            await session.SendAsync(new CarMessage
            {
                Position = new LivePosition { Position = new Position { Fix = GnssFix._3D, LatitudeDegrees = 39.9 + (at * 0.001), LongitudeDegrees = 116.4, OfficerId = "010001", Stale = at == 4 } },
            });
        }
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        await using var stream = await console.SocketAsync("/api/stream");
        var unit = (await stream.UntilAsync("units", units => units[0]!["position"] is { } position && (bool)position["stale"]!))[0]!;
        Assert.Equal(("3d", "010001"), ((string)unit["position"]!["fix"]!, (string)unit["officerId"]!));
        Assert.InRange((long)unit["positionAgeMs"]!, 0, 5000);
        // A stale repetition is no way driven.
        Assert.Equal(4, unit["trail"]!.AsArray().Count);
        Assert.Equal(116.4, (double)unit["trail"]![0]![0]!);
    }

    [Fact]
    public async Task A_new_list_is_shown_without_asking_and_an_instruction_reaches_the_car()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        await using var stream = await console.SocketAsync("/api/stream");
        Assert.Empty((await stream.UntilAsync("lists")).AsArray());
        _ = centre.IssuePlates("stolen", "京A12345");
        var list = (await stream.UntilAsync("lists")).AsArray().Single()!;
        Assert.Equal(("stolen", 1, "plates", "stolen_vehicle", 1, false), ((string)list["listId"]!, (int)list["version"]!, (string)list["kind"]!, (string)list["category"]!, (int)list["entries"]!, (bool)list["revoked"]!));

        var (status, _) = await console.PostAsync("/api/instructions", """{"unitIds":["PB-1"],"text":"return to the station","urgent":true}""");
        Assert.Equal(HttpStatusCode.OK, status);
        var command = await session.CommandAsync(Command.BodyOneofCase.Instruction);
        Assert.Equal(("return to the station", "dispatcher", "dispatcher"), (command.Instruction.Text, command.Issuer, command.IssuerRole));
    }
}
