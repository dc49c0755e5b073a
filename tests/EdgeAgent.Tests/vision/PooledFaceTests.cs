using System.Numerics.Tensors;
using EdgeAgent.Tests.Support;
using EdgeAgent.Vision.Faces;

namespace EdgeAgent.Tests.Vision;

public sealed class PooledFaceTests
{
    private readonly float[] _read = new float[FaceEmbedder.Dimension];

    [Fact]
    public void Without_a_usable_look_there_is_no_face()
    {
        var pool = new PooledFace();
        Assert.False(pool.Add(Direction(1), Look(0.5f) with { Faults = FaceFaults.Blurred }));
        Assert.False(pool.Add(Direction(1), default));
        Assert.False(pool.Add(Direction(1), Look(0)));
        Assert.False(pool.Add(new float[FaceEmbedder.Dimension], Look(0.5f)));
        float[] broken = Direction(1);
        broken[7] = float.NaN;
        Assert.False(pool.Add(broken, Look(0.5f)));
        _read.AsSpan().Fill(3);
        Assert.False(pool.TryRead(_read));
        Assert.All(_read, v => Assert.Equal(0, v));
        Assert.Equal((0, 0, 0), (pool.Looks, pool.Weight, pool.BestScore));
    }

    [Fact]
    public void One_look_is_the_visit()
    {
        var pool = new PooledFace();
        Assert.True(pool.Add(Direction(1), Look(0.3f)));
        Assert.True(pool.TryRead(_read));
        Assert.Equal(1, TensorPrimitives.Dot<float>(Direction(1), _read), 1e-5f);
    }

    [Fact]
    public void Looks_count_by_their_quality_and_the_best_is_told()
    {
        var pool = new PooledFace();
        Assert.True(pool.Add(Direction(1), Look(0.3f)));
        Assert.True(pool.Add(Direction(2), Look(0.6f)));
        Assert.False(pool.Add(Direction(3), Look(0.1f)));
        Assert.True(pool.TryRead(_read));
        Assert.Equal(1, TensorPrimitives.Norm<float>(_read), 1e-5f);
        float[] expected = new float[FaceEmbedder.Dimension];
        for (int i = 0; i < expected.Length; i++)
            expected[i] = 0.3f * Direction(1)[i] + 0.6f * Direction(2)[i] + 0.1f * Direction(3)[i];
        Assert.Equal(1, TensorPrimitives.CosineSimilarity<float>(expected, _read), 1e-5f);
        Assert.Equal((3, 0.6f), (pool.Looks, pool.BestScore));
        Assert.Equal(1, pool.Weight, 1e-5f);
    }

    [Fact]
    public void What_differs_from_look_to_look_cancels()
    {
        // A face plus as much noise: each look is 0.71 alike, three together √(3/4).
        var (face, pool) = (Direction(0), new PooledFace());
        for (int i = 1; i <= 3; i++)
        {
            float[] look = Direction(i);
            TensorPrimitives.Add(look, face, look);
            TensorPrimitives.Divide(look, TensorPrimitives.Norm<float>(look), look);
            pool.Add(look, Look(0.5f));
        }
        Assert.True(pool.TryRead(_read));
        Assert.InRange(TensorPrimitives.Dot<float>(face, _read), 0.83f, 0.9f);
    }

    [Fact]
    public void Cleared_it_remembers_nothing_and_is_used_again_without_allocation()
    {
        var pool = new PooledFace();
        float[] look = Direction(5);
        pool.Add(look, Look(0.9f));
        pool.Clear();
        Assert.False(pool.TryRead(_read));
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                pool.Add(look, Look(0.4f));
                pool.TryRead(_read);
                pool.Clear();
            }
        }));
    }

    [Fact]
    public void Embeddings_of_another_length_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new PooledFace().Add(new float[128], Look(1)));
        Assert.Throws<ArgumentException>(() => new PooledFace().TryRead(new float[128]));
    }

    private static FaceQuality Look(float score) => new(60, default, 0.3f, 0.5f, 0.2f, 0, score, FaceFaults.None);

    private static float[] Direction(int seed)
    {
        var random = new Random(seed);
        float[] direction = [.. Enumerable.Range(0, FaceEmbedder.Dimension).Select(_ => random.NextSingle() - 0.5f)];
        TensorPrimitives.Divide(direction, TensorPrimitives.Norm<float>(direction), direction);
        return direction;
    }
}
