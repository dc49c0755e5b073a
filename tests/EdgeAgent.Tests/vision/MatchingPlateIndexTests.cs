using EdgeAgent.Vision.Matching;
using Xunit.Abstractions;

namespace EdgeAgent.Tests.Vision;

public sealed class MatchingPlateIndexTests(ITestOutputHelper output)
{
    // Few characters, so that plates are often equal or one off.
    private const string Letters = "京沪AB1";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_index_equals_a_naive_search_through_every_change(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var oracle = new List<PlateListEntry>(Entries(random, 400));
        PlateIndex index = PlateIndex.Build(oracle);
        for (int round = 0; round < 60; round++)
        {
            Compare(random, oracle, index, 10);
            var delta = new PlateDelta
            {
                EndedLists = random.Next(8) == 0 ? [$"list{random.Next(5)}", "never heard of"] : [],
                Removed = [.. oracle.OrderBy(_ => random.Next()).Take(random.Next(30)), new("list0", -1, "京A"), new("nowhere", 1, "京A")],
                Added = [.. Entries(random, random.Next(40)), .. oracle.Where(_ => random.Next(100) == 0)],
            };
            index = index.Apply(delta);
            Follow(oracle, delta);
            Compare(random, oracle, index, 10);
            for (int steps = random.Next(3); steps > 0; steps--)
                index = index.Settle();
        }
        while (!index.IsSettled)
            index = index.Settle();
        Compare(random, oracle, index, 100);
    }

    [Fact]
    public void An_index_of_many_parts_equals_a_sorted_table_through_changes()
    {
        const int Seed = 77, Size = 300_000;
        output.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        List<PlateListEntry> all = [.. Enumerable.Range(0, Size).Select(i => new PlateListEntry($"list{i % 3}", i, $"粤B{random.Next(400_000):000000}"))];
        PlateIndex index = PlateIndex.Build(all);
        for (int round = 0; round < 4; round++)
        {
            int start = random.Next(Size - 20_000);
            PlateListEntry[] changed = [.. all.Skip(start).Take(20_000)];
            PlateListEntry[] moved = [.. changed.Select(e => e with { Plate = $"粤C{random.Next(400_000):000000}" })];
            index = index.Apply(new PlateDelta { Removed = changed, Added = moved });
            all.RemoveRange(start, changed.Length);
            all.AddRange(moved);
            for (int step = 0; step < 3 + round; step++)
                index = index.Settle();
        }
        var byPlate = all.ToLookup(e => e.Plate);
        Assert.Equal(Size, index.Count);
        for (int i = 0; i < 20_000; i++)
        {
            string plate = $"粤{"BC"[i & 1]}{random.Next(400_000):000000}";
            Assert.Equal(byPlate[plate].Select(e => e.Entry).Order(), index.Find(plate, Sure, []).Select(m => m.Entry).Order());
        }
        index = index.Apply(new PlateDelta { EndedLists = ["list1"] });
        Assert.Equal(all.Count(e => e.ListId != "list1"), index.Count);
        while (!index.IsSettled)
            index = index.Settle();
        Assert.All(all.Take(3000), e => Assert.Equal(e.ListId != "list1", index.Find(e.Plate, Sure, []).Any(m => m.Entry == e.Entry)));
    }

    [Fact]
    public void Very_many_entries_of_one_plate_stay_together()
    {
        PlateIndex index = PlateIndex.Build(Enumerable.Range(0, 100_000)
            .Select(i => new PlateListEntry(i % 1000 == 999 ? "ends" : "l", i, i % 50 == 0 ? "京B00001" : "京A00001")));
        index = index.Apply(new PlateDelta { EndedLists = ["ends"], Removed = [new("l", 1, "京A00001")], Added = [new("l", 7, "京A00000")] });
        Assert.False(index.IsSettled);
        while (!index.IsSettled)
            index = index.Settle();
        Assert.Equal((97_899, 2000, 1), (Found("京A00001"), Found("京B00001"), Found("京A00000")));

        int Found(string plate) => index.Find(plate, Sure, []).Count;
    }

    [Fact]
    public void Unreadable_entries_are_counted_through_changes()
    {
        PlateIndex index = PlateIndex.Build([new("a", 0, "京A12345"), new("a", 1, "hello, world"), new("b", 0, "")]);
        Assert.Equal((1, 2), (index.Count, index.Unreadable));
        index = index.Apply(new PlateDelta { Removed = [new("a", 1, "hello, world")], Added = [new("b", 1, "!"), new("b", 2, "沪A1")] });
        Assert.Equal((2, 2), (index.Count, index.Unreadable));
        index = index.Apply(new PlateDelta { EndedLists = ["b"] });
        Assert.Equal((1, 0), (index.Count, index.Unreadable));
    }

    [Fact]
    public void An_ended_list_is_gone_at_once_and_may_come_back()
    {
        PlateIndex before = PlateIndex.Build([new("a", 0, "京A12345"), new("b", 5, "京A12345")]);
        PlateIndex after = before.Apply(new PlateDelta { EndedLists = ["a"] });
        Assert.Equal("b", Assert.Single(after.Find("京A12345", Sure, [])).ListId);
        Assert.Equal(2, before.Find("京A12345", Sure, []).Count);
        Assert.False(after.IsSettled);
        PlateIndex again = after.Apply(new PlateDelta { Added = [new("a", 9, "京A12345")] });
        Assert.Equal([("a", 9), ("b", 5)], again.Find("京A12345", Sure, []).Select(m => (m.ListId, m.Entry)).Order());
        again = again.Settle();
        Assert.True(again.IsSettled);
        Assert.Equal([("a", 9), ("b", 5)], again.Find("京A12345", Sure, []).Select(m => (m.ListId, m.Entry)).Order());
    }

    [Fact]
    public async Task Readers_never_miss_what_stays_nor_see_what_neither_version_has()
    {
        const int Seed = 5, Constant = 120_000, Deltas = 100, PerDelta = 1500;
        output.WriteLine($"seed {Seed}");
        // In version v: the constant plates, and the batch of version v, whose entries bear v.
        PlateIndex current = PlateIndex.Build(Enumerable.Range(0, Constant).Select(i => new PlateListEntry("constant", i, $"京A{i:000000}")).Concat(Batch(0)));
        int version = 0;
        bool over = false;
        int[] reads = new int[2];
        Task[] readers = [.. reads.Select((_, r) => Task.Factory.StartNew(
            () => Read(r), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        // On a busy machine a reader may start late: the changes wait for both, and go on long enough for both.
        Assert.True(SpinWait.SpinUntil(() => reads.All(n => n > 0) || readers.Any(r => r.IsFaulted), TimeSpan.FromSeconds(60)));
        for (int v = 1; v <= Deltas; v++)
        {
            PlateIndex next = current.Apply(new PlateDelta { Removed = Batch(v - 1), Added = Batch(v) });
            Volatile.Write(ref current, next);
            Volatile.Write(ref version, v);
            while (!next.IsSettled)
            {
                next = next.Settle();
                Volatile.Write(ref current, next);
            }
        }
        _ = SpinWait.SpinUntil(() => reads.All(n => n > 100) || readers.Any(r => r.IsFaulted), TimeSpan.FromSeconds(60));
        Volatile.Write(ref over, true);
        await Task.WhenAll(readers);
        output.WriteLine($"{reads.Sum()} reads");
        Assert.All(reads, n => Assert.True(n > 100));

        static IEnumerable<PlateListEntry> Batch(int v) => Enumerable.Range(0, PerDelta).Select(i => new PlateListEntry($"moving{v % 3}", v, $"沪B{i:00000}"));

        void Read(int reader)
        {
            var random = new Random(Seed + reader);
            for (; !Volatile.Read(ref over); Interlocked.Increment(ref reads[reader]))
            {
                int plate = random.Next(Constant);
                Assert.Equal(plate, Assert.Single(Volatile.Read(ref current).Find($"京A{plate:000000}", Sure, [])).Entry);
                int from = Volatile.Read(ref version);
                var found = Volatile.Read(ref current).Find($"沪B{random.Next(PerDelta):00000}", Sure, []);
                // The writer may be one swap ahead of what it says.
                Assert.InRange(Assert.Single(found).Entry, from, Volatile.Read(ref version) + 1);
            }
        }
    }

    private static float[] Sure => [1, 1, 1, 1, 1, 1, 1, 1];

    private static IEnumerable<PlateListEntry> Entries(Random random, int count) =>
        Enumerable.Range(0, count).Select(_ => new PlateListEntry($"list{random.Next(5)}", random.Next(3), Plate(random)));

    private static string Plate(Random random) => random.Next(30) == 0
        ? "unreadable?!"
        : string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => Letters[random.Next(Letters.Length)]));

    private static void Follow(List<PlateListEntry> oracle, PlateDelta delta)
    {
        var removed = delta.Removed.ToHashSet();
        _ = oracle.RemoveAll(e => delta.EndedLists.Contains(e.ListId) || (removed.Contains(e) && e.Plate.Length <= 8));
        // One of these is as good as another.
        foreach (PlateListEntry entry in delta.Removed.Where(e => e.Plate.Length > 8))
            if (oracle.FindIndex(e => e.ListId == entry.ListId && e.Plate.Length > 8) is >= 0 and int at)
                oracle.RemoveAt(at);
        oracle.AddRange(delta.Added);
    }

    private static void Compare(Random random, List<PlateListEntry> oracle, PlateIndex index, int rounds)
    {
        Assert.Equal((oracle.Count(e => e.Plate.Length <= 8), oracle.Count(e => e.Plate.Length > 8)), (index.Count, index.Unreadable));
        for (int i = 0; i < rounds; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => Letters[random.Next(Letters.Length)]));
            float[] confidence = [.. Enumerable.Range(0, random.Next(text.Length + 1)).Select(_ => random.Next(4) switch { 0 => 0.5f, 1 => float.NaN, _ => 0.95f })];
            (string, float)[] rivals = [.. Enumerable.Range(0, random.Next(3)).Select(_ => (Plate(random), random.NextSingle() / 20))];
            var found = index.Find(text, confidence, rivals);
            Assert.Equal(Expected(oracle, text, confidence, rivals).Order(Order), found.Order(Order));
            Assert.Equal(found.OrderByDescending(m => m.Exact).Select(m => m.Exact), found.Select(m => m.Exact));
        }
    }

    private static readonly Comparer<PlateMatch> Order = Comparer<PlateMatch>.Create((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()));

    private static IEnumerable<PlateMatch> Expected(List<PlateListEntry> oracle, string text, float[] confidence, (string Text, float Belief)[] rivals)
    {
        foreach (PlateListEntry entry in oracle)
        {
            if (entry.Plate == text)
                yield return new PlateMatch(entry.ListId, entry.Entry, entry.Plate, true, -1);
            if (entry.Plate.Length != text.Length)
                continue;
            int[] differ = [.. Enumerable.Range(0, text.Length).Where(i => entry.Plate[i] != text[i])];
            if (differ is [int at] && Doubts(at))
                yield return new PlateMatch(entry.ListId, entry.Entry, entry.Plate, false, at);
        }

        bool Doubts(int at) => at >= confidence.Length || float.IsNaN(confidence[at]) || confidence[at] < PlateIndex.DoubtBelow
            || rivals.Any(r => r.Belief >= PlateIndex.RivalFrom && r.Text.Length == text.Length && r.Text[at] != text[at]);
    }
}
