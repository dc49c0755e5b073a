using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Tests.Vision;

public sealed class PlateVoteTests
{
    private const string Serial = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";

    [Fact]
    public void Before_the_first_read_there_is_no_consensus() => Assert.Null(new PlateVote().Consensus());

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(float.PositiveInfinity)]
    public void A_weight_that_is_none_does_not_count(float weight)
    {
        var vote = new PlateVote();
        vote.Add(Read("京A12345", 0.9f), weight);
        Assert.Equal(0, vote.Votes);
        Assert.Null(vote.Consensus());
    }

    [Fact]
    public void A_read_whose_confidences_do_not_fit_its_text_does_not_count()
    {
        var vote = new PlateVote();
        vote.Add(Read("京A12345", 0.9f) with { CharacterConfidence = [1, 1] }, 1);
        vote.Add(Read("京A12345", float.NaN), 1);
        Assert.Null(vote.Consensus());
    }

    [Fact]
    public void One_doubtful_frame_is_not_sure_and_two_good_ones_are()
    {
        var vote = new PlateVote();
        vote.Add(Read("京A12345", 0.9f), 1);
        Assert.False(vote.Consensus()!.Sure);
        vote.Add(Read("京A12345", 0.9f), 1);
        Assert.True(vote.Consensus()!.Sure);
        Assert.Equal(2, vote.Consensus()!.Votes);
    }

    [Fact]
    public void Many_poor_frames_without_a_good_one_are_not_sure()
    {
        var vote = new PlateVote();
        for (int i = 0; i < 20; i++)
            vote.Add(Read("京A12345", 0.5f), 1);
        Assert.False(vote.Consensus()!.Sure);
    }

    [Fact]
    public void What_lost_the_vote_is_a_rival()
    {
        var vote = new PlateVote();
        vote.Add(Read("京A12345", 0.9f), 1);
        vote.Add(Read("京A12345", 0.9f), 1);
        vote.Add(Read("京A1234S", 0.8f), 1);
        var consensus = vote.Consensus()!;
        Assert.Equal("京A12345", consensus.Text);
        Assert.Equal("京A1234S", consensus.Rivals.Single().Text);
        Assert.True(consensus.CharacterConfidence[6] < consensus.CharacterConfidence[0]);
    }

    [Fact]
    public void Characters_that_together_make_no_plate_give_the_text_read_most()
    {
        var vote = new PlateVote();
        // Of "粤Z...港" and "京A..." the winners of each place may come from different classes.
        vote.Add(Read("粤Z1234港", 0.6f), 1);
        vote.Add(Read("京A12345", [0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.3f]), 1);
        Assert.True(PlateGrammar.Fits(vote.Consensus()!.Text));
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
                vote.Add(read, 1);
            }
            voted += vote.Consensus()!.Text == truth ? 1 : 0;
        }
        Assert.True(voted > 180 && single < 90, $"one frame {single}, nine frames {voted} of 200, seed {Seed}");
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

    private static PlateRead Read(string text, float confidence) => Read(text, [.. Enumerable.Repeat(confidence, text.Length)]);

    private static PlateRead Read(string text, float[] confidence) => new(text, confidence, [], "blue", false, default, 0);
}
