using System.Text.Json;
using EdgeAgent.Benchmarks;
using EdgeAgent.Benchmarks.Eval;
using EdgeAgent.Vision.Faces;

namespace EdgeAgent.Tests.Vision;

public sealed class FaceEvalTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Fact]
    public void Faces_need_two_people_and_a_pair()
    {
        Assert.Throws<InputException>(() => FaceEval.Run(_folder["nowhere"], Models.Open(), TextWriter.Null));
        Assert.Throws<InputException>(() => FaceEval.Run(_folder.Path, Models.Open(), TextWriter.Null));
        Directory.CreateDirectory(_folder["one"]);
        File.WriteAllText(_folder["one/a.jpg"], "");
        Assert.Throws<InputException>(() => FaceEval.Run(_folder.Path, Models.Open(), TextWriter.Null));
    }

    [Fact]
    public void Faces_that_cannot_be_read_are_misses_and_the_measurement_still_ends()
    {
        foreach (string person in new[] { "one", "two" })
        {
            Directory.CreateDirectory(_folder[person]);
            File.WriteAllText(_folder[$"{person}/a.jpg"], "not a picture");
            File.WriteAllText(_folder[$"{person}/b.png"], "nor this");
        }
        var report = new FileInfo(_folder["report.html"]);
        var figures = FaceEval.Run(_folder.Path, Models.Open(), TextWriter.Null, report);
        Assert.Equal((2, 4, 0, 4), (figures.People, figures.Images, figures.Detected, figures.Unreadable));
        Assert.Equal(0, figures.TarFar_1e3);
        Assert.Equal(0, figures.Rank1);
        Assert.Null(figures.Track);
        string page = File.ReadAllText(report.FullName);
        Assert.Contains("Quality gate", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Rates_follow_from_scores()
    {
        var roc = new Roc([0.9f, 0.8f, 0.3f, -1f], [.. Enumerable.Range(0, 1000).Select(i => i / 2000f)]);
        Assert.Equal(0.4995f, roc.Threshold(0));
        Assert.Equal(0.5, roc.TrueAcceptRate(0));
        Assert.Equal(0.75, roc.TrueAcceptRate(0.5));
        Assert.Equal((1 + 1 + 0.6005 + 0) / 4, roc.Auc, 1e-3);
        Assert.Throws<InputException>(() => new Roc([], [1]));
    }

    [Fact]
    public void The_face_figures_have_the_keys_that_others_rely_on()
    {
        var figures = new FaceFigures
        {
            Intervals = new FaceIntervals([0, 1], [0, 1], [0, 1], [0, 1]),
            Threshold = new FaceThresholdFigures(300, 1, 0.53, 0.001, [0, 1], 0.9, [0, 1], 1),
            Track = new FaceTrackFigures(1, 9, 0, 0.9, 1, 1, 1, 1, [0, 1], 1, [0, 1]),
        };
        using var json = JsonDocument.Parse(Report.Line(figures));
        string[] keys = ["people", "images", "detected", "auc", "tar_far_1e2", "tar_far_1e3", "rank1", "tpir_fpir_1e2", "ms_per_face", "intervals", "track", "gate", "threshold"];
        Assert.All(keys, k => Assert.True(json.RootElement.TryGetProperty(k, out _), k));
        Assert.Equal(2, json.RootElement.GetProperty("intervals").GetProperty("tpir_fpir_1e2").GetArrayLength());
    }

    [Fact]
    public void The_curve_runs_from_the_rarest_false_accept_to_all()
    {
        var curve = new Roc([0.9f, 0.2f], [.. Enumerable.Range(0, 100).Select(i => i / 200f)]).Curve(50).ToList();
        Assert.Equal((0.01, 0.5), (Math.Round(curve[0].FalseAccepts, 9), curve[0].TrueAccepts));
        Assert.Equal((1, 1), (curve[^1].FalseAccepts, curve[^1].TrueAccepts));
        Assert.All(curve.Zip(curve.Skip(1)), pair => Assert.True(pair.Second.FalseAccepts > pair.First.FalseAccepts && pair.Second.TrueAccepts >= pair.First.TrueAccepts));
    }

    [Fact]
    public void People_drawn_again_give_an_interval_around_the_share()
    {
        var interval = PeopleBootstrap.Of(400, 0.25, 400, weights => weights.Take(100).Sum() / 400.0);
        // The normal approximation: 0.25 ± 1.96 √(0.25 · 0.75 / 400).
        Assert.Equal(0.2076, interval.Low, 0.012);
        Assert.Equal(0.2924, interval.High, 0.012);
        Assert.Equal(interval, PeopleBootstrap.Of(400, 0.25, 400, weights => weights.Take(100).Sum() / 400.0));
    }

    [Fact]
    public void Search_and_verification_count_what_a_hand_counts()
    {
        // Three listed: the first is found, the second looks more like the third, the third's probe was not found. One unlisted like the first.
        var set = new FaceSet(4,
        [
            At(0, 0), At(0, 5), At(1, 90), At(1, 170), At(2, 180), new Face(2, "", default, default, null), At(3, 20),
        ]);
        var search = new FaceSearch(set);
        Assert.Equal(3, search.Listed);
        Assert.Equal(1 / 3.0, search.Rank1().Value, 1e-9);
        Assert.Equal(1 / 3.0, search.Tpir(0.01).Value, 1e-9);
        Assert.Equal(0, search.Found(0.999f).Value);
        Assert.Equal(1, search.FalseAlerts(-0.5f).Value, 0.2);
        Assert.Equal(0, search.FalseAlerts(0.999f).Value);

        var verification = new FaceVerification(set);
        Assert.Equal((3, 18), (verification.Roc.Genuine, verification.Roc.Impostors));
        Assert.Equal(1 / 3.0, verification.TrueAccepts(1e-3).Value, 1e-9);
        Assert.InRange(1 / 3.0, verification.TrueAccepts(1e-3).Low, verification.TrueAccepts(1e-3).High);

        static Face At(int person, double degrees)
        {
            var embedding = new float[FaceEmbedder.Dimension];
            (embedding[0], embedding[1]) = ((float)Math.Cos(degrees * Math.PI / 180), (float)Math.Sin(degrees * Math.PI / 180));
            return new Face(person, "", default, default, embedding, embedding);
        }
    }

    [Fact]
    public void A_spoilt_frame_is_the_same_again_from_its_seed_and_keeps_the_face_in_the_middle()
    {
        var picture = new Picture(100, 80);
        for (int y = 30; y < 50; y++)
            picture.Bgr.AsSpan(3 * (100 * y + 40), 60).Fill(200);
        var how = new Spoiling(0.5f, default, 3, 0.7f, 0.8f, 0.9f, 4);
        byte[] first = Make(1), again = Make(1), other = Make(2);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.Equal(3 * 640 * 360, first.Length);
        Assert.InRange(first[3 * (640 * 180 + 320)], 160, 200);
        Assert.Equal(110, first[0]);

        byte[] Make(int seed)
        {
            var frame = new FrameSpoiler().Make(picture.View, how, new Random(seed));
            return frame.Bgr[..(3 * 640 * 360)].ToArray();
        }
    }

    [Fact]
    public void Light_is_multiplied_then_clipped_and_blur_keeps_its_amount()
    {
        var picture = Picture.Filled(60, 60, 100);
        Assert.Equal(50, Middle(Spoiling.None(1) with { Gain = 0.5f }));
        Assert.Equal(255, Middle(Spoiling.None(1) with { Gain = 3 }));
        Assert.Equal(100, Middle(Spoiling.None(1) with { BlurPx = 3, MotionPx = 8, MotionRadians = 1 }));

        int Middle(Spoiling how) => new FrameSpoiler().Make(picture.View, how, new Random(1)).Row(180)[3 * 320];
    }

    public void Dispose() => _folder.Dispose();
}
