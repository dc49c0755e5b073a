using EdgeAgent.Vision.Faces;

namespace EdgeAgent.Tests.Vision;

/// <summary>Suppression against a naive reading of its rule, and the callers of the detector with boxes from hell.</summary>
public sealed class FaceDetectorTests : IDisposable
{
    private readonly FaceEmbedder _embedder = new(Models.Open());
    private readonly float[] _embedding = new float[FaceEmbedder.Dimension];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Suppression_keeps_what_the_naive_way_keeps(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 20; round++)
        {
            List<FaceBox> boxes = [.. Enumerable.Range(0, random.Next(0, 26)).Select(_ => Any(random))];
            float overlap = random.NextSingle();
            var expected = Naive(boxes, overlap);
            var kept = new FaceBox[random.Next(1, 30)];
            int count = Suppression.KeepBest([.. boxes], overlap, kept);
            Assert.True(expected.Take(kept.Length).SequenceEqual(kept.Take(count)), $"seed {seed}, round {round}");
        }
    }

    [Fact]
    public void Boxes_that_only_touch_do_not_overlap_and_a_box_covers_itself()
    {
        var box = new FaceBox(0, 0, 10, 10, 1);
        Assert.Equal(0, Suppression.Overlap(box, new FaceBox(10, 0, 20, 10, 1)));
        Assert.Equal(1, Suppression.Overlap(box, box));
        Assert.Equal(1 / 3f, Suppression.Overlap(box, new FaceBox(5, 0, 15, 10, 1)), 1e-6f);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Boxes_from_hell_neither_crash_an_embedding_nor_make_one_that_is_no_direction(int seed)
    {
        var random = new Random(seed);
        float[] wild = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue, 1e30f, -1e30f, 1e-30f, 0, -1, 50, 99.5f, 1e6f];
        for (int round = 0; round < 150; round++)
        {
            var picture = Picture.Noise(random.Next(1, 200), random.Next(1, 200), round);
            var box = new FaceBox(Pick(), Pick(), Pick(), Pick(), Pick());
            var quality = _embedder.Embed(picture.View, box, _embedding);
            double squares = _embedding.Sum(v => (double)v * v);
            Assert.True(quality == default ? squares is 0 or > 0.99 : Math.Abs(squares - 1) < 1e-3, $"seed {seed}, round {round}: {box}, {squares}");
            Assert.True(float.IsFinite(quality.Score) && quality.Score is >= 0 and <= 1, $"{quality}");
            _ = _embedder.Assess(picture.View, box);
        }

        float Pick() => random.Next(3) == 0 ? wild[random.Next(wild.Length)] : random.NextSingle() * 300 - 50;
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 5000)]
    [InlineData(5000, 1)]
    [InlineData(3, 3)]
    [InlineData(4000, 3000)]
    public void Pictures_of_any_size_are_searched_and_every_box_found_is_usable(int width, int height)
    {
        // A threshold that lets noise through, so that there are boxes to look at.
        using var detector = new FaceDetector(Models.Open(), 320, 240, threshold: 0.02f);
        var found = new FaceBox[200];
        int count = detector.Detect(Picture.Noise(width, height, seed: 21).View, found);
        for (int i = 0; i < count; i++)
        {
            Assert.True(found[i].IsUsable && found[i].Score is > 0.02f and <= 1, $"{found[i]}");
            Assert.True(i == 0 || found[i].Score <= found[i - 1].Score);
        }
    }

    public void Dispose() => _embedder.Dispose();

    /// <summary>Distinct scores, so that there is one right order.</summary>
    private static FaceBox Any(Random random)
    {
        float x = random.Next(0, 60), y = random.Next(0, 60);
        return new FaceBox(x, y, x + random.Next(1, 40), y + random.Next(1, 40), random.NextSingle());
    }

    private static List<FaceBox> Naive(List<FaceBox> boxes, float overlap)
    {
        var left = boxes.OrderByDescending(b => b.Score).ToList();
        var kept = new List<FaceBox>();
        while (left.Count > 0)
        {
            var best = left[0];
            kept.Add(best);
            left = [.. left.Skip(1).Where(b => !(Common(best, b) > overlap))];
        }
        return kept;
    }

    /// <summary>Counted pixel by pixel: the boxes of this test have whole corners.</summary>
    private static float Common(FaceBox a, FaceBox b)
    {
        int both = 0, any = 0;
        for (int y = 0; y < 100; y++)
        {
            for (int x = 0; x < 100; x++)
            {
                bool inA = x >= a.X1 && x < a.X2 && y >= a.Y1 && y < a.Y2, inB = x >= b.X1 && x < b.X2 && y >= b.Y1 && y < b.Y2;
                both += inA && inB ? 1 : 0;
                any += inA || inB ? 1 : 0;
            }
        }
        return (float)both / any;
    }
}
