using EdgeAgent.Benchmarks.Reporting;
using EdgeAgent.Vision.Matching;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>One against many, with the product's index: everyone with two pictures is listed.</summary>
internal sealed class FaceSearch
{
    private const int RandomLists = 20, Seed = 99;

    private readonly FaceSet _set;

    /// <summary>Of each probe: its best match, and whether that is the right one.</summary>
    private readonly List<(int Person, float Similarity, bool Right)> _probes = [];

    /// <summary>Of each person on no list: the best match, always wrong.</summary>
    private readonly List<(int Person, float Similarity)> _unlisted = [];

    public FaceSearch(FaceSet set)
    {
        _set = set;
        var enrolled = set.Pairs.Where(p => p.Enrolled.Embedding is not null).Select(p => p.Enrolled).ToList();
        Listed = enrolled.Count;
        var index = FaceIndex.Build([.. enrolled.Select(f => ("eval", f.Person.ToString()))], enrolled.SelectMany(f => f.Portrait!).ToArray());
        foreach (var (_, probe) in set.Pairs)
        {
            var best = Best(index, probe);
            _probes.Add((probe.Person, best.Similarity, best.EntryId == probe.Person.ToString()));
        }
        foreach (var face in set.Unlisted)
            _unlisted.Add((face.Person, Best(index, face).Similarity));
    }

    public int Listed { get; }

    /// <summary>Share of probes whose best match is right.</summary>
    public Interval Rank1() => OfProbes(_ => Face.Missed - 1);

    /// <summary>The same where it also passes the threshold at which this share of the unlisted would.</summary>
    public Interval Tpir(double falseAlertShare) => OfProbes(weights => Threshold(weights, falseAlertShare));

    /// <summary>The same at a given threshold.</summary>
    public Interval Found(float threshold) => OfProbes(_ => threshold);

    /// <summary>For drawing: share of false alerts, and of probes found at its threshold.</summary>
    public IEnumerable<(double FalseAlerts, double Found)> Curve()
    {
        for (int allowed = 0; allowed < _unlisted.Count; allowed++)
            yield return ((double)allowed / _unlisted.Count, Found(null, Threshold(null, (double)allowed / _unlisted.Count)));
    }

    /// <summary>
    /// Share of searches that end in a false alert at a threshold: every picture against lists, as long as the whole one, of other
    /// people drawn from a seed, since two hundred unlisted people alone cannot show a rate of one in a thousand.
    /// </summary>
    public Interval FalseAlerts(float threshold)
    {
        var random = new Random(Seed);
        var people = _set.Faces.GroupBy(f => f.Person).Select(g => g.First()).Where(f => f.Embedding is not null).ToArray();
        var (trials, alarms) = (new int[_set.People], new int[_set.People]);
        for (int list = 0; list < RandomLists; list++)
        {
            random.Shuffle(people);
            var listed = people.AsSpan(0, Math.Min(Listed, people.Length)).ToArray();
            foreach (var probe in _set.Faces.Where(f => f.Embedding is not null))
            {
                trials[probe.Person]++;
                alarms[probe.Person] += listed.Any(f => f.Person != probe.Person && Face.Similarity(f.Portrait, probe.Embedding) >= threshold) ? 1 : 0;
            }
        }
        return PeopleBootstrap.Of(_set.People, Share(null), trials.Sum(), Share);

        double Share(int[]? weights)
        {
            double all = 0, wrong = 0;
            for (int p = 0; p < trials.Length; p++)
            {
                all += (weights?[p] ?? 1) * trials[p];
                wrong += (weights?[p] ?? 1) * alarms[p];
            }
            return all == 0 ? 0 : wrong / all;
        }
    }

    private Interval OfProbes(Func<int[]?, float> threshold) =>
        PeopleBootstrap.Of(_set.People, Found(null, threshold(null)), _probes.Count, weights => Found(weights, threshold(weights)));

    private double Found(int[]? weights, float threshold)
    {
        double all = 0, found = 0;
        foreach (var (person, similarity, right) in _probes)
        {
            double weight = weights?[person] ?? 1;
            all += weight;
            found += right && similarity > threshold ? weight : 0;
        }
        return all == 0 ? 0 : found / all;
    }

    private float Threshold(int[]? weights, double falseAlertShare)
    {
        double all = _unlisted.Sum(u => weights?[u.Person] ?? 1), passed = 0;
        foreach (var (person, similarity) in _unlisted.OrderByDescending(u => u.Similarity))
        {
            passed += weights?[person] ?? 1;
            if (passed > falseAlertShare * all)
                return similarity;
        }
        return Face.Missed;
    }

    private static FaceMatch Best(FaceIndex index, Face face)
    {
        Span<FaceMatch> best = new FaceMatch[1];
        return face.Embedding is not null && index.Search(face.Embedding, best) > 0 ? best[0] : new FaceMatch("", "", Face.Missed);
    }
}
