using System.Numerics;
using EdgeAgent.Benchmarks.Eval;
using EdgeAgent.Vision.Plates;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Tests.Vision;

public sealed class PlateVisitTests
{
    [Fact]
    public void The_same_seed_and_number_draw_the_same_visit_and_another_draws_another()
    {
        var (truth, frames) = Draw(1, 3);
        var (again, framesAgain) = Draw(1, 3);
        Assert.Equal(truth, again);
        Assert.Equal(frames, framesAgain);
        Assert.NotEqual(truth.Text, Draw(2, 3).Truth.Text);
        Assert.Equal(PlateVisitFrames.Frames, frames.Count);
        Assert.Equal(frames.Count, frames.Distinct().Count());
    }

    [Fact]
    public void Every_class_is_drawn_with_texts_of_the_grammar_at_the_widths_asked_for()
    {
        var visits = PlateDrawnVisits.Create(seed: 5);
        var truths = Enumerable.Range(0, 14).Select(n => visits.Show(n, _ => false)).ToList();
        Assert.Equal(7, truths.Select(t => t.Kind).Distinct().Count());
        Assert.All(truths, t => Assert.True(PlateGrammar.Fits(t.Text), t.Text));
        Assert.All(truths, t => Assert.InRange(t.WidthPx, PlateVisitFrames.LeastWidthPx, PlateVisitFrames.MostWidthPx));
    }

    [Fact]
    public void A_smear_keeps_flat_pictures_flat_and_spreads_an_edge_over_its_length()
    {
        var target = new BgrImage();
        PlateVisitFrames.Smear(Picture.Filled(20, 10, 77).View, target, new Vector2(4, 1));
        Assert.All(target.Pixels.ToArray(), v => Assert.Equal(77, v));
        var edge = Picture.Filled(20, 10, 0);
        for (int i = 0; i < edge.Bgr.Length; i++)
            edge.Bgr[i] = i / 3 % 20 >= 10 ? (byte)200 : (byte)0;
        PlateVisitFrames.Smear(edge.View, target, new Vector2(4, 0));
        int between = Enumerable.Range(0, 20).Count(x => target.Row(5)[3 * x] is > 0 and < 200);
        Assert.InRange(between, 2, 4);
    }

    [Fact]
    public void A_fit_finds_the_weights_that_made_its_examples()
    {
        const int Seed = 8;
        var random = new Random(Seed);
        float[] truth = [-0.5f, 1.5f, -2];
        var examples = Enumerable.Range(0, 20_000).Select(_ =>
        {
            float[] x = [2 * random.NextSingle() - 1, 2 * random.NextSingle() - 1];
            double p = 1 / (1 + Math.Exp(-(truth[0] + truth[1] * x[0] + truth[2] * x[1])));
            return (x, random.NextDouble() < p);
        }).ToList();
        float[] found = LogisticFit.Fit(examples);
        Assert.All(found.Zip(truth), w => Assert.Equal(w.Second, w.First, 0.12f));
    }

    [Fact]
    public void A_fit_to_examples_that_are_all_right_stays_finite() =>
        Assert.All(LogisticFit.Fit([([1f], true), ([2f], true), ([0f], true)]), w => Assert.True(float.IsFinite(w)));

    private static (PlateVisitTruth Truth, List<int> Frames) Draw(int seed, int number)
    {
        var frames = new List<int>();
        var truth = PlateDrawnVisits.Create(seed).Show(number, picture =>
        {
            var hash = new HashCode();
            hash.AddBytes(picture.Bgr);
            frames.Add(hash.ToHashCode());
            return true;
        });
        return (truth, frames);
    }
}
