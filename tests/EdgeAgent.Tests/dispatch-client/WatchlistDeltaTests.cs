using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

public sealed class WatchlistDeltaTests : IDisposable
{
    private readonly TestPki pki = new();

    public void Dispose() => pki.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_leads_from_one_list_to_another_leads_there(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 100; round++)
        {
            var (before, after) = (Random(random, 3), Random(random, 4));
            var delta = WatchlistDelta.Between(before, after)!;
            Assert.True(delta.CalculateSize() <= after.CalculateSize() + (before.Plates.Count * 8) + 16);
            var led = WatchlistDelta.Apply(before, delta)!;
            Assert.True(WatchlistDelta.SameEntries(after, led));
            Assert.Equal((4UL, 0UL, 0U), (led.Version, led.DeltaFromVersion, led.EntriesAfter));
            Assert.Empty(led.RemovedEntryIds);
            Assert.Equal(after.ValidToUnixMs, led.ValidToUnixMs);
            // The same delta on anything else leads nowhere, or it would not be seen.
            Assert.Null(WatchlistDelta.Apply(With(before.Clone(), l => l.Version = 2), delta));
        }
    }

    [Fact]
    public void A_delta_says_only_what_changed()
    {
        var before = TestLists.Plates();
        var after = With(TestLists.Plates(), l =>
        {
            l.Version = 4;
            l.Plates.RemoveAt(0);
            l.Plates[0].Note = "seen in the north";
            l.Plates.Add(new PlateEntry { EntryId = "p3", Plate = "沪B98765" });
        });
        var delta = WatchlistDelta.Between(before, after)!;
        Assert.Equal(["p2", "p3"], delta.Plates.Select(p => p.EntryId));
        Assert.Equal(["p1"], delta.RemovedEntryIds);
        Assert.Equal((3UL, 2U), (delta.DeltaFromVersion, delta.EntriesAfter));
        Assert.True(WatchlistVerifier.Verify(pki.Sign(delta), pki.ListTrust(), TestLists.Check() with { HeldVersion = 3 }).Accepted);
    }

    public static TheoryData<string> Grounds => ["kind", "category", "authority", "order", "purpose", "model", "id"];

    [Theory]
    [MemberData(nameof(Grounds))]
    public void Entries_that_stay_are_not_carried_over_to_other_grounds(string what)
    {
        var before = TestLists.Plates();
        var after = With(TestLists.Plates(), l => l.Version = 4);
        var delta = WatchlistDelta.Between(before, after)!;
        Assert.NotNull(WatchlistDelta.Apply(before, delta));
        foreach (var list in (Watchlist[])[after, delta])
        {
            _ = what switch
            {
                "kind" => (object)(list.Kind = ListKind.Faces),
                "category" => list.Category = ListCategory.CourtOrder,
                "authority" => list.Authority = "another bureau",
                "order" => list.LegalReference = "another order",
                "purpose" => list.Purpose = "another purpose",
                "model" => list.EmbeddingModelSha256 = Google.Protobuf.ByteString.CopyFrom(TestLists.Model),
                _ => list.ListId = "another",
            };
        }
        Assert.Null(WatchlistDelta.Between(before, after));
        Assert.Null(WatchlistDelta.Apply(before, delta));
    }

    [Fact]
    public void A_delta_that_ends_with_another_number_of_entries_is_none()
    {
        var before = TestLists.Plates();
        var delta = WatchlistDelta.Between(before, With(TestLists.Plates(), l =>
        {
            l.Version = 4;
            l.Plates.RemoveAt(1);
        }))!;
        delta.EntriesAfter = 2;
        Assert.Null(WatchlistDelta.Apply(before, delta));
    }

    [Theory]
    [InlineData("p1", "p1")]
    [InlineData("", "p9")]
    [InlineData("p7", "p9")]
    public void Ids_that_leave_are_ids_named_once(string one, string other)
    {
        var delta = With(TestLists.Plates(), l =>
        {
            (l.Version, l.DeltaFromVersion, l.EntriesAfter) = (4, 3, 2);
            l.Plates[1].EntryId = "p7";
            l.RemovedEntryIds.Add([one, other]);
        });
        var verdict = WatchlistVerifier.Verify(pki.Sign(delta), pki.ListTrust(), TestLists.Check() with { HeldVersion = 3 });
        Assert.Equal(ListRefusals.BadEntry, verdict.Code);
    }

    private static Watchlist Random(Random random, ulong version) => With(TestLists.Plates(), l =>
    {
        l.Version = version;
        l.Plates.Clear();
        foreach (var at in Enumerable.Range(0, 30).Where(_ => random.Next(3) > 0).OrderBy(_ => random.Next()))
            l.Plates.Add(new PlateEntry { EntryId = $"p{at}", Plate = $"京A{random.Next(2):00000}" });
    });

    private static Watchlist With(Watchlist list, Action<Watchlist> change)
    {
        change(list);
        return list;
    }
}
