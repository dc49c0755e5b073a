using System.Diagnostics;
using EdgeAgent.Vision.Matching;

namespace EdgeAgent.Benchmarks.Bench;

/// <summary>What <c>bench plates-index</c> prints. <c>Mb</c>: what the index holds at rest, in 10⁶ bytes; <c>PeakMb</c>: the most
/// managed memory during deltas, what the collector had yet to free included. <c>DeltaMs</c>: the slowest delta with its share of folding in; it counts after <c>DeltaInForceMs</c>.</summary>
internal sealed record PlatesIndexFigures(
    int Entries, double P50Us, double P99Us, double MaxUs, double Mb, double PeakMb, double DeltaMs, int Wrong, double DeltaInForceMs,
    double UnsettledP99Us, double AllDoubtedP99Us, double BuildMs, int Queries, int Checked, int Deltas, int DeltaEntries, int ReadsDuringDeltas, int Seed,
    string Machine);

/// <summary>
/// The plate index at the size of a national list. Queries: half listed, half not; of both, 70 % sure, 20 % with one doubted
/// character, 8 % with three, 2 % with all in doubt; a tenth of the listed ones misread in a doubted place.
/// </summary>
internal static class PlatesIndexBench
{
    private const int Queries = 100_000, Checked = 2000, Deltas = 40, DeltaEntries = 10_000, WarmUp = 2000;

    public static PlatesIndexFigures Run(int entries, int seed, TextWriter progress)
    {
        var cars = new PlatesIndexFleet(entries, seed);
        long empty = GC.GetTotalMemory(forceFullCollection: true);
        var clock = Stopwatch.StartNew();
        PlateIndex index = PlateIndex.Build(cars.Entries());
        double buildMs = clock.Elapsed.TotalMilliseconds;
        double mb = (GC.GetTotalMemory(forceFullCollection: true) - empty) / 1e6;
        progress.WriteLine($"  {entries} entries built in {buildMs / 1000:0.0} s, {mb:0.0} MB");

        PlateQuery[] queries = [.. cars.Queries(Queries, seed + 1)];
        Time(index, queries.AsSpan(0, WarmUp));
        double[] settled = Time(index, queries);
        double[] allDoubted = Time(index, [.. queries.Where(q => q.Doubted == q.Text.Length)]);
        int wrong = Wrong(index, cars, queries);
        progress.WriteLine($"  {wrong} of {Checked} checked queries wrong before the deltas");

        DeltaRun deltas = RunDeltas(ref index, cars, queries, mb);
        wrong += Wrong(index, cars, queries);
        return new PlatesIndexFigures(
            entries, Round(Percentiles.Of(settled, 0.5)), Round(Percentiles.Of(settled, 0.99)), Round(settled.Max()), Round(mb), Round(deltas.PeakMb),
            Round(deltas.SettledMs), wrong + deltas.Wrong, Round(deltas.ApplyMs), Round(Percentiles.Of(deltas.ReadUs, 0.99)),
            Round(Percentiles.Of(allDoubted, 0.99)), Round(buildMs), Queries, 2 * Checked, Deltas, DeltaEntries, deltas.ReadUs.Count, seed,
            Machines.Describe());
    }

    private static double[] Time(PlateIndex index, ReadOnlySpan<PlateQuery> queries)
    {
        var us = new double[queries.Length];
        for (int i = 0; i < queries.Length; i++)
        {
            long started = Stopwatch.GetTimestamp();
            _ = index.Find(queries[i].Text, queries[i].Confidence, []);
            us[i] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        }
        return us;
    }

    /// <summary>Deltas of which half leaves and half comes, while another thread asks without a pause.</summary>
    private static DeltaRun RunDeltas(ref PlateIndex index, PlatesIndexFleet cars, PlateQuery[] queries, double mb)
    {
        PlateIndex current = index;
        double others = (GC.GetTotalMemory(forceFullCollection: true) / 1e6) - mb;
        var readUs = new List<double>();
        int wrong = 0;
        bool over = false;
        var reader = new Thread(() =>
        {
            var random = new Random(cars.Seed + 2);
            while (!Volatile.Read(ref over))
            {
                PlateQuery query = queries[random.Next(queries.Length)];
                long started = Stopwatch.GetTimestamp();
                var found = Volatile.Read(ref current).Find(query.Text, query.Confidence, []);
                readUs.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
                // What no delta touches must be there in every version.
                if (query.Listed is { } entry && !cars.EverChanges(entry) && !found.Any(m => m.Entry == entry))
                    wrong++;
            }
        });
        reader.Start();
        double apply = 0, settled = 0;
        long peak = 0;
        for (int i = 0; i < Deltas; i++)
        {
            PlateDelta delta = cars.Change(i, DeltaEntries / 2);
            var clock = Stopwatch.StartNew();
            PlateIndex next = current.Apply(delta);
            Volatile.Write(ref current, next);
            apply = Math.Max(apply, clock.Elapsed.TotalMilliseconds);
            while (!next.IsSettled)
            {
                next = next.Settle();
                peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: false));
                Volatile.Write(ref current, next);
            }
            settled = Math.Max(settled, clock.Elapsed.TotalMilliseconds);
        }
        Volatile.Write(ref over, true);
        reader.Join();
        index = current;
        return new DeltaRun(apply, settled, (peak / 1e6) - others, readUs, wrong);
    }

    /// <summary>Queries whose answer is not the one that a table of plates gives, asked character by character.</summary>
    private static int Wrong(PlateIndex index, PlatesIndexFleet cars, PlateQuery[] queries)
    {
        PlateQuery[] asked = [.. queries.Where((_, i) => i % (queries.Length / Checked) == 0).Take(Checked)];
        var oracle = new NaivePlates(asked);
        foreach (PlateListEntry entry in cars.Now())
            oracle.Look(entry);
        int wrong = 0;
        for (int i = 0; i < asked.Length; i++)
        {
            var found = index.Find(asked[i].Text, asked[i].Confidence, []).Select(m => (m.ListId, m.Entry, m.Exact, m.DoubtfulPosition));
            wrong += found.Order().SequenceEqual(oracle.Of(i).Order()) ? 0 : 1;
        }
        return wrong;
    }

    private static double Round(double value) => Math.Round(value, 2);

    private sealed record DeltaRun(double ApplyMs, double SettledMs, double PeakMb, List<double> ReadUs, int Wrong);
}

/// <summary>
/// Goes through all entries once and notes for every asked plate what it should find. An entry is compared with every query that
/// agrees with it in its first or in its last half: whatever differs in one character does.
/// </summary>
internal sealed class NaivePlates
{
    private readonly PlateQuery[] _asked;
    private readonly List<(string, int, bool, int)>[] _expected;
    private readonly ILookup<string, int> _byFirst, _byLast;

    public NaivePlates(PlateQuery[] asked)
    {
        _asked = asked;
        _expected = [.. asked.Select(_ => new List<(string, int, bool, int)>())];
        _byFirst = Enumerable.Range(0, asked.Length).ToLookup(i => asked[i].Text[..3]);
        _byLast = Enumerable.Range(0, asked.Length).ToLookup(i => asked[i].Text[3..]);
    }

    public IEnumerable<(string ListId, int Entry, bool Exact, int At)> Of(int query) => _expected[query];

    public void Look(PlateListEntry entry)
    {
        string first = entry.Plate[..3];
        foreach (int query in _byFirst[first])
            Compare(query, entry);
        foreach (int query in _byLast[entry.Plate[3..]])
            if (_asked[query].Text[..3] != first)
                Compare(query, entry);
    }

    private void Compare(int query, PlateListEntry entry)
    {
        PlateQuery asked = _asked[query];
        if (asked.Text.Length != entry.Plate.Length)
            return;
        int differ = 0, at = -1;
        for (int i = 0; i < asked.Text.Length; i++)
        {
            if (asked.Text[i] == entry.Plate[i])
                continue;
            differ++;
            at = i;
        }
        if (differ == 0 || (differ == 1 && asked.Confidence[at] < PlateIndex.DoubtBelow))
            _expected[query].Add((entry.ListId, entry.Entry, differ == 0, at));
    }
}
