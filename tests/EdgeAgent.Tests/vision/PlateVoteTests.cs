using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Tests.Vision;

public sealed class PlateVoteTests
{
    private const string Serial = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";

    /// <summary>Weights of about the size that fitting gives, so that these tests do not move with the models.</summary>
    private static readonly PlateCalibration Calibration = new([0, 0.5f, 0.5f, 0, 0.5f, 0], [-1.2f, 0.25f, 1.4f, 0.1f, 0.02f, 0], sure: 0.97f, told: 0.3f);

    [Fact]
    public void Before_the_first_read_there_is_no_consensus() => Assert.Null(new PlateVote().Consensus(Calibration));

    [Theory]
    [InlineData("京A12345", float.NaN)]
    [InlineData("京A12345", float.PositiveInfinity)]
    [InlineData("京A12345", float.NegativeInfinity)]
    [InlineData("hello", 0.9f)]
    [InlineData("", 0.9f)]
    [InlineData("京A123456789", 0.9f)]
    public void What_is_no_read_does_not_count(string text, float confidence)
    {
        var vote = new PlateVote();
        vote.Add(Read(text, confidence));
        vote.Add(Read("京A12345", 0.9f) with { CharacterConfidence = [1, 1] });
        vote.Add(Read("京A12345", 0.9f) with { Corners = Wide(float.NaN) });
        Assert.Equal(0, vote.Votes);
        Assert.Null(vote.Consensus(Calibration));
    }

    [Fact]
    public void More_frames_that_agree_are_surer()
    {
        var vote = new PlateVote();
        float last = 0;
        for (int frame = 0; frame < 6; frame++)
        {
            vote.Add(Read("京A12345", 0.8f));
            float confidence = vote.Consensus(Calibration)!.Confidence;
            Assert.True(confidence >= last, $"frame {frame}: {confidence} after {last}");
            last = confidence;
        }
        Assert.Equal(6, vote.Consensus(Calibration)!.Votes);
    }

    [Fact]
    public void Clear_frames_are_sure_and_poor_ones_are_not()
    {
        var clear = new PlateVote();
        clear.Add(Read("京A12345", 0.98f));
        clear.Add(Read("京A12345", 0.98f));
        Assert.True(clear.Consensus(Calibration)!.Sure);
        var poor = new PlateVote();
        for (int i = 0; i < 20; i++)
            poor.Add(Read("京A12345", 0.3f));
        Assert.False(poor.Consensus(Calibration)!.Sure);
    }

    [Fact]
    public void One_clear_frame_outweighs_two_that_guess()
    {
        var vote = new PlateVote();
        vote.Add(Read("京A12345", 0.97f));
        vote.Add(Read("京A1234S", [0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.3f]));
        vote.Add(Read("京A1234S", [0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.3f]));
        Assert.Equal("京A12345", vote.Consensus(Calibration)!.Text);
    }

    [Fact]
    public void A_near_sharp_frame_outweighs_far_blurred_ones()
    {
        var vote = new PlateVote();
        vote.Add(Read("京A12345", 0.8f) with { Corners = Wide(130), Sharpness = 0.5f });
        vote.Add(Read("京A1234S", 0.8f) with { Corners = Wide(45), Sharpness = 0.22f });
        vote.Add(Read("京A1234S", 0.8f) with { Corners = Wide(45), Sharpness = 0.22f });
        Assert.Equal("京A12345", vote.Consensus(Calibration)!.Text);
    }

    [Fact]
    public void What_lost_the_vote_is_a_rival_and_its_character_is_the_doubtful_one()
    {
        var vote = new PlateVote();
        vote.Add(Read("京A12345", 0.9f));
        vote.Add(Read("京A12345", 0.9f));
        vote.Add(Read("京A1234S", 0.8f));
        var consensus = vote.Consensus(Calibration)!;
        Assert.Equal("京A12345", consensus.Text);
        Assert.Equal("京A1234S", consensus.Rivals[0].Text);
        Assert.Equal(6, Array.IndexOf(consensus.CharacterConfidence, consensus.CharacterConfidence.Min()));
    }

    [Fact]
    public void A_rival_that_every_frame_names_is_kept()
    {
        var vote = new PlateVote();
        var doubtful = Read("京A12345", [0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.6f]) with { Rivals = [("京A1234S", 0.35f)] };
        vote.Add(doubtful);
        vote.Add(doubtful);
        Assert.Contains(vote.Consensus(Calibration)!.Rivals, r => r.Text == "京A1234S");
    }

    [Fact]
    public void A_frame_that_lost_a_character_still_votes_for_the_others()
    {
        var vote = new PlateVote();
        vote.Add(Read("皖AD14488", [0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.4f]));
        vote.Add(Read("皖AD14489", [0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.41f]));
        // One 4 short, but its last character is clear.
        vote.Add(Read("皖AD1488", [0.5f, 0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.9f]));
        Assert.Equal("皖AD14488", vote.Consensus(Calibration)!.Text);
    }

    [Theory]
    [InlineData("皖AD1448", "皖AD14488", new[] { 0, 1, 2, 3, 4, 5, 6 })]
    [InlineData("京A12345", "京A12345", new[] { 0, 1, 2, 3, 4, 5, 6 })]
    [InlineData("A12345", "京A12345", new[] { 1, 2, 3, 4, 5, 6 })]
    [InlineData("京A1X2345", "京A12345", new[] { 0, 1, 2, -1, 3, 4, 5, 6 })]
    public void Readings_are_aligned_by_the_fewest_edits(string text, string reference, int[] places)
    {
        var found = new int[text.Length];
        int same = PlateAlignment.Align(text, reference, found);
        Assert.Equal(places.Count(p => p >= 0), same);
        // Where the same character stands twice in a row either of the two will do.
        Assert.All(found.Select((p, i) => (p, i)), f => Assert.True(f.p == places[f.i] || (f.p >= 0 && reference[f.p] == text[f.i])));
    }

    [Fact]
    public void The_confidences_of_the_characters_multiply_to_that_of_the_text()
    {
        var vote = new PlateVote();
        vote.Add(Read("京A12345", 0.7f));
        vote.Add(Read("京A12346", 0.6f));
        var consensus = vote.Consensus(Calibration)!;
        Assert.Equal(consensus.Confidence, consensus.CharacterConfidence.Aggregate((a, b) => a * b), 1e-3f);
    }

    [Fact]
    public void A_police_plate_is_white_and_a_long_one_green_whatever_the_frames_took_for_its_colour()
    {
        var vote = new PlateVote();
        vote.Add(Read("京A1234警", 0.9f));
        Assert.Equal((PlateClass.White, "white"), (vote.Consensus(Calibration)!.Class, vote.Consensus(Calibration)!.Colour));
        vote = new PlateVote();
        vote.Add(Read("皖AD14488", 0.9f));
        Assert.Equal(PlateClass.Green, vote.Consensus(Calibration)!.Class);
    }

    [Fact]
    public void Whatever_goes_in_in_whatever_order_the_same_text_of_the_grammar_comes_out()
    {
        const int Seed = 4;
        var random = new Random(Seed);
        for (int round = 0; round < 300; round++)
        {
            PlateRead[] reads = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => Hostile(random))];
            var first = Together(reads);
            random.Shuffle(reads);
            var second = Together(reads);
            Assert.Equal(first?.Text, second?.Text);
            if (first is null)
                continue;
            string hint = $"{first.Text}, round {round}, seed {Seed}";
            Assert.True(first.Confidence == second!.Confidence && first.CharacterConfidence.SequenceEqual(second.CharacterConfidence), hint);
            Assert.True(PlateGrammar.Fits(first.Text), hint);
            Assert.True(first.CharacterConfidence.Length == first.Text.Length && Array.TrueForAll(first.CharacterConfidence, c => c is >= 0 and <= 1), hint);
            Assert.True(first.Confidence is >= 0 and <= 1 && first.Rivals.All(r => PlateGrammar.Fits(r.Text) && r.Text != first.Text && r.Confidence is >= 0 and <= 1), hint);
        }
    }

    [Fact]
    public void A_visit_of_any_length_keeps_a_bounded_number_of_reads_and_the_clearest_of_them()
    {
        var vote = new PlateVote();
        for (int i = 0; i < 500; i++)
            vote.Add(Read("京A1234S", 0.5f) with { Corners = Wide(40), Sharpness = 0.2f });
        for (int i = 0; i < PlateVote.MostReads; i++)
            vote.Add(Read("京A12345", 0.9f) with { Corners = Wide(140) });
        var consensus = vote.Consensus(Calibration)!;
        Assert.Equal("京A12345", consensus.Text);
        Assert.Equal(500 + PlateVote.MostReads, consensus.Votes);
    }

    [Fact]
    public void Nine_noisy_frames_together_read_far_more_plates_than_one()
    {
        const int Seed = 7;
        var random = new Random(Seed);
        int single = 0, voted = 0;
        for (int plate = 0; plate < 200; plate++)
        {
            string truth = $"京A{new string([.. Enumerable.Range(0, 5).Select(_ => Serial[random.Next(Serial.Length)])])}";
            var vote = new PlateVote();
            for (int frame = 0; frame < 9; frame++)
            {
                var read = Noisy(truth, random);
                single += frame == 0 && read.Text == truth ? 1 : 0;
                vote.Add(read);
            }
            voted += vote.Consensus(Calibration)!.Text == truth ? 1 : 0;
        }
        Assert.True(voted > 180 && single < 90, $"one frame {single}, nine frames {voted} of 200, seed {Seed}");
    }

    [Fact]
    public void The_manifest_holds_a_calibration_and_a_missing_constant_is_named()
    {
        var calibration = PlateCalibration.Of(Models.Open());
        Assert.InRange(calibration.Sure, 0.9f, 0.999f);
        Assert.InRange(calibration.Told, 0.05f, 0.9f);
        using var folder = new ScratchFolder();
        string manifest = File.ReadAllText(Path.Combine(Models.Directory, "models.json")).Replace("\"visit.best\"", "\"visit.worst\"", StringComparison.Ordinal);
        File.WriteAllText(folder["models.json"], manifest);
        var error = Assert.Throws<ModelException>(() => PlateCalibration.Of(ModelStore.Open(folder.Path)));
        Assert.Contains("visit.best", error.Message, StringComparison.Ordinal);
        Assert.Contains("eval calibrate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_feature_that_is_no_number_states_nothing() =>
        Assert.Equal(0, Calibration.OfRead([float.NaN, 0, 0, 0, 0]));

    private static PlateConsensus? Together(PlateRead[] reads)
    {
        var vote = new PlateVote();
        foreach (var read in reads)
            vote.Add(read);
        return vote.Consensus(Calibration);
    }

    /// <summary>Anything that a reader might give, and what it must not.</summary>
    private static PlateRead Hostile(Random random)
    {
        var sets = PlateGrammar.SetsOf((PlateKind)random.Next(Enum.GetValues<PlateKind>().Length));
        string text = new([.. sets.Select(s => s[random.Next(s.Length)])]);
        string rival = new([.. sets.Select(s => s[random.Next(s.Length)])]);
        var read = Read(text, [.. text.Select(_ => random.Next(9) == 0 ? 2 * random.NextSingle() - 0.5f : random.NextSingle())]) with
        {
            Rivals = [(rival, random.NextSingle()), ("京", 0.5f), ("", float.NaN), (rival, -1)],
            Corners = Wide(random.Next(5) == 0 ? 1e9f : random.Next(200)),
            Sharpness = random.NextSingle(),
            Margin = random.Next(6) == 0 ? float.NegativeInfinity : -10 * random.NextSingle(),
            Confidence = random.Next(6) == 0 ? float.NaN : random.NextSingle(),
            TwoRow = random.Next(2) == 0,
            Class = (PlateClass)random.Next(7),
        };
        return random.Next(8) switch
        {
            0 => read with { CharacterConfidence = [float.NaN, .. read.CharacterConfidence[1..]] },
            1 => read with { Text = "noplate", CharacterConfidence = new float[7] },
            _ => read,
        };
    }

    private static PlateRead Noisy(string truth, Random random)
    {
        char[] text = truth.ToCharArray();
        var confidence = new float[text.Length];
        for (int i = 0; i < text.Length; i++)
        {
            bool wrong = i > 1 && random.NextSingle() < 0.2f;
            if (wrong)
                text[i] = Serial[random.Next(Serial.Length)];
            confidence[i] = wrong ? 0.3f + 0.4f * random.NextSingle() : 0.5f + 0.5f * random.NextSingle();
        }
        return Read(new string(text), confidence);
    }

    private static Quad Wide(float width) => new(new(0, 0), new(width, 0), new(width, width / 3), new(0, width / 3));

    private static PlateRead Read(string text, float confidence) => Read(text, [.. Enumerable.Repeat(confidence, text.Length)]);

    private static PlateRead Read(string text, float[] confidence) =>
        new(text, confidence, [], PlateClass.Blue, false, Wide(100), 0, confidence.Length == 0 ? 0 : confidence.Min());
}
