namespace EdgeAgent.Vision.Plates;

/// <summary>How well a given text explains what a recogniser saw: CTC's forward sum over all alignments. Not thread-safe.</summary>
internal sealed class CtcScore
{
    /// <summary>
    /// Share of each step's likeliest class that any class has at least: one recogniser that does not see a character at all speaks
    /// against it, but does not forbid it.
    /// </summary>
    private const float Doubt = 1e-3f;

    private const int MostStates = 2 * PlateGrammar.MaxLength + 1;

    private double[] _now = new double[MostStates];
    private double[] _next = new double[MostStates];

    /// <summary>Logarithm of the text's likelihood over that of the likeliest unconstrained reading; about 0 at best.</summary>
    /// <param name="text">Fits <see cref="PlateGrammar"/>.</param>
    public float LogLikelihood(CtcSteps steps, string text)
    {
        Span<int> symbols = stackalloc int[text.Length];
        for (int i = 0; i < text.Length; i++)
            symbols[i] = PlateGrammar.Symbols.IndexOf(text[i], StringComparison.Ordinal);
        int states = 2 * text.Length + 1;
        Array.Clear(_now);
        _now[0] = 1;
        double log = 0;
        for (int step = 0; step < steps.Count; step++)
        {
            double best = Advance(steps, step, symbols, states, first: step == 0);
            if (best <= 0)
                return float.NegativeInfinity;
            for (int s = 0; s < states; s++)
                _next[s] /= best;
            log += Math.Log(best);
            (_now, _next) = (_next, _now);
        }
        double end = _now[states - 1] + _now[states - 2];
        return end > 0 ? (float)(log + Math.Log(end)) : float.NegativeInfinity;
    }

    private double Advance(CtcSteps steps, int step, ReadOnlySpan<int> symbols, int states, bool first)
    {
        float peak = steps.Peak(step);
        double blank = Emission(steps.Blank(step), peak), best = 0;
        var row = steps.Symbols(step);
        for (int s = 0; s < states; s++)
        {
            double reach = first && s > 1 ? 0 : first ? _now[0] : _now[s] + (s > 0 ? _now[s - 1] : 0);
            // Straight from character to character, except between two that are the same.
            if (!first && s > 1 && (s & 1) == 1 && symbols[s >> 1] != symbols[(s >> 1) - 1])
                reach += _now[s - 2];
            _next[s] = reach * ((s & 1) == 0 ? blank : Emission(row[symbols[s >> 1]], peak));
            best = Math.Max(best, _next[s]);
        }
        return best;
    }

    private static double Emission(float probability, float peak) => (1 - Doubt) * probability / peak + Doubt;
}
