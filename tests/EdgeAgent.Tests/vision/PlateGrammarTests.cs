using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Tests.Vision;

public sealed class PlateGrammarTests
{
    private readonly CtcBeam _beam = new();
    private readonly List<BeamText> _texts = [];

    [Theory]
    [InlineData("京A12345")]
    [InlineData("粤B3RS91")]
    [InlineData("苏O12345")]
    [InlineData("皖AD14488")]
    [InlineData("京A12345D")]
    [InlineData("京A1234警")]
    [InlineData("粤Z1234港")]
    [InlineData("使123456")]
    [InlineData("民航A1234")]
    [InlineData("沪A1234领")]
    [InlineData("京A1234学")]
    [InlineData("京A1234挂")]
    [InlineData("123456使")]
    [InlineData("WJ京1234X")]
    [InlineData("VA12345")]
    [InlineData("京X1234应急")]
    [InlineData("京O1234警")]
    public void Plates_of_every_class_fit(string text) => Assert.True(PlateGrammar.Fits(text));

    [Theory]
    [InlineData("")]
    [InlineData("京")]
    [InlineData("A12345")]
    [InlineData("京112345")]
    [InlineData("京A1234")]
    [InlineData("京AI2345")]
    [InlineData("京A123456789")]
    [InlineData("京京12345")]
    [InlineData("hello!!")]
    [InlineData("京A123456")]
    public void What_no_plate_says_does_not_fit(string text) => Assert.False(PlateGrammar.Fits(text));

    [Theory]
    [InlineData("京A12345", PlateKind.Ordinary)]
    [InlineData("皖AD14488", PlateKind.NewEnergySmall)]
    [InlineData("京A12345D", PlateKind.NewEnergyBig)]
    [InlineData("苏O12345", PlateKind.PoliceOld)]
    [InlineData("京A1234警", PlateKind.Police)]
    [InlineData("京A1234学", PlateKind.Training)]
    [InlineData("京A1234挂", PlateKind.Trailer)]
    [InlineData("沪A1234领", PlateKind.Consular)]
    [InlineData("粤Z1234澳", PlateKind.HongKongMacau)]
    [InlineData("使123456", PlateKind.EmbassyOld)]
    [InlineData("123456使", PlateKind.Embassy)]
    [InlineData("民航A1234", PlateKind.CivilAviation)]
    [InlineData("WJ京1234X", PlateKind.ArmedPolice)]
    [InlineData("VA12345", PlateKind.Military)]
    [InlineData("京X1234应急", PlateKind.Emergency)]
    public void A_text_tells_its_kind(string text, object kind) => Assert.Equal((PlateKind)kind, PlateGrammar.KindOf(text));

    [Fact]
    public void Every_kind_allows_each_of_its_characters_at_each_place_and_no_other()
    {
        foreach (var kind in Enum.GetValues<PlateKind>())
        {
            var sets = PlateGrammar.SetsOf(kind);
            char[] text = [.. sets.Select(s => s[0])];
            for (int i = 0; i < sets.Count; i++)
            {
                foreach (char c in PlateGrammar.Symbols)
                {
                    char[] other = [.. text];
                    other[i] = c;
                    bool fitsSome = Enum.GetValues<PlateKind>().Any(k => Naive(k, other));
                    Assert.Equal(fitsSome, PlateGrammar.Fits(other));
                    Assert.True(!sets[i].Contains(c, StringComparison.Ordinal) || fitsSome, new string(other));
                }
            }
        }
    }

    [Fact]
    public void Random_texts_fit_exactly_when_a_kind_says_so_character_by_character()
    {
        const int Seed = 11;
        var random = new Random(Seed);
        for (int round = 0; round < 20_000; round++)
        {
            char[] text = [.. Enumerable.Range(0, random.Next(10)).Select(_ => PlateGrammar.Symbols[random.Next(PlateGrammar.Symbols.Length)])];
            // Most random texts fit nothing: begin from one that does.
            if (round % 2 == 0)
            {
                var sets = PlateGrammar.SetsOf((PlateKind)random.Next(Enum.GetValues<PlateKind>().Length));
                text = [.. sets.Select(s => random.Next(12) == 0 ? PlateGrammar.Symbols[random.Next(PlateGrammar.Symbols.Length)] : s[random.Next(s.Length)])];
            }
            bool naive = Enum.GetValues<PlateKind>().Any(k => Naive(k, text));
            Assert.True(naive == PlateGrammar.Fits(text), $"{new string(text)}, seed {Seed}");
            Assert.True(PlateGrammar.KindOf(text) is not { } kind || Naive(kind, text), new string(text));
        }
    }

    [Fact]
    public void Of_two_kinds_that_say_the_same_the_commoner_is_meant() =>
        Assert.All(Enum.GetValues<PlateKind>(), k => Assert.True(PlateGrammar.LogPrior(k) <= PlateGrammar.LogPrior(PlateKind.Ordinary)));

    [Theory]
    [InlineData("blue", false, "Blue")]
    [InlineData("yellow", false, "Yellow")]
    [InlineData("yellow", true, "YellowTwoRow")]
    [InlineData("black", false, "Black")]
    public void An_ordinary_text_takes_its_class_from_the_look(string colour, bool twoRow, string expected)
    {
        float[] seen = [.. PlateClasses.Colours.Select(c => c == colour ? 0.9f : 0.02f)];
        Assert.Equal(expected, PlateClasses.Of(PlateKind.Ordinary, seen, twoRow).ToString());
    }

    [Fact]
    public void A_kind_of_one_colour_has_its_class_whatever_was_seen()
    {
        float[] blue = [0.96f, 0.01f, 0.01f, 0.01f, 0.01f];
        Assert.Equal(PlateClass.Green, PlateClasses.Of(PlateKind.NewEnergySmall, blue, false));
        Assert.Equal(PlateClass.White, PlateClasses.Of(PlateKind.Police, blue, false));
        Assert.Equal(PlateClass.Black, PlateClasses.Of(PlateKind.HongKongMacau, blue, false));
        Assert.Equal(PlateClass.YellowTwoRow, PlateClasses.Of(PlateKind.Trailer, blue, true));
        Assert.Equal(PlateClass.Other, PlateClasses.Of(PlateKind.CivilAviation, blue, false));
        Assert.Equal("", PlateClasses.Colour(PlateClass.Other));
        Assert.True(PlateClasses.Fit(PlateKind.NewEnergySmall, blue) < PlateClasses.Fit(PlateKind.Ordinary, blue));
        Assert.True(PlateClasses.Fit(PlateKind.Ordinary, [float.NaN, 0, 0, 0, 0]) > 0);
    }

    [Fact]
    public void A_clear_reading_comes_back_with_its_confidences()
    {
        Decode("京-A-1-2-3-4-5", confidence: 0.98f);
        Assert.Equal("京A12345", _texts[0].Text);
        Assert.Equal(7, _texts[0].CharacterConfidence.Length);
        Assert.All(_texts[0].CharacterConfidence, c => Assert.Equal(0.98f, c, 1e-4f));
        Assert.Equal(0, _texts[0].Margin, 0.5f);
        Assert.True(_texts[0].Belief > 0.5f);
    }

    [Fact]
    public void The_same_character_twice_needs_a_blank_between()
    {
        Decode("京-A-11-2-3-4-5", 0.99f);
        Assert.Equal("京A12345", _texts[0].Text);
        Decode("京-A-1-1-2-3-4", 0.99f);
        Assert.Equal("京A11234", _texts[0].Text);
    }

    [Fact]
    public void A_zero_where_only_a_letter_may_stand_becomes_the_next_best_letter()
    {
        var steps = Steps("京-0-1-2-3-4-5", 0.9f);
        steps.Symbols(2)[Symbol('D')] = 0.08f;
        _beam.Decode(steps, 3, _texts);
        Assert.Equal("京D12345", _texts[0].Text);
        Assert.Equal(0.08f, _texts[0].CharacterConfidence[1], 1e-3f);
        Assert.True(_texts[0].Margin < -2, $"the grammar bent this reading, but the margin is {_texts[0].Margin}");
    }

    [Fact]
    public void A_close_second_is_a_rival()
    {
        var steps = Steps("京-A-8-2-3-4-5", 0.6f);
        steps.Symbols(4)[Symbol('B')] = 0.39f;
        _beam.Decode(steps, 3, _texts);
        Assert.Equal("京A82345", _texts[0].Text);
        Assert.Equal("京AB2345", _texts[1].Text);
        Assert.InRange(_texts[1].Belief / _texts[0].Belief, 0.5f, 0.8f);
    }

    [Fact]
    public void Eight_characters_of_a_new_energy_plate_are_not_cut_to_seven()
    {
        Decode("皖-A-D-1-4-4-8-8", 0.9f);
        Assert.Equal("皖AD1448", _texts[0].Text[..7]);
        Decode("皖-A-D-1-4-4-8-9", 0.9f);
        Assert.Equal("皖AD14489", _texts[0].Text);
    }

    [Fact]
    public void Nothing_and_noise_are_not_plates()
    {
        _beam.Decode(Steps("", 1), 3, _texts);
        Assert.Empty(_texts);
        _beam.Decode(Steps("-------", 0.99999f), 3, _texts);
        Assert.Empty(_texts);
        Decode("A-B-C", 0.99f);
        Assert.Empty(_texts);
    }

    [Fact]
    public void Not_a_number_does_not_spread()
    {
        var steps = Steps("京-A-1-2-3-4-5", 0.99f);
        steps.Symbols(3).Fill(float.NaN);
        steps.Set(3, float.NaN, float.NaN);
        _beam.Decode(steps, 3, _texts);
        Assert.Equal("京A12345", _texts[0].Text);
        Assert.True(float.IsFinite(_texts[0].Margin));
    }

    [Fact]
    public void Random_probabilities_give_only_texts_of_the_grammar()
    {
        var random = new Random(20);
        var steps = new CtcSteps();
        for (int round = 0; round < 30; round++)
        {
            steps.Reset(30);
            for (int step = 0; step < steps.Count; step++)
            {
                foreach (ref float p in steps.Symbols(step))
                    p = MathF.Pow(random.NextSingle(), 8);
                steps.Set(step, random.NextSingle(), 1);
            }
            _beam.Decode(steps, 5, _texts);
            Assert.NotEmpty(_texts);
            Assert.All(_texts, t => Assert.True(PlateGrammar.Fits(t.Text), t.Text));
            Assert.All(_texts, t => Assert.True(float.IsFinite(t.Margin) && t.Belief is >= 0 and <= 1));
        }
    }

    private static bool Naive(PlateKind kind, char[] text)
    {
        var sets = PlateGrammar.SetsOf(kind);
        return sets.Count == text.Length && !text.Where((c, i) => !sets[i].Contains(c, StringComparison.Ordinal)).Any();
    }

    private static int Symbol(char c) => PlateGrammar.Symbols.IndexOf(c, StringComparison.Ordinal);

    private void Decode(string path, float confidence) => _beam.Decode(Steps(path, confidence), 3, _texts);

    /// <summary>One step for each character of <paramref name="path"/>, '-' for the blank.</summary>
    private static CtcSteps Steps(string path, float confidence)
    {
        var steps = new CtcSteps();
        steps.Reset(path.Length);
        for (int step = 0; step < path.Length; step++)
        {
            float rest = (1 - confidence) / PlateGrammar.Symbols.Length;
            steps.Symbols(step).Fill(rest);
            if (path[step] != '-')
                steps.Symbols(step)[Symbol(path[step])] = confidence;
            steps.Set(step, path[step] == '-' ? confidence : rest, confidence);
        }
        return steps;
    }
}
