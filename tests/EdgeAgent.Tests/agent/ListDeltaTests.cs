using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Watchlists;
using EdgeAgent.Contract;
using EdgeAgent.Tests.DispatchClient;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

public sealed class ListDeltaTests
{
    [Fact]
    public async Task A_delta_changes_what_is_matched_and_stays_over_a_restart()
    {
        BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates().Accepted);
        Assert.True(car.TakeFaces().Accepted);
        Assert.True(Take(car, Plates(car, 4, l => l.RemovedEntryIds.Add("p1"), ("p3", "沪B98765"))).Accepted);
        Assert.True(Take(car, Plates(car, 5, l => l.EntriesAfter = 2, ("p3", "沪B98766"))).Accepted);
        Watchlist faces = TestLists.Faces();
        faces.EmbeddingModelSha256 = Google.Protobuf.ByteString.CopyFrom(car.Model);
        (faces.Version, faces.DeltaFromVersion, faces.EntriesAfter) = (2, 1, 1);
        faces.Faces[0] = new FaceEntry { EntryId = "f2", Template = TestLists.Template(2) };
        faces.RemovedEntryIds.Add("f1");
        Assert.True(Take(car, faces).Accepted);
        for (int turn = 0; turn < 2; turn++)
        {
            Assert.Equal([false, true, false, true], new[] { "京A12345", "京AD12345", "沪B98765", "沪B98766" }.Select(p => Finds(car, p)));
            Assert.Equal((2, 1), (car.Lists.Current.Plates.Count, car.Lists.Current.Faces.Count));
            Assert.Equal("f2", car.Lists.Current.Lists["missing-1"].Faces.Keys.Single());
            Assert.True(car.Lists.Current.Lists["missing-1"].Faces["f2"].Template.IsEmpty);
            Assert.Equal((5UL, 2UL), (car.Lists.HeldVersion("stolen-1"), car.Lists.HeldVersion("missing-1")));
            car = await car.RestartAsync(sameBoot: true);
        }
        car.Lists.Revoke("stolen-1", []);
        car.Lists.Revoke("missing-1", []);
        Assert.DoesNotContain(Directory.GetFiles(Path.Combine(car.Data, "lists")), f => Path.GetExtension(f) is ".delta" or ".key" or ".list");
        await car.DisposeAsync();
    }

    [Fact]
    public async Task A_delta_that_does_not_fit_changes_nothing_and_the_whole_list_is_still_wanted()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.Equal(ListRefusals.DeltaWithoutBase, Take(car, Plates(car, 4)).Code);
        Assert.True(car.TakePlates().Accepted);
        // Made for another version; leading elsewhere; of another order; from a stranger.
        Assert.Equal(ListRefusals.DeltaWithoutBase, Take(car, Plates(car, 5, l => l.DeltaFromVersion = 4)).Code);
        Assert.Equal(ListRefusals.DeltaWithoutBase, Take(car, Plates(car, 4, l => l.EntriesAfter = 7)).Code);
        Assert.Equal(ListRefusals.DeltaWithoutBase, Take(car, Plates(car, 4, l => l.LegalReference = "another")).Code);
        using var stranger = new TestPki();
        Assert.Equal(ListRefusals.UnknownIssuer, car.Lists.Take(stranger.Sign(Plates(car, 4)), "stolen-1", 4, asDelta: true).Code);
        Assert.Equal(ListCondition.Loaded, Assert.Single(car.Lists.Status()).Why.Condition);
        Assert.Equal((3UL, 2), (car.Lists.HeldVersion("stolen-1"), car.Lists.Current.Plates.Count));
        Assert.True(car.Lists.Wants(Whole(4)));
        Assert.Equal(5, car.Events().Count(e => e.ListState is { Outcome: ListOutcome.Refused }));
        Assert.True(car.TakePlates(l => l.Version = 4).Accepted);
    }

    [Fact]
    public async Task An_alert_on_an_entry_that_leaves_or_changes_lapses_and_the_others_stand()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates(l => l.Plates.Add([new PlateEntry { EntryId = "p3", Plate = "沪B98765" }, new PlateEntry { EntryId = "p4", Plate = "粤C11111" }])).Accepted);
        _ = await car.SignInAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await Eventually.HoldsAsync(() => eyes.Seeing.Plates, "eyes look for plates");
        AlertBook alerts = car.Get<AlertBook>();
        foreach (string plate in (string[])["京A12345", "京AD12345", "沪B98765", "粤C11111"])
            await eyes.SeePlateAsync(plate);
        await Eventually.HoldsAsync(() => alerts.Open.Count == 4, "all four are shown");
        Watchlist delta = Plates(car, 4, l =>
        {
            l.RemovedEntryIds.Add("p1");
            l.Plates[1].Note = "owner asks for a call";
            l.EntriesAfter = 3;
        }, ("p3", "沪B98766"), ("p4", "粤C11111"));
        Assert.True(Take(car, delta).Accepted);
        Assert.Equal(["p2", "p4"], alerts.Open.Select(a => a.Alert.EntryId).Order());
        Assert.Equal(["list_ended", "list_ended"], car.Audit().Where(r => r.Kind == AuditKind.AlertLapsed).Select(r => r.Purpose));
    }

    [Fact]
    public async Task What_a_delta_took_out_is_off_the_disk_within_a_day()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates(l => l.ValidToUnixMs += 24 * 3_600_000).Accepted);
        Assert.True(Take(car, Plates(car, 4, null, ("p3", "沪B98765"))).Accepted);
        car.Time.Jump(TimeSpan.FromHours(23.5));
        Assert.False(car.Lists.Wants(Whole(4)));
        Assert.True(Take(car, Plates(car, 5, l => l.RemovedEntryIds.Add("p1"))).Accepted);
        // The first only added; the day counts from what took something out.
        car.Time.Jump(TimeSpan.FromHours(23));
        Assert.False(car.Lists.Wants(Whole(5)));
        car.Time.Jump(TimeSpan.FromHours(1));
        Assert.True(car.Lists.Wants(Whole(5)));
        string[] before = Directory.GetFiles(Path.Combine(car.Data, "lists"), "*.key");
        Assert.True(car.TakePlates(l =>
        {
            l.Version = 5;
            l.Plates.RemoveAt(0);
        }).Accepted);
        Assert.False(car.Lists.Wants(Whole(5)));
        Assert.Empty(Directory.GetFiles(Path.Combine(car.Data, "lists"), "*.delta"));
        Assert.DoesNotContain(before, File.Exists);
    }

    [Fact]
    public async Task A_lost_or_spoiled_delta_makes_the_car_ask_for_the_list_again()
    {
        foreach (bool spoil in (bool[])[true, false])
        {
            BenchCar car = await BenchCar.StartAsync();
            Assert.True(car.TakePlates().Accepted);
            Assert.True(Take(car, Plates(car, 4, l => l.RemovedEntryIds.Add("p1"))).Accepted);
            string delta = Directory.GetFiles(Path.Combine(car.Data, "lists"), "*.delta").Single();
            if (spoil)
                await File.WriteAllBytesAsync(delta, [.. (await File.ReadAllBytesAsync(delta)).Reverse()]);
            else
                File.Delete(delta);
            car = await car.RestartAsync(sameBoot: true);
            // Without the delta the revoked plate would be matched again.
            Assert.Equal(0, car.Lists.Current.Plates.Count);
            // Nor does a key stay that nothing would ever end.
            Assert.Equal(["memory.json"], Directory.GetFiles(Path.Combine(car.Data, "lists")).Select(Path.GetFileName));
            Assert.True(car.Lists.Wants(Whole(4)));
            Assert.True(car.TakePlates(l => l.Version = 4).Accepted);
            await car.DisposeAsync();
        }
    }

    [Fact]
    public void The_shortest_unbroken_way_is_taken()
    {
        ListOffer whole = Whole(7);
        whole.SizeBytes = 1000;
        ListOffer[] offers = [whole, Delta(4, 100), Delta(5, 200), Delta(6, 300), Delta(7, 350)];
        Assert.Equal([6UL, 7UL], ListPlan.Deltas(5, whole, offers).Select(o => o.Version));
        Assert.Equal([4UL, 5UL, 6UL, 7UL], ListPlan.Deltas(3, whole, offers).Select(o => o.Version));
        offers[1].SizeBytes = 151;
        Assert.Empty(ListPlan.Deltas(3, whole, offers));
        Assert.Empty(ListPlan.Deltas(2, whole, offers));
        Assert.Empty(ListPlan.Deltas(0, whole, offers));
        Assert.Empty(ListPlan.Deltas(5, whole, [whole, offers[3]]));
        Assert.Empty(ListPlan.Deltas(7, whole, offers));
    }

    private static ListOffer Whole(ulong version) => new() { ListId = "stolen-1", Version = version, SizeBytes = 1 };

    private static ListOffer Delta(ulong version, ulong size) => new() { ListId = "stolen-1", Version = version, DeltaFromVersion = version - 1, SizeBytes = size };

    private static WatchlistVerdict Take(BenchCar car, Watchlist delta) => car.Lists.Take(car.Pki.Sign(delta), delta.ListId, delta.Version, asDelta: true);

    /// <summary>A delta to the plates that the car holds, with as many entries after it as follow from it unless changed.</summary>
    private static Watchlist Plates(BenchCar car, ulong version, Action<Watchlist>? change = null, params (string Id, string Plate)[] entries)
    {
        Watchlist list = TestLists.Plates();
        (list.Version, list.DeltaFromVersion) = (version, version - 1);
        list.IssuedAtUnixMs = list.ValidFromUnixMs = car.Clock.NowUnixMs;
        list.Plates.Clear();
        list.Plates.Add(entries.Select(e => new PlateEntry { EntryId = e.Id, Plate = e.Plate }));
        list.EntriesAfter = (uint)((car.Lists.Current.Lists.TryGetValue("stolen-1", out LoadedList? held) ? held.Count : 2) + entries.Length);
        uint meant = list.EntriesAfter;
        change?.Invoke(list);
        if (list.EntriesAfter == meant)
            list.EntriesAfter -= (uint)list.RemovedEntryIds.Count;
        return list;
    }

    private static bool Finds(BenchCar car, string plate) => car.Lists.Current.Plates.Find(plate, [.. plate.Select(_ => 1f)], []).Any(m => m.Exact);
}
