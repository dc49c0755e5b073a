using System.Numerics.Tensors;
using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Tests.Support;
using EdgeAgent.Vision.Faces;

namespace EdgeAgent.Tests.Vision;

[Collection(QuietCollection.Name)]
public sealed class FaceTests : IDisposable
{
    private readonly FaceDetector _detector = new(Models.Open());
    private readonly FaceEmbedder _embedder = new(Models.Open());
    private readonly FaceBox[] _found = new FaceBox[16];
    private readonly float[] _embedding = new float[FaceEmbedder.Dimension];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 700)]
    [InlineData(1300, 3)]
    [InlineData(640, 360)]
    public void Nothing_is_found_where_nothing_is(int width, int height)
    {
        Assert.Equal(0, _detector.Detect(Picture.Filled(width, height, 128).View, _found));
        Assert.Equal(0, _detector.Detect(Picture.Noise(width, height, seed: 11).View, _found));
    }

    [Fact]
    public void An_empty_picture_has_no_faces()
    {
        Assert.Equal(0, _detector.Detect(default, _found));
        Assert.Equal(default, _embedder.Embed(default, new FaceBox(0, 0, 50, 50, 1), _embedding));
    }

    [Theory]
    [InlineData(float.NaN, 0, 50, 50)]
    [InlineData(0, 0, float.PositiveInfinity, 50)]
    [InlineData(50, 50, 10, 10)]
    [InlineData(-500, -500, -400, -400)]
    [InlineData(5000, 10, 5100, 110)]
    public void A_box_that_is_no_place_in_the_picture_gives_no_quality_and_a_zero_embedding(float x1, float y1, float x2, float y2)
    {
        _embedding.AsSpan().Fill(7);
        Assert.Equal(default, _embedder.Embed(Picture.Noise(100, 100, seed: 1).View, new FaceBox(x1, y1, x2, y2, 1), _embedding));
        Assert.All(_embedding, v => Assert.Equal(0, v));
    }

    [Fact]
    public void A_box_over_the_edge_of_a_tiny_picture_still_gives_length_one()
    {
        _ = _embedder.Embed(Picture.Noise(3, 2, seed: 4).View, new FaceBox(-20, -20, 20, 20, 1), _embedding);
        Assert.Equal(1, TensorPrimitives.Norm<float>(_embedding), 1e-4f);
    }

    [Fact]
    public void An_embedding_has_its_length_or_is_refused() =>
        Assert.Throws<ArgumentException>(() => _embedder.Embed(Picture.Filled(9, 9, 1).View, new FaceBox(0, 0, 9, 9, 1), new float[128]));

    [Fact]
    public void A_flat_grey_face_is_not_good_enough_to_compare()
    {
        var quality = _embedder.Assess(Picture.Filled(200, 200, 128).View, new FaceBox(50, 50, 150, 150, 1));
        Assert.False(quality.Passes);
        Assert.Equal(0, quality.Sharpness, 1e-3f);
    }

    [Fact]
    public void Looking_again_and_again_allocates_nothing()
    {
        var picture = Picture.Noise(640, 360, seed: 12);
        using var sensitive = new FaceDetector(Models.Open(), threshold: 0.01f);
        var box = new FaceBox(100, 100, 200, 220, 1);
        Look();
        Look();
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 5; i++)
                Look();
        }));

        void Look()
        {
            _ = sensitive.Detect(picture.View, _found);
            _ = _embedder.Embed(picture.View, box, _embedding);
        }
    }

    [Fact]
    public void A_portrait_is_embedded_from_more_cuts_than_a_look_and_stays_comparable_with_it()
    {
        var picture = Picture.Noise(300, 300, seed: 21);
        var box = new FaceBox(100, 80, 200, 210, 1);
        var portrait = new float[FaceEmbedder.Dimension];
        var look = _embedder.Embed(picture.View, box, _embedding);
        Assert.Equal(look, _embedder.EmbedPortrait(picture.View, box, portrait));
        Assert.Equal(1, TensorPrimitives.Norm<float>(portrait), 1e-4f);
        Assert.InRange(TensorPrimitives.Dot<float>(_embedding, portrait), 0.6f, 0.9999f);
        var again = new float[FaceEmbedder.Dimension];
        _ = _embedder.EmbedPortrait(picture.View, box, again);
        Assert.Equal(portrait, again);
        Assert.Equal(default, _embedder.EmbedPortrait(default, box, portrait));
        Assert.Equal(new float[FaceEmbedder.Dimension], portrait);
    }

    [SharedDataFact("data/faces-lfw")]
    public void Two_pictures_of_one_person_are_more_alike_than_any_two_people()
    {
        string[][] people = [.. Directory.GetDirectories(SharedData.At("data/faces-lfw")).Order(StringComparer.Ordinal)
            .Select(d => Directory.GetFiles(d).Order(StringComparer.Ordinal).ToArray()).Where(f => f.Length > 1).Take(6)];
        float[][] first = [.. people.Select(f => Embed(f[0]))], second = [.. people.Select(f => Embed(f[1]))];
        float genuine = people.Select((_, i) => TensorPrimitives.Dot<float>(first[i], second[i])).Average();
        float impostor = Enumerable.Range(1, people.Length - 1).Select(i => TensorPrimitives.Dot<float>(first[0], second[i])).Max();
        Assert.True(genuine > 0.5f && genuine > impostor + 0.2f, $"genuine {genuine}, impostor {impostor}");
    }

    public void Dispose()
    {
        _detector.Dispose();
        _embedder.Dispose();
    }

    private float[] Embed(string file)
    {
        using var pool = new FramePool();
        using var frame = PictureFile.Load(file, pool);
        int count = _detector.Detect(frame.View, _found);
        var box = _found[..count].MinBy(f => MathF.Abs(f.X1 + f.X2 - frame.Width) + MathF.Abs(f.Y1 + f.Y2 - frame.Height));
        var embedding = new float[FaceEmbedder.Dimension];
        Assert.True(_embedder.Embed(frame.View, box, embedding).Passes);
        return embedding;
    }
}
