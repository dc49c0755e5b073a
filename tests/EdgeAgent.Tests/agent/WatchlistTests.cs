using System.Text.Json.Nodes;
using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Watchlists;
using EdgeAgent.Contract;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

public sealed class WatchlistTests
{
    [Theory]
    [InlineData("bad_signature")]
    [InlineData("expired")]
    [InlineData("no_authority")]
    [InlineData("unknown_issuer")]
    [InlineData("too_few_approvers")]
    public async Task A_list_that_is_not_in_order_is_refused_with_a_sentence_that_people_see(string code)
    {
        await using BenchCar car = await BenchCar.StartAsync();
        using var stranger = new TestPki();
        Watchlist list = TestLists.Plates();
        byte[] envelope = code switch
        {
            "bad_signature" => Spoiled(car.Pki.Sign(list)),
            "expired" => car.Pki.Sign(With(list, l => l.ValidToUnixMs = TestLists.Now - 1)),
            "no_authority" => car.Pki.Sign(With(list, l => l.Authority = "")),
            "unknown_issuer" => stranger.Sign(list),
            _ => Envelopes.Sign(Envelopes.WatchlistType, list.ToByteArray(), car.Pki.IssuerSigner()).ToByteArray(),
        };
        Assert.Equal(code, car.Lists.Take(envelope, list.ListId, list.Version).Code);
        await using Page page = await car.PageAsync();
        JsonNode shown = Assert.Single((await page.UntilAsync("state"))["lists"]!.AsArray())!;
        Assert.Equal(("refused", code), ((string)shown["state"]!, (string)shown["code"]!));
        Assert.True(((string)shown["detailZh"]!).Length > 4 && ((string)shown["detailEn"]!).Length > 10);
        ListState told = Assert.Single(car.Events(), e => e.ListState is not null).ListState;
        Assert.Equal((ListOutcome.Refused, code), (told.Outcome, told.Code));
        Assert.Equal(code, Assert.Single(car.Audit(), r => r.Kind == AuditKind.ListRefused).Purpose);
        Assert.False(car.Lists.Current.HasPlates(TestLists.Now));
        Assert.False(car.Lists.Wants(new ListOffer { ListId = list.ListId, Version = list.Version }));
        Assert.Empty(Directory.GetFiles(Path.Combine(car.Data, "lists"), "*.list"));
    }

    [Fact]
    public async Task A_list_past_its_date_stops_within_a_second_and_its_key_and_content_are_gone()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates(l => l.ValidToUnixMs = TestLists.Now + 60_000).Accepted);
        _ = await car.SignInAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await Eventually.HoldsAsync(() => eyes.Seeing.Plates, "matching");
        Assert.NotEmpty(ListFilesOf(car));
        car.Time.Jump(TimeSpan.FromSeconds(60));
        await Eventually.HoldsAsync(() => !eyes.Seeing.Plates && car.Lists.Current.Plates.Count == 0 && ListFilesOf(car).Length == 0, "the list is over", seconds: 2);
        Assert.Equal(ListOutcome.Expired, car.Events().Last(e => e.ListState is not null).ListState.Outcome);
        Assert.Equal("ended_before", car.TakePlates().Code);
    }

    [Fact]
    public async Task Of_a_list_that_cannot_be_used_any_more_no_key_stays_on_the_disk()
    {
        BenchCar car = await BenchCar.StartAsync();
        string lists = Path.Combine(car.Data, "lists");
        Assert.True(car.TakePlates().Accepted);
        string key = Directory.GetFiles(lists, "*.key").Single();
        // A power cut after key and content of a first version, before its name; and a list whose name is gone.
        await File.WriteAllBytesAsync(Path.Combine(lists, "00112233445566778899aabbccddeeff.0123456789abcdef.key"), await File.ReadAllBytesAsync(key));
        await File.WriteAllBytesAsync(Path.Combine(lists, "00112233445566778899aabbccddeeff.0123456789abcdef.list"), [1]);
        car = await car.RestartAsync(sameBoot: true);
        Assert.Equal([key], Directory.GetFiles(lists, "*.key"));
        Assert.Equal(2, car.Lists.Current.Plates.Count);
        string content = Directory.GetFiles(lists, "*.list").Single();
        await File.WriteAllBytesAsync(content, (await File.ReadAllBytesAsync(content))[..^1]);
        car = await car.RestartAsync(sameBoot: true);
        Assert.Equal(0, car.Lists.Current.Plates.Count);
        Assert.Equal(["memory.json"], Directory.GetFiles(lists).Select(Path.GetFileName));
        Assert.True(car.TakePlates().Accepted);
        await car.DisposeAsync();
    }

    [Fact]
    public async Task Lists_survive_a_restart_and_match_again_without_a_link()
    {
        BenchCar before = await BenchCar.StartAsync();
        Assert.True(before.TakePlates().Accepted);
        Assert.True(before.TakeFaces().Accepted);
        BenchCar car = await before.RestartAsync(sameBoot: true);
        Assert.Equal((2, 1), (car.Lists.Current.Plates.Count, car.Lists.Current.Faces.Count));
        Assert.True(car.Clock.IsVouched);
        _ = await car.SignInAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await Eventually.HoldsAsync(() => eyes.Seeing is { Plates: true, Faces: true }, "matching goes on");
        await car.DisposeAsync();
    }

    [Fact]
    public async Task Switched_on_anew_without_contact_matching_is_suspended_and_nothing_destroyed()
    {
        BenchCar before = await BenchCar.StartAsync();
        Assert.True(before.TakePlates().Accepted);
        // The battery of the clock is dead, or somebody set it far ahead: either way nothing follows from it.
        foreach (DateTimeOffset wall in (DateTimeOffset[])[DateTimeOffset.UnixEpoch, TestPki.Begin.AddYears(30)])
        {
            before.Time.SetWall(wall);
            before = await before.RestartAsync(sameBoot: false);
            _ = await before.SignInAsync();
            await using (FakeEyes eyes = await before.EyesAsync())
            await using (Page page = await before.PageAsync())
            {
                JsonNode state = await page.UntilAsync("state", s => (string)s["matching"]!["code"]! == "clock_untrusted");
                Assert.Equal("suspended", (string)state["lists"]![0]!["state"]!);
                Assert.Contains("暂停", (string)state["matching"]!["detailZh"]!, StringComparison.Ordinal);
                Assert.False(eyes.Seeing.Plates);
                before.Clock.CentreSaid(TestLists.Now + 1000);
                await Eventually.HoldsAsync(() => eyes.Seeing.Plates, "contact brings matching back");
            }
        }
        await before.DisposeAsync();
    }

    [Fact]
    public async Task A_list_that_ended_and_is_then_revoked_troubles_nobody_any_more()
    {
        await using var car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates(l => l.ValidToUnixMs = TestLists.Now + 60_000).Accepted);
        car.Time.Jump(TimeSpan.FromSeconds(61));
        await Eventually.HoldsAsync(() => car.Lists.Status().Single().Why.Condition == ListCondition.Expired, "it has ended");
        string id = car.Lists.Status().Single().Facts.ListId;
        car.Lists.Revoke(id, []);
        Assert.Equal(ListCondition.Revoked, car.Lists.Status().Single().Why.Condition);
        car.Lists.Revoke(id, []);
        Assert.Equal(ListCondition.Revoked, car.Lists.Status().Single().Why.Condition);
    }

    [Fact]
    public async Task A_clock_turned_back_revives_nothing_and_one_turned_ahead_destroys_nothing()
    {
        BenchCar before = await BenchCar.StartAsync();
        Assert.True(before.TakePlates(l => l.ValidToUnixMs = TestLists.Now + 60_000).Accepted);
        Assert.True(before.TakeFaces().Accepted);
        before.Time.SetWall(TestPki.Begin.AddYears(10));
        await Task.Delay(500);
        Assert.Equal(2, before.Lists.Status().Count(s => s.Entries > 0));
        before.Time.Jump(TimeSpan.FromSeconds(61));
        await Eventually.HoldsAsync(() => before.Lists.Current.Plates.Count == 0, "the plates are over");
        before.Time.SetWall(TestPki.Begin);
        BenchCar car = await before.RestartAsync(sameBoot: false);
        car.Clock.CentreSaid(TestLists.Now - 3_600_000);
        Assert.True(car.Clock.NowUnixMs >= TestLists.Now + 61_000);
        Assert.Equal("ended_before", car.TakePlates(l => l.ValidToUnixMs = TestLists.Now + 60_000).Code switch { "expired" => "ended_before", var code => code });
        Assert.Equal(0, car.Lists.Current.Plates.Count);
        await car.DisposeAsync();
    }

    [Fact]
    public async Task Faces_end_a_day_after_the_last_contact_also_over_restarts()
    {
        BenchCar before = await BenchCar.StartAsync();
        Assert.True(before.TakeFaces(l => l.ValidToUnixMs = l.FaceAuthorisation.ToUnixMs = TestLists.Now + 23 * 3_600_000L).Accepted);
        before.Time.Jump(TimeSpan.FromHours(12));
        await Eventually.HoldsAsync(() => before.Clock.RunSinceContact > TimeSpan.FromHours(12), "time passed");
        BenchCar car = await before.RestartAsync(sameBoot: false);
        Assert.Equal(1, car.Lists.Current.Faces.Count);
        car.Time.Jump(TimeSpan.FromHours(12));
        await Eventually.HoldsAsync(() => car.Lists.Current.Faces.Count == 0 && ListFilesOf(car).Length == 0, "faces are gone");
        await car.DisposeAsync();
    }

    [Fact]
    public async Task Plates_end_three_days_after_the_last_contact_and_are_taken_again_once_there_is_contact()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates(l => l.ValidToUnixMs = TestLists.Now + 200 * 3_600_000L).Accepted);
        car.Time.Jump(TimeSpan.FromHours(71));
        await Task.Delay(500);
        Assert.Equal(2, car.Lists.Current.Plates.Count);
        car.Time.Jump(TimeSpan.FromHours(2));
        await Eventually.HoldsAsync(() => car.Lists.Current.Plates.Count == 0 && ListFilesOf(car).Length == 0, "plates are gone, with their key");
        Assert.Equal("out_of_contact", Assert.Single(car.Lists.Status()).Why.Code);
        car.Clock.CentreSaid(car.Clock.NowUnixMs);
        Assert.True(car.TakePlates(l => l.ValidToUnixMs = TestLists.Now + 200 * 3_600_000L).Accepted);
    }

    [Fact]
    public async Task A_satellite_that_says_the_car_stood_for_days_suspends_matching_and_destroys_nothing()
    {
        BenchCar before = await BenchCar.StartAsync();
        Assert.True(before.TakePlates(l => l.ValidToUnixMs = TestLists.Now + 200 * 3_600_000L).Accepted);
        BenchCar car = await before.RestartAsync(sameBoot: false);
        Assert.True((await car.SignInAsync()).IsSuccessStatusCode);
        car.Clock.GnssSaid(TestLists.Now + 10 * 3_600_000L);
        await Eventually.HoldsAsync(() => car.Get<MatchGate>().Now.Plates, "ten hours are no matter");
        car.Clock.GnssSaid(TestLists.Now + 80 * 3_600_000L);
        await Eventually.HoldsAsync(() => car.Get<MatchGate>().Now is { Plates: false, Code: "contact_lost" }, "eighty are");
        Assert.Equal(2, car.Lists.Current.Plates.Count);
        car.Clock.CentreSaid(TestLists.Now + 81 * 3_600_000L);
        await Eventually.HoldsAsync(() => car.Get<MatchGate>().Now.Plates, "the centre has spoken");
        await car.DisposeAsync();
    }

    [Fact]
    public async Task Revocation_bites_at_once_and_that_version_never_comes_back()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates().Accepted);
        car.Lists.Revoke("stolen-1", []);
        Assert.Equal(0, car.Lists.Current.Plates.Count);
        Assert.Empty(ListFilesOf(car));
        Assert.Equal("ended_before", car.TakePlates().Code);
        Assert.True(car.TakePlates(l => l.Version = 4).Accepted);
        Assert.Equal("older_than_held", car.TakePlates().Code);
        Assert.Equal(2, car.Lists.Current.Plates.Count);
    }

    [Fact]
    public async Task One_revoked_entry_stays_revoked_over_a_restart()
    {
        BenchCar before = await BenchCar.StartAsync();
        Assert.True(before.TakePlates().Accepted);
        before.Lists.Revoke("stolen-1", ["p1"]);
        Assert.Equal(1, before.Lists.Current.Plates.Count);
        BenchCar car = await before.RestartAsync(sameBoot: true);
        Assert.Equal(1, car.Lists.Current.Plates.Count);
        Assert.True(car.TakePlates(l => l.Version = 4).Accepted);
        Assert.Equal(2, car.Lists.Current.Plates.Count);
        await car.DisposeAsync();
    }

    [Fact]
    public async Task A_face_list_of_another_model_is_refused()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.Equal("wrong_model", car.TakeFaces(l => l.EmbeddingModelSha256 = ByteString.CopyFrom(TestLists.Model)).Code);
    }

    [Fact]
    public async Task A_stored_list_that_was_tampered_with_is_not_used()
    {
        BenchCar before = await BenchCar.StartAsync();
        Assert.True(before.TakePlates().Accepted);
        string file = Directory.GetFiles(Path.Combine(before.Data, "lists"), "*.list").Single();
        byte[] bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        BenchCar car = await before.RestartAsync(sameBoot: true);
        Assert.Equal(0, car.Lists.Current.Plates.Count);
        await car.DisposeAsync();
    }

    internal static string[] ListFilesOf(BenchCar car) =>
        [.. Directory.GetFiles(Path.Combine(car.Data, "lists")).Where(f => f.EndsWith(".list", StringComparison.Ordinal) || f.EndsWith(".key", StringComparison.Ordinal))];

    private static Watchlist With(Watchlist list, Action<Watchlist> change)
    {
        change(list);
        return list;
    }

    private static byte[] Spoiled(byte[] envelope)
    {
        SignedEnvelope spoiled = SignedEnvelope.Parser.ParseFrom(envelope);
        Watchlist list = Watchlist.Parser.ParseFrom(spoiled.Payload);
        list.Plates[0].Plate = "京B99999";
        spoiled.Payload = list.ToByteString();
        return spoiled.ToByteArray();
    }
}
