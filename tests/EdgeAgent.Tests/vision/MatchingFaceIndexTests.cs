using System.Numerics.Tensors;
using EdgeAgent.Tests.Support;
using EdgeAgent.Vision.Matching;
using Xunit.Abstractions;

namespace EdgeAgent.Tests.Vision;

public sealed class MatchingFaceIndexTests(ITestOutputHelper output)
{
    private const int Dimension = FaceIndex.Dimension;

    public static TheoryData<string> Kernels => [.. FaceKernel.All.Select(k => k.Name)];

    [Theory]
    [MemberData(nameof(Kernels))]
    public unsafe void Every_kernel_gives_the_meaning_of_a_score(string name)
    {
        FaceKernel kernel = FaceKernel.All.Single(k => k.Name == name);
        if (!kernel.IsSupported)
        {
            output.WriteLine($"{name} is not for this processor");
            return;
        }
        const int Seed = 8, Most = 9;
        output.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        byte[] room = GC.AllocateArray<byte>(FaceBlock.TileBytes + 64, pinned: true);
        fixed (byte* start = room)
        fixed (sbyte* bytes = new sbyte[Most * Dimension])
        fixed (short* words = new short[Most * Dimension])
        fixed (int* sums = new int[Most], scores = new int[Most * FaceBlock.TileRows])
        {
            sbyte* tile = (sbyte*)(((nint)start + 63) & ~(nint)63);
            for (int round = 0; round < 40; round++)
            {
                // The first rounds are all at the ends of the range, where a narrower sum would overflow.
                int Number() => round < 4 ? ((round & 1) == 0 ? 127 : -127) : round < 8 ? random.Next(2) * 254 - 127 : random.Next(-127, 128);
                int count = 1 + (round % Most);
                for (int i = 0; i < FaceBlock.TileBytes; i++)
                    tile[i] = (sbyte)Number();
                for (int q = 0; q < count; q++)
                {
                    sums[q] = 0;
                    for (int i = 0; i < Dimension; i++)
                        sums[q] += bytes[(q * Dimension) + i] = (sbyte)(words[(q * Dimension) + i] = (short)Number());
                }
                kernel.Score(tile, new FaceQueries(count, bytes, words, sums), scores);
                for (int q = 0; q < count; q++)
                    for (int row = 0; row < FaceBlock.TileRows; row++)
                        Assert.Equal(Meaning(tile, bytes + (q * Dimension), row), scores[(q * FaceBlock.TileRows) + row]);
            }
        }

        static int Meaning(sbyte* tile, sbyte* query, int row)
        {
            int sum = 0;
            for (int i = 0; i < Dimension; i++)
                sum += tile[(i / 4 * 64) + (row * 4) + (i % 4)] * query[i];
            return sum;
        }
    }

    [Theory]
    [InlineData(11, 1, 3)]
    [InlineData(12, 17, 1)]
    [InlineData(13, 2500, 1)]
    [InlineData(14, 2500, 9)]
    public void A_batch_gives_each_face_what_comparing_with_every_template_gives(int seed, int count, int most)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        float[][] templates = [.. Enumerable.Range(0, count).Select(_ => Unit(random))];
        FaceIndex index = Build(templates);
        // Strangers, listed faces, faces near a listed one, and what is no direction, in more than one batch.
        float[][] faces = [.. Enumerable.Range(0, 37).Select(i => (i % 4) switch
        {
            0 => Unit(random),
            1 => templates[random.Next(count)],
            2 => Near(templates[random.Next(count)], random),
            _ => i == 7 ? new float[Dimension] : Unit(random, 100),
        })];
        foreach (FaceKernel kernel in FaceKernel.All.Where(k => k.IsSupported))
        {
            var matches = new FaceMatch[faces.Length * most];
            var found = new int[faces.Length];
            index.SearchBatch(faces.SelectMany(f => f).ToArray(), matches, found, kernel);
            for (int i = 0; i < faces.Length; i++)
                Assert.Equal(i == 7 ? [] : Naive(index, templates, faces[i], most), matches.AsSpan(i * most, found[i]).ToArray().Select(m => m.EntryId));
        }
    }

    [Fact]
    public void Nearly_equal_templates_are_told_apart_as_they_are_stored()
    {
        const int Seed = 21;
        output.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        float[] centre = Unit(random);
        // So alike that high alone says the same of all of them.
        float[][] templates = [.. Enumerable.Range(0, 600).Select(_ => Scaled([.. centre.Select(v => v + (Gauss(random) * 1e-4f))]))];
        FaceIndex index = Build(templates);
        for (int i = 0; i < templates.Length; i += 7)
        {
            var best = new FaceMatch[3];
            Assert.Equal(3, index.Search(templates[i], best));
            Assert.Equal(Naive(index, templates, templates[i], 3), best.Select(m => m.EntryId));
            Assert.Equal($"e{i}", best[0].EntryId);
        }
    }

    [Fact]
    public void Similarities_are_those_of_the_given_templates_within_a_few_millionths()
    {
        var random = new Random(30);
        float[][] templates = [.. Enumerable.Range(0, 100).Select(i => i < 3 ? OneHot(i) : Unit(random))];
        FaceIndex index = Build(templates);
        var all = new FaceMatch[100];
        foreach (float[] face in templates)
        {
            Assert.Equal(100, index.Search(face, all));
            Assert.All(all, m => Assert.Equal(TensorPrimitives.Dot<float>(templates[int.Parse(m.EntryId[1..])], face), m.Similarity, 4e-6f));
        }
    }

    [Theory]
    [InlineData(51)]
    [InlineData(52)]
    public void An_index_after_changes_finds_what_one_built_anew_finds(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var oracle = new List<(string List, string Entry, float[] Template)>();
        FaceIndex index = FaceIndex.Empty;
        for (int round = 0; round < 25; round++)
        {
            (string, string, float[])[] added = [.. Enumerable.Range(0, random.Next(300)).Select(i => ($"list{random.Next(4)}", $"e{round}-{i}", Unit(random)))];
            (string, string)[] removed = [.. oracle.Where(_ => random.Next(20) == 0).Select(o => (o.List, o.Entry)), ("list0", "nobody")];
            string[] ended = random.Next(6) == 0 ? [$"list{random.Next(4)}"] : [];
            FaceIndex before = index;
            int countBefore = before.Count;
            index = index.Apply(new FaceDelta
            {
                EndedLists = ended,
                Removed = removed,
                Added = [.. added.Select(a => (a.Item1, a.Item2))],
                Templates = added.SelectMany(a => a.Item3).ToArray(),
            });
            _ = oracle.RemoveAll(o => ended.Contains(o.List) || removed.Contains((o.List, o.Entry)));
            oracle.AddRange(added);
            Assert.Equal((oracle.Count, countBefore), (index.Count, before.Count));
            float[] face = oracle.Count > 0 && round % 2 == 0 ? Near(oracle[random.Next(oracle.Count)].Template, random) : Unit(random);
            var best = new FaceMatch[4];
            int found = index.Search(face, best);
            var expected = oracle.OrderByDescending(o => Dot(o.Template, face)).Take(4).Select(o => (o.List, o.Entry));
            Assert.Equal(expected, best[..found].Select(m => (m.ListId, m.EntryId)));
        }
    }

    [Fact]
    public void Searching_allocates_nothing()
    {
        var random = new Random(61);
        FaceIndex index = Build([.. Enumerable.Range(0, 2000).Select(_ => Unit(random))]);
        float[] faces = [.. Enumerable.Range(0, 20).SelectMany(_ => Unit(random))];
        var matches = new FaceMatch[20 * 4];
        var found = new int[20];
        index.SearchBatch(faces, matches, found);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 10; i++)
            {
                index.SearchBatch(faces, matches, found);
                _ = index.Search(faces.AsSpan(0, Dimension), matches.AsSpan(0, 4));
            }
        }));
    }

    [Fact]
    public void A_batch_whose_lengths_do_not_fit_is_refused()
    {
        FaceIndex index = Build([Unit(new Random(1))]);
        Assert.Throws<ArgumentException>(() => index.SearchBatch(new float[Dimension], new FaceMatch[4], new int[2]));
        Assert.Throws<ArgumentException>(() => index.SearchBatch(new float[2 * Dimension], new FaceMatch[3], new int[2]));
        Assert.Throws<ArgumentException>(() => index.Apply(new FaceDelta { Added = [("l", "e")], Templates = new float[Dimension] }));
    }

    private static FaceIndex Build(float[][] templates) =>
        FaceIndex.Build([.. templates.Select((_, i) => ("list", $"e{i}"))], templates.SelectMany(t => t).ToArray());

    /// <summary>By what is stored, which is what the index promises to be exact about.</summary>
    private static IEnumerable<string> Naive(FaceIndex index, float[][] templates, float[] face, int most)
    {
        Assert.Equal(templates.Length, index.Count);
        double largest = face.Max(v => Math.Abs((double)v));
        long[] query = [.. face.Select(v => (long)Math.Round(v / largest * (1 << 26)))];
        return templates.Select((t, i) => (Entry: $"e{i}", Similarity: Stored(t, query))).OrderByDescending(m => m.Similarity).Take(most).Select(m => m.Entry);
    }

    private static double Stored(float[] template, long[] query)
    {
        var high = new sbyte[Dimension];
        var low = new byte[FaceQuantiser.LowBytes];
        (float scale, _) = FaceQuantiser.Encode(template, high, low);
        long sum = 0;
        for (int i = 0; i < Dimension; i++)
        {
            int number = (512 * high[i]) + (2 * (sbyte)low[i]) + ((low[Dimension + (i / 8)] >> (i % 8)) & 1);
            Assert.Equal(template[i], number * scale, scale * 0.51f);
            sum += number * query[i];
        }
        return sum * (double)scale;
    }

    private static float[] Near(float[] template, Random random) => Scaled([.. template.Select(v => v + (Gauss(random) * 0.05f))]);

    private static float[] OneHot(int at) => [.. Enumerable.Range(0, Dimension).Select(i => i == at ? -1f : 0)];

    private static float[] Unit(Random random, float length = 1) => [.. Scaled([.. Enumerable.Range(0, Dimension).Select(_ => Gauss(random))]).Select(v => v * length)];

    private static float[] Scaled(float[] values)
    {
        float length = TensorPrimitives.Norm<float>(values);
        return [.. values.Select(v => v / length)];
    }

    private static float Gauss(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
