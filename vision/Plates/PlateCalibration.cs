using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Vision.Plates;

/// <summary>
/// From what reading measures to the probability that it read right: two logistic regressions, fitted by <c>eval calibrate</c> on
/// drawn visits and kept with the recogniser in models.json, since they belong to its weights. Immutable.
/// </summary>
public sealed class PlateCalibration
{
    /// <summary>Names of the read's features, in the order of their values.</summary>
    internal static readonly string[] ReadFeatures = ["posterior", "support", "margin", "agree", "width"];

    /// <summary>Names of the visit's features, in the order of their values.</summary>
    internal static readonly string[] VisitFeatures = ["weakest", "best", "agree", "votes", "width"];

    private const string Model = "plate-recognise";
    private readonly float[] _read;
    private readonly float[] _visit;

    internal PlateCalibration(float[] read, float[] visit, float sure, float told) => (_read, _visit, Sure, Told) = (read, visit, sure, told);

    /// <summary>From this probability on a visit needs no further look.</summary>
    public float Sure { get; }

    /// <summary>Below this probability a visit's text is not worth telling.</summary>
    public float Told { get; }

    /// <exception cref="ModelException">The manifest lacks one of the constants.</exception>
    public static PlateCalibration Of(ModelStore models)
    {
        ArgumentNullException.ThrowIfNull(models);
        var constants = models.Entry(Model).Thresholds;
        float Of(string name) => constants.TryGetValue(name, out float value)
            ? value
            : throw new ModelException($"The model list gives {Model} no \"{name}\": run the benchmark's eval calibrate and store what it prints.");
        float[] Weights(string kind, string[] features) => [Of($"{kind}.bias"), .. features.Select(f => Of($"{kind}.{f}"))];
        return new PlateCalibration(Weights("read", ReadFeatures), Weights("visit", VisitFeatures), Of("visitSure"), Of("visitTold"));
    }

    /// <summary>The same with other weights for single reads.</summary>
    internal PlateCalibration WithRead(float[] read) => new(read, _visit, Sure, Told);

    internal float OfRead(ReadOnlySpan<float> features) => Sigmoid(_read, features);

    internal float OfVisit(ReadOnlySpan<float> features) => Sigmoid(_visit, features);

    /// <summary>ln(p / (1 − p)), kept within ±7: no measurement here is surer than one in a thousand.</summary>
    internal static float Logit(float p)
    {
        const float Least = 1e-3f;
        p = p > Least ? Math.Min(p, 1 - Least) : Least;
        return MathF.Log(p / (1 - p));
    }

    private static float Sigmoid(float[] weights, ReadOnlySpan<float> features)
    {
        float sum = weights[0];
        for (int i = 0; i < features.Length; i++)
            sum += weights[i + 1] * features[i];
        return float.IsFinite(sum) ? 1 / (1 + MathF.Exp(-sum)) : 0;
    }
}
