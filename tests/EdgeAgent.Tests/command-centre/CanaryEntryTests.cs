using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Entries planted for whoever reads what is not theirs to read (DESIGN 4): seen by nobody, heard by administrators.</summary>
public class CanaryEntryTests : IAsyncLifetime
{
    private const string CanaryPlate = "京A00007", CanaryEntry = "e7";

    private CentreUnderTest centre = null!;

    protected virtual CentreStore Store => CentreStore.Sqlite;

    public async Task InitializeAsync()
    {
        centre = await CentreUnderTest.StartAsync(store: Store);
        foreach (var (user, role) in (ReadOnlySpan<(string, string)>)[("dora", "dispatcher"), ("sun", "supervisor"), ("ada", "admin"), ("abe", "admin")])
            centre.AddAccount(user, role);
        _ = centre.IssuePlates("stolen", "京A12345", "京A12346");
    }

    public async Task DisposeAsync() => await centre.DisposeAsync();

    [Fact]
    public async Task A_canary_is_in_nothing_that_a_car_can_fetch_and_stays_when_the_list_is_issued_anew()
    {
        using var car = await centre.EnrolAsync("PB-1");
        await PlantAsync();
        _ = centre.IssuePlates("stolen", "京A12345", "京A12346", "京A12347");
        var client = new Watchlists.WatchlistsClient(car.Channel);
        var index = await client.IndexAsync(new ListIndexRequest());
        foreach (var offer in index.Offers)
        {
            var bytes = new List<byte>();
            using var fetch = client.Fetch(new FetchListRequest { ListId = offer.ListId, Version = offer.Version, DeltaFromVersion = offer.DeltaFromVersion });
            await foreach (var chunk in fetch.ResponseStream.ReadAllAsync())
                bytes.AddRange(chunk.Data);
            var list = Watchlist.Parser.ParseFrom(SignedEnvelope.Parser.ParseFrom(bytes.ToArray()).Payload);
            Assert.DoesNotContain(list.Plates, p => p.Plate == CanaryPlate || p.EntryId == CanaryEntry);
            Assert.Equal(-1, bytes.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(CanaryPlate)));
            // The list's own number of entries is not one too many either.
            Assert.InRange(list.SizeCap, 2u, 3u);
        }
        using var admin = await InAsync("ada");
        Assert.Single(await FoundAsync(admin, CanaryPlate));
        var listed = JsonNode.Parse(await admin.Http.GetStringAsync(new Uri("/api/lists", UriKind.Relative)))!.AsArray().Single()!;
        Assert.Equal(4, (int)listed["entries"]!);
    }

    [Fact]
    public async Task Who_touches_one_sees_an_entry_like_any_other_and_hears_of_nothing()
    {
        await PlantAsync();
        using var toucher = await InAsync("abe");
        using var other = await InAsync("ada");
        using var supervisor = await InAsync("sun");
        await using var own = await toucher.SocketAsync("/api/stream");
        await using var heard = await other.SocketAsync("/api/stream");
        await using var quiet = await supervisor.SocketAsync("/api/stream");
        foreach (var socket in (ConsoleSocket[])[own, heard])
            Assert.Empty((await socket.UntilAsync("alarms")).AsArray());
        var real = await PostRawAsync(toucher, "京A12346");
        var canary = await PostRawAsync(toucher, CanaryPlate);
        // Same status, headers and shape; only the entry differs.
        Assert.Equal(real.Head, canary.Head);
        Assert.Equal(Shape(real.Body), Shape(canary.Body));
        Assert.Equal(real.Body.Length + CanaryEntry.Length - 2, canary.Body.Length);

        var alarm = (await heard.UntilAsync("alarms")).AsArray().Single()!;
        Assert.Equal(("abe", "stolen", "console", "case 17"), ((string)alarm["actor"]!, (string)alarm["listId"]!, (string)alarm["way"]!, (string)alarm["purpose"]!));
        foreach (var socket in (ConsoleSocket[])[own, quiet])
        {
            for (var ticks = 0; ticks < 2;)
            {
                var message = JsonNode.Parse((await socket.NextAsync()).Text!)!;
                Assert.NotEqual("alarms", (string)message["type"]!);
                ticks += (string)message["type"]! == "units" ? 1 : 0;
            }
        }
        Assert.Empty(JsonNode.Parse(await toucher.Http.GetStringAsync(new Uri("/api/alarms", UriKind.Relative)))!.AsArray());
        Assert.Equal(HttpStatusCode.Forbidden, await supervisor.GetAsync("/api/alarms"));

        // Their own alarm is none that they could end; once another has, it is over for all.
        var path = $"/api/alarms/{(long)alarm["id"]!}/acknowledge";
        Assert.Equal(HttpStatusCode.NotFound, (await toucher.PostAsync(path, "{}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await toucher.PostAsync("/api/alarms/999/acknowledge", "{}")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await supervisor.PostAsync(path, "{}")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await other.PostAsync(path, "{}")).Status);
        Assert.Empty((await heard.UntilAsync("alarms")).AsArray());
        Assert.Equal(HttpStatusCode.NotFound, (await other.PostAsync(path, "{}")).Status);
        Assert.Contains(centre.Audit(), row => row.StartsWith("ada alarm_acknowledged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Audit_and_alarm_are_there_though_the_page_has_gone()
    {
        await PlantAsync();
        using var reader = await InAsync("sun");
        using var gone = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/lists/stolen/entries") { Content = new StringContent(Body(CanaryPlate, "case 17"), Encoding.UTF8, "application/json") };
        var sending = reader.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, gone.Token);
        await Task.Delay(5);
        await gone.CancelAsync();
        await sending.ContinueWith(_ => { }, TaskScheduler.Default);
        // Whether the request was cut before or after it came, nothing was read that is not written down.
        var searches = centre.Audit().Count(row => row.StartsWith("sun entries_searched", StringComparison.Ordinal));
        if (searches == 0)
            _ = await reader.PostAsync("/api/lists/stolen/entries", Body(CanaryPlate, "case 17"));
        await EventuallyAsync(() => centre.Audit().Any(row => row.StartsWith("sun canary_touched stolen ", StringComparison.Ordinal)));
        Assert.Contains("sun entry_read stolen/e7 case 17", centre.Audit());
        Assert.Equal(centre.Audit().Count(row => row.Contains("canary_touched", StringComparison.Ordinal)), Alarms().Count);
    }

    [Theory]
    [InlineData("dora", "京A123", "case 17", 403, "not_allowed")]
    [InlineData("sun", "京A123", "", 400, "purpose_required")]
    [InlineData("ada", "京A123", "  x ", 400, "purpose_required")]
    [InlineData("sun", "京", "case 17", 400, "search_too_short")]
    [InlineData("sun", "", "case 17", 400, "search_too_short")]
    public async Task Entries_are_read_by_those_who_may_for_a_purpose_and_by_a_search(string user, string search, string purpose, int status, string code)
    {
        using var console = await InAsync(user);
        var (answer, json) = await console.PostAsync("/api/lists/stolen/entries", Body(search, purpose));
        Assert.Equal((status, code), ((int)answer, (string?)json!["code"]));
        Assert.DoesNotContain(centre.Audit(), row => row.Contains("entry_read", StringComparison.Ordinal));
        using var stranger = new ConsoleClient(centre.Http);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.PostAsync("/api/lists/stolen/entries", Body("京A123", "case 17"))).Status);
    }

    [Fact]
    public async Task A_list_cannot_be_copied_by_searching_on_and_an_ended_one_shows_no_canary()
    {
        await PlantAsync();
        _ = centre.IssuePlates("many", [.. Enumerable.Range(10, 30).Select(i => $"京B100{i}")]);
        using var console = await InAsync("sun");
        var (_, json) = await console.PostAsync("/api/lists/many/entries", Body("京B", "case 17"));
        Assert.Equal((EntryReading.MostFound, true), (json!["entries"]!.AsArray().Count, (bool)json["more"]!));
        for (var search = 1; search < ReadingLimit.Most; search++)
            Assert.Equal(HttpStatusCode.OK, (await console.PostAsync("/api/lists/many/entries", Body($"京B100{search % 20 + 10}", "case 17"))).Status);
        var (status, refused) = await console.PostAsync("/api/lists/stolen/entries", Body(CanaryPlate, "case 17"));
        Assert.Equal((HttpStatusCode.TooManyRequests, "too_many_readings"), (status, (string?)refused!["code"]));
        Assert.InRange((int)refused["retryAfterS"]!, 1, 600);
        Assert.Empty(Alarms());
        Assert.Equal(ReadingLimit.Most, centre.Audit().Count(row => row.Contains("entries_searched", StringComparison.Ordinal)));

        using (var cli = new OpenCentre(centre.Data))
            cli.Issuing().Revoke("stolen", "found");
        using var admin = await InAsync("ada");
        Assert.Equal("list_not_in_force", (string?)(await admin.PostAsync("/api/lists/stolen/entries", Body(CanaryPlate, "case 17"))).Json!["code"]);
    }

    [Fact]
    public async Task Only_an_administrator_plants_and_neither_audit_nor_disk_says_which_entry_it_is()
    {
        var file = await FileAsync();
        foreach (var by in (string[])["dora", "sun", "nobody"])
        {
            var refused = await centre.CommandAsync(null, "lists", "canary", "--list", "stolen", "--file", file, "--by", by);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("no administrator", refused.Error, StringComparison.Ordinal);
        }
        using var dispatcher = await InAsync("dora");
        foreach (var path in (string[])["/api/lists/stolen/canaries", "/api/lists/stolen/canary", "/api/lists/stolen"])
            Assert.NotEqual(HttpStatusCode.OK, (await dispatcher.PostAsync(path, """{"entryId":"e9","plate":"京A00009","canary":true}""")).Status);
        var before = Box("stolen").Length;
        var planted = await centre.CommandAsync(null, "lists", "canary", "--list", "stolen", "--file", file, "--by", "ada");
        Assert.True(planted.ExitCode == 0, planted.Error);
        Assert.Equal(before, Box("stolen").Length);
        Assert.Contains("ada canaries_changed stolen ", centre.Audit());
        Assert.DoesNotContain(centre.Audit(), row => row.Contains(CanaryEntry, StringComparison.Ordinal) || row.Contains(CanaryPlate, StringComparison.Ordinal));
        await centre.StopServerAsync();
        Assert.Equal(-1, centre.StoredBytes().AsSpan().IndexOf(Encoding.UTF8.GetBytes(CanaryPlate)));
        foreach (var (entry, words) in ((string, string)[])[("""{"entryId":"e0","plate":"京A99999"}""", "as a real one"), ("""{"entryId":"e8","plate":"京A·12345"}""", "as a real one"), ("""{"entryId":"","plate":"京A99999"}""", "looks like the list's own")])
        {
            await File.WriteAllTextAsync(file, entry);
            Assert.Contains(words, (await centre.CommandAsync(null, "lists", "canary", "--list", "stolen", "--file", file, "--by", "ada")).Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_lists_file_may_bring_canaries_and_what_becomes_real_is_none_any_more()
    {
        var draft = CentreUnderTest.PlateDraft("stolen", "京A12345", CanaryPlate);
        draft = draft with { Entries = [draft.Entries[0], draft.Entries[1] with { EntryId = CanaryEntry, Canary = true }] };
        var file = Path.Combine(centre.Folder, "stolen.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(draft, JsonSerializerOptions.Web));
        Assert.Equal(1, (await centre.CommandAsync(null, "lists", "issue", "--file", file)).ExitCode);
        Assert.Equal(1, (await centre.CommandAsync(null, "lists", "issue", "--file", file, "--by", "sun")).ExitCode);
        var issued = await centre.CommandAsync(null, "lists", "issue", "--file", file, "--by", "ada", "--json");
        Assert.True(issued.ExitCode == 0, issued.Error);
        Assert.Equal(1, (int)JsonNode.Parse(issued.Output)!["entries"]!);
        Assert.Contains("2 entries", (await centre.CommandAsync(null, "lists", "show")).Output, StringComparison.Ordinal);

        _ = centre.IssuePlates("stolen", "京A12345", CanaryPlate);
        using var console = await InAsync("sun");
        Assert.Single(await FoundAsync(console, CanaryPlate));
        Assert.Empty(Alarms());
        await File.WriteAllTextAsync(file, """{"entryId":"e9","plate":"京A00009"}""");
        Assert.Equal(0, (await centre.CommandAsync(null, "lists", "canary", "--list", "stolen", "--file", file, "--by", "ada")).ExitCode);
        Assert.Equal(0, (await centre.CommandAsync(null, "lists", "canary", "--list", "stolen", "--remove", "e9", "--by", "ada")).ExitCode);
        Assert.Empty(await FoundAsync(console, "京A00009"));
    }

    [Fact]
    public async Task The_command_line_and_a_look_up_of_its_plate_raise_it_too()
    {
        await PlantAsync();
        using var admin = await InAsync("abe");
        await using var stream = await admin.SocketAsync("/api/stream");
        Assert.Equal(1, (await centre.CommandAsync(null, "lists", "entries", "--list", "stolen", "--search", "京A0", "--by", "ada", "--purpose", "")).ExitCode);
        foreach (var by in (string[])["dora", "nobody"])
            Assert.Contains("nobody else reads", (await centre.CommandAsync(null, "lists", "entries", "--list", "stolen", "--search", "京A0", "--by", by, "--purpose", "case 17")).Error, StringComparison.Ordinal);
        var real = await centre.CommandAsync(null, "lists", "entries", "--list", "stolen", "--search", "京A12345", "--by", "ada", "--purpose", "case 17");
        var canary = await centre.CommandAsync("京a·0000", "lists", "entries", "--list", "stolen", "--search", "-", "--by", "ada", "--purpose", "case 17");
        Assert.Equal((0, "", "e0\t京A12345\tblue"), (real.ExitCode, real.Error, real.Output.Trim()));
        Assert.Equal((0, "", $"{CanaryEntry}\t{CanaryPlate}\tblue"), (canary.ExitCode, canary.Error, canary.Output.Trim()));
        Assert.Equal("command_line", (string)(await stream.UntilAsync("alarms", a => a.AsArray().Count > 0)).AsArray().Single()!["way"]!);

        // This centre has no register: that somebody asked is what counts, and both get the same answer.
        using (var car = await LookUpBench.CarAsync(centre, "PB-1", LookUpBench.OfficerId))
        {
            var other = await LookUpBench.AskAsync(car, LookUpBench.Request(r => r.Subject = "京A12345"));
            var touched = await LookUpBench.AskAsync(car, LookUpBench.Request(r => r.Subject = "京A00007"));
            Assert.Equal((other.Outcome, other.Code), (touched.Outcome, touched.Code));
        }
        Assert.Equal(["look_up", "command_line"], (await stream.UntilAsync("alarms")).AsArray().Select(a => (string)a!["way"]!));
        var told = await centre.CommandAsync(null, "alarms", "list");
        Assert.Contains("PB-1/010001\tlook_up\tstolen", told.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(CanaryPlate, told.Output, StringComparison.Ordinal);
    }

    private async Task PlantAsync()
    {
        var planted = await centre.CommandAsync(null, "lists", "canary", "--list", "stolen", "--file", await FileAsync(), "--by", "ada");
        Assert.True(planted.ExitCode == 0, planted.Error);
    }

    private async Task<string> FileAsync()
    {
        var file = Path.Combine(centre.Folder, "canary.json");
        await File.WriteAllTextAsync(file, $$"""{"entryId":"{{CanaryEntry}}","plate":"京A·00007","plateClass":"blue"}""");
        return file;
    }

    private Task<ConsoleClient> InAsync(string user) => ConsoleClient.SignedInAsync(centre.Http, user);

    private static string Body(string search, string purpose) => new JsonObject { ["search"] = search, ["purpose"] = purpose }.ToJsonString();

    private static async Task<JsonArray> FoundAsync(ConsoleClient console, string search)
    {
        var (status, json) = await console.PostAsync("/api/lists/stolen/entries", Body(search, "case 17"));
        Assert.Equal(HttpStatusCode.OK, status);
        return json!["entries"]!.AsArray();
    }

    private static async Task<(string Head, string Body)> PostRawAsync(ConsoleClient console, string search)
    {
        using var content = new StringContent(Body(search, "case 17"), Encoding.UTF8, "application/json");
        using var answer = await console.Http.PostAsync(new Uri("/api/lists/stolen/entries", UriKind.Relative), content);
        return ($"{answer.StatusCode} {string.Join('|', answer.Headers.Where(h => h.Key != "Date").Select(h => $"{h.Key}={string.Join(',', h.Value)}"))}", await answer.Content.ReadAsStringAsync());
    }

    private static string Shape(string body) => string.Join(' ', JsonNode.Parse(body)!["entries"]!.AsArray().Select(entry => string.Join(',', entry!.AsObject().Select(pair => pair.Key))));

    private byte[] Box(string listId)
    {
        using var cli = new OpenCentre(centre.Data);
        return cli.Database.Read(c => Dapper.SqlMapper.QuerySingle<byte[]>(c, "SELECT sealed FROM list_registers WHERE list_id = @listId", new { listId }));
    }

    private IReadOnlyList<Alarm> Alarms()
    {
        using var cli = new OpenCentre(centre.Data);
        return new AlarmTable(cli.Database).All();
    }

    private static async Task EventuallyAsync(Func<bool> holds)
    {
        for (var tries = 0; !holds() && tries < 100; tries++)
            await Task.Delay(50);
        Assert.True(holds());
    }
}

public sealed class CanaryEntryTestsOnPostgres : CanaryEntryTests
{
    protected override CentreStore Store => CentreStore.Postgres;
}
