namespace EdgeAgent.Vision.Plates;

/// <summary>One text out of what two recognisers read.</summary>
internal static class ReadFusion
{
    /// <summary>Two that agree are at least this sure, whatever each alone said.</summary>
    private const float Agreed = 0.9f;

    /// <summary>A text that the grammar had to bend further than this does not count against the other.</summary>
    private const float UsableMargin = -6;

    /// <summary>The recogniser trained on drawn plates is the less exact one.</summary>
    private const float OwnWeight = 0.8f;

    private const int MostRivals = 4;
    private const float LeastRival = 0.01f;

    public sealed record Fused(string Text, float[] CharacterConfidence, List<(string Text, float Confidence)> Rivals, float Margin);

    /// <param name="own">Best first; may be empty.</param>
    /// <param name="ocr">Best first; empty when it was not asked or read nothing.</param>
    public static Fused? Fuse(List<BeamText> own, List<BeamText> ocr)
    {
        if (own.Count == 0 && ocr.Count == 0)
            return null;
        if (own.Count > 0 && ocr.Count > 0 && own[0].Text == ocr[0].Text)
            return Agree(own, ocr);
        bool preferOwn = ocr.Count == 0 || (own.Count > 0 && Weight(own[0]) * OwnWeight > Weight(ocr[0]));
        var (winner, loser) = preferOwn ? (own, ocr) : (ocr, own);
        var rivals = new List<(string Text, float Confidence)>();
        AddRivals(rivals, winner, winner[0].Text);
        AddRivals(rivals, loser, winner[0].Text);
        return new Fused(winner[0].Text, winner[0].CharacterConfidence, Best(rivals), winner[0].Margin);
    }

    private static float Weight(BeamText text) => text.Margin > UsableMargin ? text.MinConfidence : 0;

    private static Fused Agree(List<BeamText> own, List<BeamText> ocr)
    {
        float[] a = own[0].CharacterConfidence, b = ocr[0].CharacterConfidence, both = new float[a.Length];
        for (int i = 0; i < both.Length; i++)
            both[i] = Math.Max(Agreed, Math.Max(a[i], b[i]));
        // A rival must convince both: what only one of them saw has been outvoted.
        var rivals = new List<(string Text, float Confidence)>();
        foreach (var rival in own.Skip(1))
            if (ocr.Find(t => t.Text == rival.Text) is { } same)
                rivals.Add((rival.Text, Math.Min(rival.Belief, same.Belief)));
        return new Fused(own[0].Text, both, Best(rivals), Math.Max(own[0].Margin, ocr[0].Margin));
    }

    private static void AddRivals(List<(string Text, float Confidence)> rivals, List<BeamText> texts, string winner)
    {
        foreach (var text in texts)
        {
            if (text.Text == winner)
                continue;
            // Belief is a share among texts that fit; the weakest character says how much there is to share.
            int known = rivals.FindIndex(r => r.Text == text.Text);
            float confidence = text.Belief;
            if (known < 0)
                rivals.Add((text.Text, confidence));
            else
                rivals[known] = (text.Text, Math.Max(confidence, rivals[known].Confidence));
        }
    }

    private static List<(string Text, float Confidence)> Best(List<(string Text, float Confidence)> rivals)
    {
        rivals.RemoveAll(r => !(r.Confidence >= LeastRival));
        rivals.Sort(static (a, b) => b.Confidence.CompareTo(a.Confidence));
        if (rivals.Count > MostRivals)
            rivals.RemoveRange(MostRivals, rivals.Count - MostRivals);
        return rivals;
    }
}
