using System.Numerics.Tensors;
using EdgeAgent.Vision.Matching;

namespace EdgeAgent.Tests.Vision;

public sealed class MatchingTests
{
    private static readonly float[] Sure = [1, 1, 1, 1, 1, 1, 1];

    [Fact]
    public void An_empty_index_finds_nothing()
    {
        Assert.Empty(PlateIndex.Empty.Find("京A12345", Sure, []));
        Assert.Equal(0, FaceIndex.Empty.Search(Unit(1), new FaceMatch[3]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("京A12345678901")]
    [InlineData("hello?")]
    [InlineData("京A1234\0")]
    public void A_text_that_no_plate_bears_finds_nothing(string text) => Assert.Empty(Plates("京A12345").Find(text, Sure, []));

    [Fact]
    public void An_exact_match_finds_every_entry_of_that_plate()
    {
        var index = PlateIndex.Build([new("l1", 1, "京A12345"), new("l2", 2, "京A12345"), new("l1", 3, "京A12346")]);
        var found = index.Find("京A12345", Sure, []);
        Assert.Equal([("l1", 1), ("l2", 2)], found.Select(m => (m.ListId, m.Entry)).Order());
        Assert.All(found, m => Assert.True(m.Exact && m.DoubtfulPosition == -1));
    }

    [Fact]
    public void A_list_may_write_its_plates_with_separators_and_small_letters() =>
        Assert.Single(Plates("京a·123 45").Find("京A12345", Sure, []));

    [Fact]
    public void Entries_that_no_reading_can_equal_are_counted()
    {
        var index = Plates("京A12345", "B-XY 1234567890", "");
        Assert.Equal(1, index.Count);
        Assert.Equal(2, index.Unreadable);
    }

    [Fact]
    public void A_sure_reading_is_never_matched_one_off() => Assert.Empty(Plates("京A12346", "津A12345").Find("京A12345", Sure, []));

    [Fact]
    public void A_doubted_character_matches_one_off_there_and_nowhere_else()
    {
        float[] doubtful = [1, 1, 1, 1, 1, 1, 0.5f];
        var found = Plates("京A12346", "津A12345", "京A12355").Find("京A12345", doubtful, []);
        var match = Assert.Single(found);
        Assert.Equal("京A12346", match.Plate);
        Assert.False(match.Exact);
        Assert.Equal(6, match.DoubtfulPosition);
    }

    [Fact]
    public void A_rival_that_differs_raises_doubt_there()
    {
        var found = Plates("京A12B45", "京A1234B").Find("京A12845", [.. Sure], [("京A12B45", 0.2f), ("京A128", 0.5f)]);
        Assert.Equal((4, "京A12B45"), (found.Single().DoubtfulPosition, found.Single().Plate));
        Assert.Empty(Plates("京A12B45").Find("京A12845", Sure, [("京A12B45", 0.001f)]));
    }

    [Fact]
    public void Two_doubts_do_not_add_up_to_two_substitutions() =>
        Assert.Empty(Plates("京A12399").Find("京A12345", [1, 1, 1, 1, 1, 0.1f, 0.1f], []));

    [Theory]
    [InlineData(new float[0])]
    [InlineData(new[] { float.NaN, 1, 1, 1, 1, 1, 1 })]
    public void Missing_and_impossible_confidences_are_doubts(float[] confidence) =>
        Assert.Equal(0, Plates("津A12345").Find("京A12345", confidence, []).Single().DoubtfulPosition);

    [Fact]
    public void Exact_matches_come_first()
    {
        var found = Plates("京A12346", "京A12345").Find("京A12345", [1, 1, 1, 1, 1, 1, 0.5f], []);
        Assert.Equal([true, false], found.Select(m => m.Exact));
    }

    [Fact]
    public void The_plate_index_equals_a_plain_search_over_random_plates()
    {
        const int Seed = 31;
        var random = new Random(Seed);
        string[] plates = [.. Enumerable.Range(0, 3000).Select(_ => $"京A{random.Next(0, 3000):00000}")];
        var index = Plates(plates);
        for (int round = 0; round < 100; round++)
        {
            string text = $"京A{random.Next(0, 3000):00000}";
            int doubt = random.Next(7);
            float[] confidence = [.. Sure];
            confidence[doubt] = 0.4f;
            var expected = plates.Where(p => p == text || Differs(p, text).SequenceEqual([doubt])).Order();
            Assert.Equal(expected, index.Find(text, confidence, []).Select(m => m.Plate).Order());
        }

        static IEnumerable<int> Differs(string a, string b) => Enumerable.Range(0, 7).Where(i => a[i] != b[i]);
    }

    [Fact]
    public void Templates_of_the_wrong_number_or_length_are_refused()
    {
        Assert.Throws<ArgumentException>(() => FaceIndex.Build([("l", "e")], new float[100]));
        Assert.Throws<ArgumentException>(() => FaceIndex.Build([("l", "e")], new float[FaceIndex.Dimension]));
        float[] broken = Unit(1);
        broken[3] = float.NaN;
        Assert.Throws<ArgumentException>(() => FaceIndex.Build([("l", "e")], broken));
    }

    [Fact]
    public void An_embedding_that_is_no_direction_finds_nobody()
    {
        var index = Faces(10, seed: 2, out _);
        Assert.Equal(0, index.Search(new float[FaceIndex.Dimension], new FaceMatch[3]));
        float[] broken = Unit(1);
        broken[7] = float.NaN;
        Assert.Equal(0, index.Search(broken, new FaceMatch[3]));
        Assert.Equal(0, index.Search(Unit(1), []));
        Assert.Throws<ArgumentException>(() => index.Search(new float[3], new FaceMatch[3]));
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(3, 5)]
    [InlineData(500, 1)]
    [InlineData(500, 7)]
    public void The_face_index_equals_brute_force(int count, int most)
    {
        var index = Faces(count, seed: 40 + count, out var templates);
        for (int round = 0; round < 20; round++)
        {
            float[] probe = Unit(900 + round);
            var best = new FaceMatch[most];
            int found = index.Search(probe, best);
            var expected = templates.Select((t, i) => (Entry: $"e{i}", Similarity: Dot(t, probe))).OrderByDescending(m => m.Similarity).Take(most).ToList();
            Assert.Equal(expected.Select(m => m.Entry), best[..found].Select(m => m.EntryId));
            for (int i = 0; i < found; i++)
                Assert.Equal(expected[i].Similarity, best[i].Similarity, 1e-5);
        }
    }

    [Fact]
    public void A_listed_face_finds_itself_with_similarity_one()
    {
        var index = Faces(200, seed: 3, out var templates);
        var best = new FaceMatch[1];
        Assert.Equal(1, index.Search(templates[123], best));
        Assert.Equal(("list", "e123"), (best[0].ListId, best[0].EntryId));
        Assert.Equal(1, best[0].Similarity, 1e-5f);
    }

    private static PlateIndex Plates(params string[] plates) =>
        PlateIndex.Build(plates.Select((p, i) => new PlateListEntry("list", i, p)));

    private static FaceIndex Faces(int count, int seed, out float[][] templates)
    {
        templates = [.. Enumerable.Range(0, count).Select(i => Unit(seed * 1000 + i))];
        return FaceIndex.Build([.. Enumerable.Range(0, count).Select(i => ("list", $"e{i}"))], templates.SelectMany(t => t).ToArray());
    }

    private static float[] Unit(int seed)
    {
        var random = new Random(seed);
        float[] values = [.. Enumerable.Range(0, FaceIndex.Dimension).Select(_ => random.NextSingle() - 0.5f)];
        float length = TensorPrimitives.Norm<float>(values);
        return [.. values.Select(v => v / length)];
    }

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
