using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Preprocess;
using Microsoft.ML.OnnxRuntime;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>What <c>eval activations</c> prints: ranges for models.json, and on what they were seen.</summary>
internal sealed record ActivationFigures(int Seed, int Pictures, IReadOnlyDictionary<string, double[]> Activations);

/// <summary>Least and greatest value of the plate detector's inner tensors over drawn visits, which <see cref="GraphQuantise"/> needs.</summary>
internal static class ActivationRanges
{
    private const string Model = "plate-detect";

    public static ActivationFigures Run(int seed, int visits, ModelStore models, TextWriter progress)
    {
        var drawn = PlateDrawnVisits.Create(seed, mostWidthPx: 3 * PlateVisitFrames.MostWidthPx);
        var (bytes, names) = GraphQuantise.Expose(models.Load(Model));
        using var session = new InferenceSession(bytes);
        using var options = new RunOptions();
        var ranges = names.ToDictionary(n => n, _ => new double[2]);
        int pictures = 0;
        for (int number = 0; number < visits; number++)
        {
            // Frames of one visit differ in light and smear only: two show what there is.
            int left = 2;
            drawn.Show(number, picture =>
            {
                See(session, options, picture, names, ranges);
                pictures++;
                return --left > 0;
            });
            if ((number + 1) % 25 == 0)
                progress.WriteLine($"  {number + 1} of {visits} visits");
        }
        return new ActivationFigures(seed, pictures, ranges.ToDictionary(r => r.Key, r => r.Value.Select(v => Math.Round(v, 2)).ToArray()));
    }

    private static void See(InferenceSession session, RunOptions options, BgrView picture, string[] names, Dictionary<string, double[]> ranges)
    {
        float[] input = new float[3 * picture.Width * picture.Height];
        PixelKernels.ToPlanes(picture, input, picture.Width, picture.Height, 127.5f, 1 / 127.5f, redFirst: false);
        using var value = OrtValue.CreateTensorValueFromMemory(input, [1, 3, picture.Height, picture.Width]);
        using var results = session.Run(options, [session.InputMetadata.Keys.First()], [value], names);
        for (int i = 0; i < names.Length; i++)
        {
            var range = ranges[names[i]];
            foreach (float v in results[i].GetTensorDataAsSpan<float>())
                (range[0], range[1]) = (Math.Min(range[0], v), Math.Max(range[1], v));
        }
    }
}
