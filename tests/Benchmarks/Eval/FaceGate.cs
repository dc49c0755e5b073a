using EdgeAgent.Benchmarks.Reporting;
using EdgeAgent.Vision.Faces;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>What the quality gate does with one known amount of one kind of damage.</summary>
/// <param name="Kind">Of damage: blur, motion, dark, bright, small.</param>
/// <param name="Level">Its amount, with its unit.</param>
/// <param name="Refused">Share of the faces found that do not pass.</param>
/// <param name="Named">Share of the refused where the fault that was made is among those named.</param>
/// <param name="Match">Share of all pictures that would still match their enrolled face at the threshold of FAR 1e-3, if no gate were there.</param>
internal sealed record GateStep(string Kind, string Level, Interval Refused, Interval Named, Interval Match);

/// <summary>Spoils good pictures by known amounts and sees what the quality gate lets pass.</summary>
internal sealed class FaceGate(FaceSession session)
{
    private const int MostPeople = 100;
    private const int Seed = 77;

    private static readonly (string Kind, string Level, FaceFaults Fault, Func<float, Spoiling> Make)[] s_damages =
    [
        ("none", "as it is", FaceFaults.None, _ => Spoiling.None(1)),
        .. Steps("blur", "of the face's width", FaceFaults.Blurred, [0.0125f, 0.025f, 0.0375f, 0.05f, 0.075f], (s, width, level) => s with { BlurPx = level * width }),
        .. Steps("motion", "of the face's width", FaceFaults.Blurred, [0.05f, 0.1f, 0.15f, 0.2f, 0.3f], (s, width, level) => s with { MotionPx = level * width }),
        .. Steps("dark", "of the light", FaceFaults.TooDark | FaceFaults.Flat, [0.5f, 0.25f, 0.12f, 0.06f], (s, _, level) => s with { Gain = level, NoiseLevels = 2 }),
        .. Steps("bright", "of the light", FaceFaults.Overexposed, [1.5f, 2f, 3f, 4f], (s, _, level) => s with { Gain = level, NoiseLevels = 2 }),
        .. Steps("small", "px wide", FaceFaults.TooSmall, [48f, 40f, 34f, 28f, 20f], (s, width, level) => s with { Scale = level / width }),
    ];

    /// <param name="threshold">The cosine above which a face counts as matched.</param>
    public List<GateStep> Run(FaceSet set, float threshold, TextWriter progress)
    {
        var spoiler = new FrameSpoiler();
        var pairs = set.Pairs.Where(p => p.Enrolled.Embedding is not null && p.Probe.Embedding is not null).Take(MostPeople).ToList();
        var steps = new List<GateStep>();
        foreach (var (kind, level, fault, make) in s_damages)
        {
            int found = 0, refused = 0, named = 0, matched = 0;
            for (int i = 0; i < pairs.Count; i++)
            {
                var (enrolled, probe) = pairs[i];
                var random = new Random(Seed + i);
                var how = make(probe.Box.Width) with { MotionRadians = random.NextSingle() * MathF.PI };
                using var picture = session.Load(probe);
                var (quality, embedding) = session.LookAtFrame(spoiler.Make(picture.View, how, random));
                if (embedding is null)
                    continue;
                found++;
                matched += Face.Similarity(enrolled.Portrait, embedding) > threshold ? 1 : 0;
                refused += quality.Passes ? 0 : 1;
                named += !quality.Passes && (quality.Faults & fault) != 0 ? 1 : 0;
            }
            steps.Add(new GateStep(
                kind, level, Interval.Wilson(refused, found), Interval.Wilson(named, refused), Interval.Wilson(matched, pairs.Count)));
            progress.WriteLine($"  gate: {kind} {level}");
        }
        return steps;
    }

    private static IEnumerable<(string, string, FaceFaults, Func<float, Spoiling>)> Steps(
        string kind, string unit, FaceFaults fault, float[] levels, Func<Spoiling, float, float, Spoiling> change)
    {
        foreach (float level in levels)
            yield return (kind, level < 10 ? $"{level:P1} {unit}" : $"{level:0} {unit}", fault, width => change(Spoiling.None(1), width, level));
    }
}
