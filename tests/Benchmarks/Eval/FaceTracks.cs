using System.Numerics;
using EdgeAgent.Benchmarks.Reporting;
using EdgeAgent.Vision.Faces;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>One way to make one similarity of a visit's looks.</summary>
/// <param name="Hits">Of each visit by somebody enrolled: how alike to their own entry.</param>
/// <param name="Strangers">Of each visit: how alike to the most alike entry of anybody else.</param>
internal sealed record TrackWay(string Name, float[] Hits, float[] Strangers);

/// <summary>What a way of making one similarity costs and finds.</summary>
/// <param name="FalseAlerts">Per 1,000 visits, at the threshold that lets the stated share of hits pass.</param>
/// <param name="HitsAtRate">Hits at the threshold that the stated false-alert rate gives, of all visits of people enrolled.</param>
/// <param name="FalseAtRate">Share of visits with a false alert at that threshold.</param>
internal sealed record TrackResult(
    string Name, double HitRate, Interval FalseAlerts, Interval HitsAtRate, Interval FalseAtRate);

/// <param name="Visits">Visits made; each is a stranger's to everybody else's entry.</param>
/// <param name="Ratio">False alerts of the pooled way, over those of the single frame, at the same hit rate.</param>
internal sealed record TrackFigures(int Visits, int Frames, double NoLook, List<TrackResult> Ways, Interval Ratio, List<TrackWay> Scores);

/// <summary>
/// Visits made from each person's probe picture: nine frames of a face 32 to 60 px wide that moves, blurs, darkens and is noisy, each
/// from a seed; three of them are looked at, when <c>CropPlan</c> would. Compares what is made of those three looks.
/// </summary>
internal sealed class FaceTracks(FaceSession session)
{
    public const double HitRate = 0.8;
    private const int VisitsEach = 2, FramesEach = 9, Seed = 4711;

    /// <summary>At 8 frames a second: at once, after 300 ms, after another 600.</summary>
    private static readonly int[] s_looks = [0, 3, 8];

    public TrackFigures? Run(FaceSet set, float threshold, TextWriter progress)
    {
        var gallery = set.Pairs.Where(p => p.Enrolled.Embedding is not null).Select(p => p.Enrolled).ToList();
        var probes = set.Pairs.Select(p => p.Probe).Concat(set.Unlisted).Where(f => f.Embedding is not null).ToList();
        var visits = new List<TrackVisit>();
        foreach (var probe in probes)
        {
            for (int v = 0; v < VisitsEach; v++)
            {
                visits.Add(Visit(probe, Seed + VisitsEach * visits.Count + v));
                if (visits.Count % 100 == 0)
                    progress.WriteLine($"  {visits.Count} visits");
            }
        }
        var people = gallery.Select(g => g.Person).ToHashSet();
        if (!visits.Any(v => people.Contains(v.Person)))
            return null;
        List<TrackWay> ways =
        [
            Way("single frame", v => v.Passing.Take(1)),
            Way("highest of three", v => v.Passing),
            Way("best quality", v => v.Passing.OrderByDescending(l => l.Quality.Score).Take(1)),
            Way("pooled", v => v.Pooled is { } pooled ? [(default, pooled)] : []),
        ];
        var owners = visits.Select(v => v.Person).ToArray();
        var enrolled = owners.Where(people.Contains).ToArray();
        return new TrackFigures(
            visits.Count, visits.Count * FramesEach, 1 - (double)visits.Count(v => v.Passing.Any()) / visits.Count,
            [.. ways.Select(w => Result(w, enrolled, owners, set.People, threshold))], Ratio(ways[^1], ways[0], enrolled, owners, set.People), ways);

        TrackWay Way(string name, Func<TrackVisit, IEnumerable<(FaceQuality, float[] Embedding)>> chosen) => new(
            name,
            [.. visits.Where(v => people.Contains(v.Person)).Select(v => Most(chosen(v), gallery.Where(g => g.Person == v.Person)))],
            [.. visits.Select(v => Most(chosen(v), gallery.Where(g => g.Person != v.Person)))]);
    }

    private TrackVisit Visit(Face probe, int seed)
    {
        var random = new Random(seed);
        var spoiler = new FrameSpoiler();
        using var picture = session.Load(probe);
        float width = Between(random, 32, 60), light = Between(random, 0.4f, 1.4f), growth = Between(random, 1, 1.02f);
        var looks = new List<(FaceQuality, float[])>();
        for (int frame = 0; frame < FramesEach; frame++, width *= growth)
        {
            // Drawn for every frame, so that which ones are looked at changes nothing else.
            var shift = new Vector2(Between(random, -3, 3), Between(random, -3, 3));
            var how = new Spoiling(
                width / probe.Box.Width, shift, width * MathF.Abs(Between(random, -0.12f, 0.12f)), Between(random, 0, MathF.PI),
                Between(random, 0.2f, 0.9f), light * Between(random, 0.8f, 1.25f), Between(random, 2, 8));
            int noise = random.Next();
            if (!s_looks.Contains(frame))
                continue;
            var (quality, embedding) = session.LookAtFrame(spoiler.Make(picture.View, how, new Random(noise)));
            if (embedding is not null)
                looks.Add((quality, embedding));
        }
        return new TrackVisit(probe.Person, looks);
    }

    private static float Between(Random random, float low, float high) => low + (high - low) * random.NextSingle();

    private static float Most(IEnumerable<(FaceQuality, float[] Embedding)> looks, IEnumerable<Face> entries)
    {
        float most = Face.Missed;
        var listed = entries.ToList();
        foreach (var (_, embedding) in looks)
            foreach (var entry in listed)
                most = MathF.Max(most, Face.Similarity(entry.Portrait, embedding));
        return most;
    }

    private static TrackResult Result(TrackWay way, int[] enrolled, int[] owners, int people, float threshold)
    {
        double falseAlerts = FalseAlerts(way, enrolled, owners, null);
        return new TrackResult(
            way.Name, HitRate, PeopleBootstrap.Of(people, falseAlerts, owners.Length, w => FalseAlerts(way, enrolled, owners, w)),
            Share(way.Hits, enrolled), Share(way.Strangers, owners));

        Interval Share(float[] scores, int[] whose) => PeopleBootstrap.Of(
            people, (double)scores.Count(s => s >= threshold) / scores.Length, scores.Length, w => Passing(scores, whose, threshold, w));
    }

    private static Interval Ratio(TrackWay way, TrackWay against, int[] enrolled, int[] owners, int people)
    {
        return PeopleBootstrap.Of(people, Of(null), owners.Length, Of);

        double Of(int[]? weights) => FalseAlerts(way, enrolled, owners, weights) / Math.Max(1e-9, FalseAlerts(against, enrolled, owners, weights));
    }

    /// <summary>Per 1,000 visits, where the threshold is the highest that the stated share of hits reaches.</summary>
    private static double FalseAlerts(TrackWay way, int[] enrolled, int[] owners, int[]? weights)
    {
        var order = Enumerable.Range(0, way.Hits.Length).OrderByDescending(i => way.Hits[i]).ToArray();
        double wanted = HitRate * order.Sum(i => Weight(i)), passed = 0;
        float threshold = Face.Missed;
        foreach (int i in order)
        {
            threshold = way.Hits[i];
            passed += Weight(i);
            if (passed >= wanted)
                break;
        }
        return 1000 * Passing(way.Strangers, owners, threshold, weights);

        double Weight(int i) => weights is null ? 1 : weights[enrolled[i]];
    }

    private static double Passing(float[] scores, int[] owners, float threshold, int[]? weights)
    {
        double all = 0, passing = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            double weight = weights is null ? 1 : weights[owners[i]];
            all += weight;
            passing += scores[i] >= threshold ? weight : 0;
        }
        return all == 0 ? 0 : passing / all;
    }

    private sealed class TrackVisit(int person, List<(FaceQuality Quality, float[] Embedding)> looks)
    {
        public int Person => person;

        public IEnumerable<(FaceQuality Quality, float[] Embedding)> Passing => looks.Where(l => l.Quality.Passes);

        public float[]? Pooled { get; } = Pool(looks);

        private static float[]? Pool(List<(FaceQuality Quality, float[] Embedding)> looks)
        {
            var pool = new PooledFace();
            foreach (var (quality, embedding) in looks)
                _ = pool.Add(embedding, quality);
            var pooled = new float[FaceEmbedder.Dimension];
            return pool.TryRead(pooled) ? pooled : null;
        }
    }
}
