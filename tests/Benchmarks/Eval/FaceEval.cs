using System.Diagnostics;
using System.Numerics;
using System.Numerics.Tensors;
using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Matching;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>What <c>eval faces</c> prints. Rates are shares, 0 … 1.</summary>
internal sealed record FaceFigures(
    int People, int Images, int Detected, double Auc, double TarFar_1e2, double TarFar_1e3, double Rank1, double TpirFpir_1e2,
    double MsPerFace, int GenuinePairs, int ImpostorPairs, double ThresholdFar_1e3, double DetectMs, double EmbedMs, double QualityPasses,
    int Unreadable);

/// <summary>
/// Compares faces of labelled people. A genuine pair: the first two pictures of a folder. Impostors: every two pictures of different
/// folders. Search: the first picture of each pair is enrolled, the second probes; people with one picture are on no list.
/// </summary>
internal static class FaceEval
{
    /// <summary>No face found: less alike than any two faces.</summary>
    private const float Missed = -1;

    public static FaceFigures Run(string directory, ModelStore models, TextWriter progress)
    {
        var people = People(directory);
        using var session = new FaceSession(models);
        var faces = new List<Face>();
        foreach (var (person, files) in people)
        {
            foreach (string file in files)
            {
                faces.Add(new Face(person, session.Embed(file, progress)));
                if (faces.Count % 100 == 0)
                    progress.WriteLine($"  {faces.Count} pictures");
            }
        }
        return Figures(people.Count, faces, session);
    }

    private static List<(int Person, string[] Files)> People(string directory)
    {
        if (!Directory.Exists(directory))
            throw new InputException($"There is no folder {directory}.");
        var people = Directory.GetDirectories(directory).Order(StringComparer.Ordinal)
            .Select((folder, i) => (Person: i, Files: Directory.GetFiles(folder).Where(IsPicture).Order(StringComparer.Ordinal).ToArray()))
            .Where(p => p.Files.Length > 0).ToList();
        if (people.Count < 2 || people.All(p => p.Files.Length < 2))
            throw new InputException(
                $"{directory} needs a folder for each of at least two people, one of them with two pictures (jpg, png, bmp, webp or ppm); it has {people.Count} with pictures.");
        return people;
    }

    private static bool IsPicture(string file) =>
        Path.GetExtension(file).ToLowerInvariant() is ".jpg" or ".jpeg" or ".png" or ".bmp" or ".webp" or ".ppm";

    private static FaceFigures Figures(int people, List<Face> faces, FaceSession session)
    {
        var byPerson = faces.GroupBy(f => f.Person).Select(g => g.ToList()).ToList();
        var pairs = byPerson.Where(p => p.Count >= 2).Select(p => (Enrolled: p[0], Probe: p[1])).ToList();
        var roc = new Roc([.. pairs.Select(p => Similarity(p.Enrolled, p.Probe))], Impostors(faces));
        var (rank1, tpir) = Search(pairs, [.. byPerson.Where(p => p.Count == 1).Select(p => p[0])]);
        return new FaceFigures(
            people, faces.Count, faces.Count(f => f.Embedding is not null), Round(roc.Auc), Round(roc.TrueAcceptRate(1e-2)),
            Round(roc.TrueAcceptRate(1e-3)), Round(rank1), Round(tpir), Round(session.DetectMs + session.EmbedMs), pairs.Count,
            roc.Impostors, Round(roc.Threshold(1e-3)), Round(session.DetectMs), Round(session.EmbedMs), Round(session.QualityPasses),
            session.Unreadable);
    }

    private static float[] Impostors(List<Face> faces)
    {
        var similarities = new List<float>();
        for (int i = 0; i < faces.Count; i++)
            for (int j = i + 1; j < faces.Count; j++)
                if (faces[i].Person != faces[j].Person)
                    similarities.Add(Similarity(faces[i], faces[j]));
        return [.. similarities];
    }

    private static float Similarity(Face a, Face b) =>
        a.Embedding is null || b.Embedding is null ? Missed : TensorPrimitives.Dot<float>(a.Embedding, b.Embedding);

    /// <summary>Share of probes whose best match is right; and the same where it also passes the threshold at which 1 % of the unlisted would.</summary>
    private static (double Rank1, double Tpir) Search(List<(Face Enrolled, Face Probe)> pairs, List<Face> unlisted)
    {
        var enrolled = pairs.Where(p => p.Enrolled.Embedding is not null).Select(p => p.Enrolled).ToList();
        var index = FaceIndex.Build(
            [.. enrolled.Select(f => ("eval", f.Person.ToString()))], enrolled.SelectMany(f => f.Embedding!).ToArray());
        var alarms = unlisted.Select(f => Best(index, f).Similarity).OrderDescending().ToList();
        float threshold = alarms.Count == 0 ? Missed : alarms[(int)(alarms.Count * 0.01)];
        int right = 0, rightAndSure = 0;
        foreach (var (_, probe) in pairs)
        {
            var best = Best(index, probe);
            if (best.EntryId != probe.Person.ToString())
                continue;
            right++;
            rightAndSure += best.Similarity > threshold ? 1 : 0;
        }
        return ((double)right / pairs.Count, (double)rightAndSure / pairs.Count);
    }

    private static FaceMatch Best(FaceIndex index, Face face)
    {
        Span<FaceMatch> best = new FaceMatch[1];
        return face.Embedding is not null && index.Search(face.Embedding, best) > 0 ? best[0] : new FaceMatch("", "", Missed);
    }

    private static double Round(double value) => Math.Round(value, 4);

    private sealed record Face(int Person, float[]? Embedding);
}

/// <summary>The detector and embedder under measurement, with their clocks.</summary>
internal sealed class FaceSession(ModelStore models) : IDisposable
{
    private readonly FaceDetector _detector = FaceDetector.ForPortraits(models);
    private readonly FaceEmbedder _embedder = new(models);
    private readonly FramePool _pool = new();
    private readonly FaceBox[] _found = new FaceBox[64];
    private long _detectTicks;
    private long _embedTicks;
    private int _pictures;
    private int _faces;
    private int _passed;

    public int Unreadable { get; private set; }

    public double DetectMs => Milliseconds(_detectTicks, _pictures);

    public double EmbedMs => Milliseconds(_embedTicks, _faces);

    public double QualityPasses => _faces == 0 ? 0 : (double)_passed / _faces;

    /// <summary>The embedding of the face nearest the centre; null when there is none.</summary>
    public float[]? Embed(string file, TextWriter progress)
    {
        try
        {
            using var frame = PictureFile.Load(file, _pool);
            return Embed(frame.View);
        }
        catch (InvalidDataException e)
        {
            progress.WriteLine($"  counted as missed: {e.Message}");
            Unreadable++;
            return null;
        }
    }

    public void Dispose()
    {
        _detector.Dispose();
        _embedder.Dispose();
        _pool.Dispose();
    }

    private float[]? Embed(BgrView picture)
    {
        long started = Stopwatch.GetTimestamp();
        int count = _detector.Detect(picture, _found);
        _detectTicks += Stopwatch.GetTimestamp() - started;
        _pictures++;
        if (count == 0)
            return null;
        var centre = new Vector2(picture.Width, picture.Height) / 2;
        var nearest = _found[..count].MinBy(f => Vector2.DistanceSquared(new Vector2(f.X1 + f.X2, f.Y1 + f.Y2) / 2, centre));
        var embedding = new float[FaceEmbedder.Dimension];
        started = Stopwatch.GetTimestamp();
        var quality = _embedder.Embed(picture, nearest, embedding);
        _embedTicks += Stopwatch.GetTimestamp() - started;
        _faces++;
        _passed += quality.Passes ? 1 : 0;
        return quality.Score > 0 || quality.WidthPx > 0 ? embedding : null;
    }

    private static double Milliseconds(long ticks, int count) => count == 0 ? 0 : ticks * 1000.0 / Stopwatch.Frequency / count;
}
