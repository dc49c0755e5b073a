using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Edgectl.Acceptance;

/// <summary>
/// Whether this box recognises what every box must: a drawn face with the numbers that it had when it was drawn, and a drawn plate.
/// Models are held against their hashes first. Nobody is in the picture.
/// </summary>
internal sealed class ModelsCheck(Func<ModelStore> models) : ICheck
{
    internal const string PlateText = "京A12345";

    /// <summary>Another processor rounds otherwise; another model, or one that was changed, is far below.</summary>
    private const float LeastLikeness = 0.99f;

    public CheckTitle Title { get; } = new("models", "识别模型", "Recognition models");

    public IReadOnlyList<string> Needs => [];

    public Task LookAsync(UnitAtHand unit, CheckOutcome outcome, CancellationToken stop) => Task.Run(() =>
    {
        try
        {
            ModelStore store = models();
            using var pool = new FramePool();
            using var codec = new JpegCodec();
            using Frame picture = codec.Decode(Resource("self-test.jpg"), pool);
            long began = unit.Time.GetTimestamp();
            Face(store, picture, outcome);
            Plate(store, picture, outcome);
            outcome.Measured("自检用时", "Self-test", $"{unit.Time.GetElapsedTime(began).TotalMilliseconds:0} ms");
        }
        catch (ModelException e)
        {
            outcome.Found("models_damaged", detail: e.Message);
        }
    }, stop);

    private static void Face(ModelStore store, Frame picture, CheckOutcome outcome)
    {
        if (Embedding(store, picture) is not { } embedding)
        {
            outcome.Found("face_wrong", detail: "no face was found, or more than one");
            return;
        }
        float likeness = Likeness(embedding, Known());
        outcome.Measured("人脸", "Face", $"{likeness:0.0000}");
        if (!(likeness >= LeastLikeness))
            outcome.Found("face_wrong", detail: $"likeness {likeness:0.0000}, {LeastLikeness} is due");
    }

    private static void Plate(ModelStore store, Frame picture, CheckOutcome outcome)
    {
        using var detector = new PlateDetector(store);
        using var reader = new PlateReader(store);
        Span<PlateBox> found = new PlateBox[8];
        var read = new List<string>();
        foreach (var box in found[..detector.Detect(picture.View, found)])
            if (reader.Read(picture.View, box) is { Text.Length: > 0 } plate)
                read.Add(plate.Text);
        outcome.Measured("车牌", "Plate", string.Join(" ", read));
        if (!read.Contains(PlateText))
            outcome.Found("plate_wrong", detail: $"read {(read.Count == 0 ? "nothing" : string.Join(", ", read))}, {PlateText} is due");
    }

    /// <summary>Null: not one face.</summary>
    internal static float[]? Embedding(ModelStore store, Frame picture)
    {
        using var detector = new FaceDetector(store);
        using var embedder = new FaceEmbedder(store);
        Span<FaceBox> found = stackalloc FaceBox[8];
        if (detector.Detect(picture.View, found) != 1)
            return null;
        var embedding = new float[FaceEmbedder.Dimension];
        _ = embedder.Embed(picture.View, found[0], embedding);
        return embedding;
    }

    internal static byte[] Resource(string name)
    {
        using var stream = typeof(ModelsCheck).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in the program.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    /// <summary>Half floats, little-endian: what the drawn face came to when the picture was drawn.</summary>
    private static float[] Known() => [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, Half>(Resource("self-test.face")).ToArray().Select(h => (float)h)];

    private static float Likeness(float[] a, float[] b)
    {
        double dot = 0, left = 0, right = 0;
        for (int i = 0; i < a.Length; i++)
            (dot, left, right) = (dot + (a[i] * b[i]), left + (a[i] * a[i]), right + (b[i] * b[i]));
        return (float)(dot / Math.Sqrt(left * right));
    }
}
