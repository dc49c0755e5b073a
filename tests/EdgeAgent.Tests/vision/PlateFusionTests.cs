using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Tests.Vision;

public sealed class PlateFusionTests
{
    private static readonly float[] Blue = [0.96f, 0.01f, 0.01f, 0.01f, 0.01f];
    private static readonly float[] Green = [0.01f, 0.96f, 0.01f, 0.01f, 0.01f];
    private readonly ReadFusion _fusion = new();

    [Fact]
    public void The_score_is_the_sum_over_all_alignments()
    {
        const int Seed = 5, Steps = 8;
        var random = new Random(Seed);
        for (int round = 0; round < 5; round++)
        {
            var steps = new CtcSteps();
            steps.Reset(Steps);
            for (int step = 0; step < Steps; step++)
            {
                foreach (ref float p in steps.Symbols(step))
                    p = random.NextSingle();
                steps.Set(step, random.NextSingle(), 1);
            }
            foreach (string text in (string[])["京A11234", "京A12345", "粤Z1234港"])
            {
                double naive = Math.Log(Naive(steps, text));
                Assert.True(Math.Abs(naive - new CtcScore().LogLikelihood(steps, text)) < 1e-3, $"{text}, seed {Seed}");
            }
        }
    }

    [Fact]
    public void No_steps_explain_nothing() =>
        Assert.Equal(float.NegativeInfinity, new CtcScore().LogLikelihood(new CtcSteps(), "京A12345"));

    [Fact]
    public void Two_that_agree_are_surer_than_either()
    {
        float alone = Fuse([("京-A-1-2-3-4-5", "8", 4, 0.6f)], [])!.CharacterConfidence[2];
        float both = Fuse([("京-A-1-2-3-4-5", "8", 4, 0.6f)], [("京-A-1-2-3-4-5", "8", 4, 0.7f)])!.CharacterConfidence[2];
        Assert.True(both > alone, $"{both} and {alone}");
    }

    [Fact]
    public void Agreement_of_two_that_guess_is_not_certainty()
    {
        var read = Fuse([("京-A-1-2-3-4-5", "7", 4, 0.55f)], [("京-A-1-2-3-4-5", "7", 4, 0.55f)])!;
        Assert.True(read.CharacterConfidence[2] < 0.9f, $"{read.CharacterConfidence[2]}");
        Assert.Contains(read.Rivals, r => r.Text == "京A72345");
    }

    [Fact]
    public void Each_may_be_right_where_the_other_is_wrong()
    {
        // One is sure of the third character and doubts the last, the other the other way round.
        var own = Steps("京-A-1-2-3-4-5", 0.9f, (4, "8", 0.55f));
        Doubt(own, 12, 'S', 0.02f);
        var ocr = Steps("京-A-1-2-3-4-5", 0.9f, (12, "6", 0.55f));
        var read = Fuse(own, ocr);
        Assert.Equal("京A12345", read!.Text);
    }

    [Fact]
    public void Colour_decides_between_seven_characters_and_eight()
    {
        // A plate whose last character is half seen.
        static CtcSteps Seen()
        {
            var steps = Steps("皖-A-D-1-4-4-8-9", 0.95f);
            int last = steps.Count - 1;
            steps.Symbols(last)[PlateGrammar.Symbols.IndexOf('9', StringComparison.Ordinal)] = 0.5f;
            steps.Set(last, 0.5f, 0.5f);
            return steps;
        }
        Assert.Equal("皖AD14489", Fuse(Seen(), null, Green)!.Text);
        Assert.Equal("皖AD1448", Fuse(Seen(), null, Blue)!.Text);
    }

    [Fact]
    public void An_old_police_plate_needs_more_than_a_glance()
    {
        var steps = Steps("皖-Q-A-2-8-2-5", 0.95f);
        steps.Symbols(2)[PlateGrammar.Symbols.IndexOf('Q', StringComparison.Ordinal)] = 0.4f;
        steps.Symbols(2)[PlateGrammar.Symbols.IndexOf('O', StringComparison.Ordinal)] = 0.5f;
        Assert.Equal("皖QA2825", Fuse(steps, null, Blue)!.Text);
    }

    [Fact]
    public void Letters_and_digits_alone_are_a_plate_only_on_white()
    {
        var steps = Steps("V-A-1-2-3-4-5", 0.95f);
        Assert.NotEqual("VA12345", Fuse(steps, null, Blue)?.Text);
        Assert.Equal("VA12345", Fuse(steps, null, [0.01f, 0.01f, 0.01f, 0.96f, 0.01f])!.Text);
    }

    [Fact]
    public void Random_steps_give_only_texts_of_the_grammar_with_finite_figures()
    {
        const int Seed = 9;
        var random = new Random(Seed);
        for (int round = 0; round < 40; round++)
        {
            _fusion.Begin();
            for (int v = 0; v < 2; v++)
            {
                var view = _fusion.Next();
                view.HasOcr = round % 2 == 0;
                foreach (var steps in (CtcSteps[])[view.Own, view.Ocr])
                    Randomise(steps, random);
            }
            var read = _fusion.Fuse(Blue)!;
            Assert.True(PlateGrammar.Fits(read.Text), $"{read.Text}, seed {Seed}");
            Assert.All(read.CharacterConfidence, c => Assert.InRange(c, 0, 1));
            Assert.All(read.Rivals, r => Assert.True(PlateGrammar.Fits(r.Text) && r.Text != read.Text && r.Confidence is > 0 and < 1));
            Assert.True(float.IsFinite(read.Margin) && float.IsFinite(read.Score) && read.Posterior is > 0 and <= 1 && read.Support is >= 0 and <= 1);
        }
    }

    [Fact]
    public void Peaks_are_chosen_as_the_slow_way_chooses_them()
    {
        const int Seed = 3;
        var random = new Random(Seed);
        for (int round = 0; round < 200; round++)
        {
            PlateBox[] boxes = [.. Enumerable.Range(0, random.Next(30)).Select(_ => Box(random))];
            var found = new PlateBox[8];
            int count = PlateDetector.Choose([.. boxes], found);
            // The best one left, then all of the same plate away, again and again.
            var expected = new List<PlateBox>();
            var left = boxes.Where(b => b.Corners.Width >= 12 && b.Corners.Height >= 4).OrderByDescending(b => b.Score).ToList();
            while (left.Count > 0 && expected.Count < found.Length)
            {
                var best = left[0];
                expected.Add(best);
                left.RemoveAll(b => b == best || best.Corners.Contains(b.Corners.Centre) || b.Corners.Contains(best.Corners.Centre));
            }
            Assert.True(expected.SequenceEqual(found.Take(count)), $"round {round}, seed {Seed}");
        }
    }

    private static PlateBox Box(Random random)
    {
        float x = random.Next(300), y = random.Next(100), w = random.Next(5, 60), h = random.Next(2, 20);
        return new PlateBox(new Quad(new(x, y), new(x + w, y), new(x + w, y + h), new(x, y + h)), random.NextSingle(), false);
    }

    private static void Randomise(CtcSteps steps, Random random)
    {
        steps.Reset(30);
        for (int step = 0; step < steps.Count; step++)
        {
            foreach (ref float p in steps.Symbols(step))
                p = MathF.Pow(random.NextSingle(), 8);
            steps.Set(step, random.NextSingle(), 1);
        }
    }

    private FusedRead? Fuse((string Path, string Rival, int Step, float Sure)[] own, (string Path, string Rival, int Step, float Sure)[] ocr) => Fuse(
        Steps(own[0].Path, 0.98f, (own[0].Step, own[0].Rival, own[0].Sure)),
        ocr.Length == 0 ? null : Steps(ocr[0].Path, 0.98f, (ocr[0].Step, ocr[0].Rival, ocr[0].Sure)));

    private FusedRead? Fuse(CtcSteps own, CtcSteps? ocr, float[]? colours = null)
    {
        _fusion.Begin();
        var view = _fusion.Next();
        Copy(own, view.Own);
        view.HasOcr = ocr is not null;
        if (ocr is not null)
            Copy(ocr, view.Ocr);
        return _fusion.Fuse(colours ?? Blue);
    }

    private static void Copy(CtcSteps from, CtcSteps to)
    {
        to.Reset(from.Count);
        for (int step = 0; step < from.Count; step++)
        {
            from.Symbols(step).CopyTo(to.Symbols(step));
            to.Set(step, from.Blank(step), from.Peak(step));
        }
    }

    /// <summary>One step for each character, '-' for the blank; at one step a rival takes what the character leaves.</summary>
    private static CtcSteps Steps(string path, float confidence, params (int Step, string Rival, float Sure)[] doubts)
    {
        var steps = new CtcSteps();
        steps.Reset(path.Length);
        for (int step = 0; step < path.Length; step++)
        {
            float rest = (1 - confidence) / PlateGrammar.Symbols.Length;
            steps.Symbols(step).Fill(rest);
            if (path[step] != '-')
                steps.Symbols(step)[PlateGrammar.Symbols.IndexOf(path[step], StringComparison.Ordinal)] = confidence;
            steps.Set(step, path[step] == '-' ? confidence : rest, confidence);
        }
        foreach (var (step, rival, sure) in doubts)
        {
            steps.Symbols(step)[PlateGrammar.Symbols.IndexOf(path[step], StringComparison.Ordinal)] = sure;
            Doubt(steps, step, rival[0], 1 - sure);
        }
        return steps;
    }

    private static void Doubt(CtcSteps steps, int step, char rival, float probability)
    {
        steps.Symbols(step)[PlateGrammar.Symbols.IndexOf(rival, StringComparison.Ordinal)] = probability;
        steps.Set(step, steps.Blank(step), 0);
    }

    /// <summary>Every way to write the text over the steps, one by one.</summary>
    private static double Naive(CtcSteps steps, string text)
    {
        double sum = 0;
        void Walk(int step, int state, double likelihood)
        {
            if (step == steps.Count)
            {
                sum += state >= 2 * text.Length - 1 ? likelihood : 0;
                return;
            }
            for (int next = Math.Max(state, 0); next <= Math.Min(state + 2, 2 * text.Length); next++)
            {
                bool character = (next & 1) == 1;
                if (step == 0 && next > 1)
                    break;
                if (step > 0 && next == state + 2 && (!character || text[next >> 1] == text[(next >> 1) - 1]))
                    continue;
                double p = character ? steps.Symbols(step)[PlateGrammar.Symbols.IndexOf(text[next >> 1], StringComparison.Ordinal)] : steps.Blank(step);
                Walk(step + 1, next, likelihood * (0.999 * p / steps.Peak(step) + 0.001));
            }
        }
        Walk(0, 0, 1);
        return sum;
    }
}
