namespace EdgeAgent.Vision.Plates;

/// <summary>One text out of what two recognisers saw in one or more views of the same plate.</summary>
/// <param name="Score">What candidates are ranked by; comparable between views of one plate.</param>
/// <param name="Posterior">Share of the belief among all candidates.</param>
/// <param name="Margin">Mean logarithm of the text's likelihood over the unconstrained reading's.</param>
/// <param name="Agreed">Each recogniser alone read this text in the first view.</param>
internal sealed record FusedRead(
    string Text, PlateKind Kind, float[] CharacterConfidence, List<(string Text, float Confidence)> Rivals,
    float Score, float Posterior, float Support, float Margin, bool Agreed);

/// <summary>
/// Log-linear pooling: every text that any recogniser read in any view, and those between two that differ in a few characters, is
/// scored by all recognisers in all views (CTC forward), with how rare its kind is and how well it goes with the colour; the belief
/// is a softmax over these scores. Not thread-safe.
/// </summary>
internal sealed class ReadFusion
{
    private const int TextsOfEach = 6;
    private const int MostRivals = 5;
    private const float LeastRival = 0.003f;

    /// <summary>Two texts that differ in more places than this have no sensible ones between them.</summary>
    private const int MostCrossed = 4;

    // Weights of the pooled logarithms. The recogniser trained on drawn plates is the less exact one.
    private const float OwnWeight = 0.4f;
    private const float OcrWeight = 0.9f;
    private const float PriorWeight = 0.5f;
    private const float ColourWeight = 0.5f;

    private readonly CtcBeam _beam = new();
    private readonly CtcScore _score = new();
    private readonly List<View> _views = [];
    private readonly List<BeamText> _texts = [];
    private readonly HashSet<string> _candidates = [];
    private readonly Dictionary<string, float[]> _support = [];
    private readonly List<Candidate> _scored = [];
    private int _used;

    /// <summary>Forgets the views of the plate before.</summary>
    public void Begin() => _used = 0;

    /// <summary>The next view's places for what the recognisers see.</summary>
    public View Next()
    {
        if (_used == _views.Count)
            _views.Add(new View());
        _views[_used].HasOcr = false;
        return _views[_used++];
    }

    /// <summary>The best text of the views since <see cref="Begin"/>; null when none fits the grammar.</summary>
    /// <param name="colours">A probability for each of <see cref="PlateClasses.Colours"/>.</param>
    public FusedRead? Fuse(ReadOnlySpan<float> colours)
    {
        string? agreed = Collect();
        if (_candidates.Count == 0)
            return null;
        float all = Rank(colours);
        if (all == 0)
            return null;
        var scored = _scored;
        var winner = scored[0];
        float[] support = _support.GetValueOrDefault(winner.Text) ?? Between(winner.Text);
        var confidence = new float[winner.Text.Length];
        for (int i = 0; i < confidence.Length; i++)
        {
            float same = 0;
            foreach (var c in scored)
                if (c.Text.Length == winner.Text.Length && c.Text[i] == winner.Text[i])
                    same += c.Belief;
            confidence[i] = same / all * support[i];
        }
        var rivals = new List<(string Text, float Confidence)>();
        for (int i = 1; i < scored.Count && rivals.Count < MostRivals && scored[i].Belief / all >= LeastRival; i++)
            rivals.Add((scored[i].Text, scored[i].Belief / all));
        return new FusedRead(
            winner.Text, winner.Kind, confidence, rivals, winner.Score, 1 / all, support.Min(), winner.Margin, agreed == winner.Text);
    }

    /// <summary>Gathers the candidates of all views. Returns what the recognisers agree on in the first view.</summary>
    private string? Collect()
    {
        _candidates.Clear();
        _support.Clear();
        string? agreed = null;
        for (int v = 0; v < _used; v++)
        {
            string? own = Take(_views[v].Own), ocr = _views[v].HasOcr ? Take(_views[v].Ocr) : null;
            if (own is not null && ocr is not null)
                Cross(own, ocr);
            if (v == 0 && own is not null && own == ocr)
                agreed = own;
        }
        return agreed;
    }

    /// <summary>Scores all candidates, best first, the best one's belief 1; returns the sum of beliefs.</summary>
    private float Rank(ReadOnlySpan<float> colours)
    {
        _scored.Clear();
        foreach (string text in _candidates)
            if (PlateClasses.Allows(PlateGrammar.KindOf(text)!.Value, colours))
                _scored.Add(Score(text, colours));
        if (_scored.Count == 0)
            return 0;
        _scored.Sort(static (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : string.CompareOrdinal(a.Text, b.Text));
        float all = 0, best = _scored[0].Score;
        for (int i = 0; i < _scored.Count; i++)
        {
            _scored[i] = _scored[i] with { Belief = MathF.Exp(_scored[i].Score - best) };
            all += _scored[i].Belief;
        }
        return all;
    }

    private string? Take(CtcSteps steps)
    {
        _beam.Decode(steps, TextsOfEach, _texts);
        foreach (var text in _texts)
        {
            _candidates.Add(text.Text);
            if (!_support.TryGetValue(text.Text, out float[]? best))
            {
                _support[text.Text] = (float[])text.CharacterConfidence.Clone();
                continue;
            }
            for (int i = 0; i < best.Length; i++)
                best[i] = Math.Max(best[i], text.CharacterConfidence[i]);
        }
        return _texts.Count > 0 ? _texts[0].Text : null;
    }

    /// <summary>Each recogniser may be right where the other is wrong: all texts that take each differing character from either.</summary>
    private void Cross(string a, string b)
    {
        if (a.Length != b.Length)
            return;
        Span<int> places = stackalloc int[PlateGrammar.MaxLength];
        int count = 0;
        for (int i = 0; i < a.Length; i++)
            if (a[i] != b[i])
                places[count++] = i;
        if (count is < 2 or > MostCrossed)
            return;
        Span<char> mixed = stackalloc char[a.Length];
        for (int choice = 1; choice < (1 << count) - 1; choice++)
        {
            a.CopyTo(mixed);
            for (int i = 0; i < count; i++)
                if ((choice & (1 << i)) != 0)
                    mixed[places[i]] = b[places[i]];
            if (PlateGrammar.Fits(mixed))
                _candidates.Add(mixed.ToString());
        }
    }

    /// <summary>Support of a crossed text: for each character the best of those texts that have it there.</summary>
    private float[] Between(string text)
    {
        var support = new float[text.Length];
        foreach (var (other, confidence) in _support)
            for (int i = 0; other.Length == text.Length && i < text.Length; i++)
                if (other[i] == text[i])
                    support[i] = Math.Max(support[i], confidence[i]);
        return support;
    }

    private Candidate Score(string text, ReadOnlySpan<float> colours)
    {
        var kind = PlateGrammar.KindOf(text)!.Value;
        float own = 0, ocr = 0;
        int asked = 0;
        for (int v = 0; v < _used; v++)
        {
            own += _score.LogLikelihood(_views[v].Own, text) / _used;
            if (!_views[v].HasOcr)
                continue;
            ocr += _score.LogLikelihood(_views[v].Ocr, text);
            asked++;
        }
        // Not asked: the one that was speaks for both. Characters that one was never taught: the other does.
        ocr = asked > 0 ? ocr / asked : own;
        if (!OwnRecogniser.Knows(text))
            own = asked > 0 ? ocr : own;
        float seen = OwnWeight * own + OcrWeight * ocr;
        float score = seen + PriorWeight * PlateGrammar.LogPrior(kind) + ColourWeight * MathF.Log(PlateClasses.Fit(kind, colours));
        return new Candidate(text, kind, score, Math.Min(0, seen / (OwnWeight + OcrWeight)), 0);
    }

    /// <summary>What both recognisers see in one rectified picture. Reused.</summary>
    internal sealed class View
    {
        public CtcSteps Own { get; } = new();

        public CtcSteps Ocr { get; } = new();

        public bool HasOcr { get; set; }
    }

    private readonly record struct Candidate(string Text, PlateKind Kind, float Score, float Margin, float Belief);
}
