using EdgeAgent.Benchmarks.Reporting;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>One against one: all genuine pairs, and all pairs of pictures of different people.</summary>
internal sealed class FaceVerification
{
    private readonly (float Similarity, int Person)[] _genuine;

    /// <summary>The most alike impostor pairs first: no more of them than any threshold here can need.</summary>
    private readonly (float Similarity, int A, int B)[] _impostors;
    private readonly int[] _pictures;

    public FaceVerification(FaceSet set)
    {
        _genuine = [.. set.Pairs.Select(p => (Face.Similarity(p.Enrolled.Portrait, p.Probe.Embedding), p.Probe.Person))];
        var impostors = new List<(float Similarity, int A, int B)>();
        var faces = set.Faces;
        for (int i = 0; i < faces.Count; i++)
            for (int j = i + 1; j < faces.Count; j++)
                if (faces[i].Person != faces[j].Person)
                    impostors.Add((Face.Similarity(faces[i].Portrait, faces[j].Embedding), faces[i].Person, faces[j].Person));
        _pictures = new int[set.People];
        foreach (var face in faces)
            _pictures[face.Person]++;
        Genuine = [.. _genuine.Select(g => g.Similarity)];
        Impostors = [.. impostors.Select(i => i.Similarity)];
        Roc = new Roc(Genuine, Impostors);
        _impostors = [.. impostors.OrderByDescending(i => i.Similarity).Take(Math.Max(100, impostors.Count / 20))];
    }

    public Roc Roc { get; }

    public float[] Genuine { get; }

    public float[] Impostors { get; }

    public Interval TrueAccepts(double falseAcceptRate) => PeopleBootstrap.Of(
        _pictures.Length, Roc.TrueAcceptRate(falseAcceptRate), Roc.Genuine, weights => Accepted(weights, falseAcceptRate));

    private double Accepted(int[] weights, double falseAcceptRate)
    {
        float threshold = Threshold(weights, falseAcceptRate);
        double all = 0, accepted = 0;
        foreach (var (similarity, person) in _genuine)
        {
            all += weights[person];
            accepted += similarity > threshold ? weights[person] : 0;
        }
        return all == 0 ? 0 : accepted / all;
    }

    private float Threshold(int[] weights, double falseAcceptRate)
    {
        // Each pair of pictures counts as often as its two people were drawn together; pairs of one person do not count.
        double sum = 0, same = 0;
        for (int p = 0; p < weights.Length; p++)
        {
            double drawn = (double)weights[p] * _pictures[p];
            sum += drawn;
            same += drawn * drawn;
        }
        double allowed = falseAcceptRate * (sum * sum - same) / 2, passed = 0;
        foreach (var (similarity, a, b) in _impostors)
        {
            passed += weights[a] * weights[b];
            if (passed > allowed)
                return similarity;
        }
        return _impostors[^1].Similarity;
    }
}
