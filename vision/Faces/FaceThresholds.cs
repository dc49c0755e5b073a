using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Vision.Faces;

/// <summary>
/// From a false-alert rate that people can judge to the cosine that gives it. The rates stand in models.json under face-feature, as
/// measured over 87 million pairs of different people of LFW; between two of them the logarithm of the rate is a straight line of the
/// cosine. Immutable, thread-safe.
/// </summary>
public sealed class FaceThresholds
{
    /// <summary>Two pictures of one person are hardly ever more alike: a threshold above it would find nobody and not say so.</summary>
    public const float Highest = 0.95f;

    private const string Model = "face-feature", Prefix = "far";

    /// <summary>Rarest last.</summary>
    private readonly (double LogRate, double Cosine)[] _measured;
    private readonly double _steepest;

    private FaceThresholds((double LogRate, double Cosine)[] measured)
    {
        _measured = measured;
        for (int i = 1; i < measured.Length; i++)
            _steepest = Math.Max(_steepest, (measured[i].Cosine - measured[i - 1].Cosine) / (measured[i - 1].LogRate - measured[i].LogRate));
    }

    /// <exception cref="ModelException">models.json has fewer than two such rates, or a rarer one with a lower cosine.</exception>
    public static FaceThresholds Of(ModelStore models)
    {
        ArgumentNullException.ThrowIfNull(models);
        (double LogRate, double Cosine)[] measured = [.. models.Entry(Model).Thresholds
            .Where(t => t.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(t => (Rate: double.TryParse(t.Key[Prefix.Length..], out double rate) ? rate : 0, Cosine: (double)t.Value))
            .Where(t => t.Rate is > 0 and < 1).Select(t => (Math.Log10(t.Rate), t.Cosine)).OrderByDescending(t => t.Item1)];
        bool rises = measured.Zip(measured.Skip(1)).All(pair => pair.Second.Cosine > pair.First.Cosine);
        return measured.Length >= 2 && rises
            ? new FaceThresholds(measured)
            : throw new ModelException($"models.json needs thresholds far1e-3, far1e-4, … of {Model}, each higher than the last.");
    }

    /// <summary>
    /// The least cosine for a false accept in one comparison of two people to be no more frequent than <paramref name="rate"/>. Never
    /// below the most frequent rate that was measured. Beyond the rarest it goes on as steeply as the steepest part of what was
    /// measured: the tail may be thinner than that, not, as far as was seen, thicker.
    /// </summary>
    /// <param name="rate">0 … 1; 0, or no number, gives <see cref="Highest"/>.</param>
    public float ForComparisons(double rate)
    {
        if (!(rate > 0))
            return Highest;
        double logRate = Math.Log10(rate);
        var (firstRate, first) = _measured[0];
        if (logRate >= firstRate)
            return (float)first;
        for (int i = 1; i < _measured.Length; i++)
        {
            var (rarer, cosine) = _measured[i];
            var (commoner, lower) = _measured[i - 1];
            if (logRate >= rarer)
                return (float)(cosine + (lower - cosine) * (logRate - rarer) / (commoner - rarer));
        }
        var (lastRate, last) = _measured[^1];
        return (float)Math.Min(Highest, last + _steepest * (lastRate - logRate));
    }

    /// <summary>
    /// The least cosine at which at most so many of 1,000 visits of people on no list come to an alert. A visit is compared once with
    /// each listed face, so each comparison may err <paramref name="listed"/> times more rarely.
    /// </summary>
    /// <param name="falseAlertsPer1000Visits">Above 0.</param>
    /// <param name="listed">Faces in the lists in force; none: nothing is alike enough.</param>
    public float ForVisits(double falseAlertsPer1000Visits, int listed) =>
        listed <= 0 ? float.PositiveInfinity : ForComparisons(falseAlertsPer1000Visits / 1000 / listed);
}
