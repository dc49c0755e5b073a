using System.Runtime.CompilerServices;

namespace EdgeAgent.Vision.Plates;

/// <summary>A confidence for each character of a text.</summary>
[InlineArray(PlateGrammar.MaxLength)]
internal struct Confidences
{
    private float _first;

    public readonly float Sum(int length)
    {
        float sum = 0;
        for (int i = 0; i < length; i++)
            sum += this[i];
        return sum;
    }
}

/// <summary>A text that fits the grammar, with its likelihood.</summary>
/// <param name="Belief">Its share among all texts that came through, 0 … 1.</param>
/// <param name="Margin">Logarithm of its likelihood over that of the likeliest unconstrained reading.</param>
internal sealed record BeamText(string Text, float[] CharacterConfidence, float Belief, float Margin)
{
    public float MinConfidence => CharacterConfidence.Min();
}

/// <summary>
/// CTC prefix beam search over the texts that <see cref="PlateGrammar"/> allows, and no others. Likelihoods are kept relative to
/// the likeliest class of each step, so that one number tells how far the grammar had to bend the reading. Not thread-safe.
/// </summary>
internal sealed class CtcBeam
{
    /// <summary>Symbols tried after each beginning.</summary>
    private const int Branches = 7;

    /// <summary>Beginnings kept of each length, so that late characters are not starved by early certainty.</summary>
    private const int BeamsPerLength = 12;
    private const int Beams = 3 * BeamsPerLength;

    /// <summary>
    /// A step that is blank beyond this changes nothing but the end of the last character. Of the probability itself, not of its
    /// share of the peak: a faint character under a blank that is the likelier by a little must still be tried.
    /// </summary>
    private const float PureBlank = 0.99f;

    private readonly List<Beam> _beams = [];
    private readonly List<Beam> _next = [];
    private readonly Dictionary<ulong, int> _places = [];
    private readonly int[] _countOfLength = new int[PlateGrammar.MaxLength + 1];

    /// <summary>The best texts, best first; none when no text of the grammar came through.</summary>
    public void Decode(CtcSteps steps, int most, List<BeamText> texts)
    {
        texts.Clear();
        _beams.Clear();
        _beams.Add(new Beam { Kinds = PlateGrammar.AllKinds, EndsInBlank = 1 });
        double logScale = 0;
        for (int step = 0; step < steps.Count; step++)
        {
            Advance(steps, step);
            logScale += Rescale();
        }
        Finish(most, logScale, texts);
    }

    private void Advance(CtcSteps steps, int step)
    {
        double peak = steps.Peak(step), blank = steps.Blank(step) / peak;
        if (steps.Blank(step) > PureBlank)
        {
            for (int i = 0; i < _beams.Count; i++)
                _beams[i] = _beams[i] with { EndsInBlank = _beams[i].Total * blank, EndsInSymbol = 0 };
            return;
        }
        _next.Clear();
        _places.Clear();
        var symbols = steps.Symbols(step);
        foreach (var beam in _beams)
        {
            Add(beam with { EndsInBlank = beam.Total * blank, EndsInSymbol = 0 });
            if (beam.Length > 0)
                Add(Held(beam, symbols[beam.LastSymbol], peak));
            Extend(beam, symbols, peak);
        }
        Keep();
    }

    /// <summary>The last character goes on for another step.</summary>
    private static Beam Held(Beam beam, float probability, double peak)
    {
        var held = beam with { EndsInBlank = 0, EndsInSymbol = beam.EndsInSymbol * probability / peak };
        held.Confidence[beam.Length - 1] = Math.Max(held.Confidence[beam.Length - 1], probability);
        return held;
    }

    private void Extend(Beam beam, ReadOnlySpan<float> symbols, double peak)
    {
        var allowed = PlateGrammar.Allowed(beam.Kinds, beam.Length);
        for (int branch = 0; branch < Branches && allowed != 0; branch++)
        {
            int symbol = Likeliest(symbols, allowed);
            allowed &= ~(UInt128.One << symbol);
            // The same character twice needs a blank between.
            double before = beam.Length > 0 && symbol == beam.LastSymbol ? beam.EndsInBlank : beam.Total;
            if (before > 0)
                Add(beam.With(symbol, symbols[symbol], before * symbols[symbol] / peak));
        }
    }

    private static int Likeliest(ReadOnlySpan<float> symbols, UInt128 allowed)
    {
        int best = -1;
        for (; allowed != 0; allowed &= allowed - 1)
        {
            int symbol = (int)UInt128.TrailingZeroCount(allowed);
            if (best < 0 || symbols[symbol] > symbols[best])
                best = symbol;
        }
        return best;
    }

    /// <summary>Two ways to the same beginning are one beam; the confidences are those of the better way.</summary>
    private void Add(Beam beam)
    {
        if (!_places.TryGetValue(beam.Key, out int place))
        {
            _places[beam.Key] = _next.Count;
            _next.Add(beam);
            return;
        }
        var old = _next[place];
        if (beam.Confidence.Sum(beam.Length) > old.Confidence.Sum(old.Length))
            old.Confidence = beam.Confidence;
        _next[place] = old with { EndsInBlank = old.EndsInBlank + beam.EndsInBlank, EndsInSymbol = old.EndsInSymbol + beam.EndsInSymbol };
    }

    private void Keep()
    {
        _next.Sort(static (a, b) => b.Total.CompareTo(a.Total));
        _beams.Clear();
        Array.Clear(_countOfLength);
        foreach (var beam in _next)
        {
            if (_beams.Count == Beams)
                break;
            if (_countOfLength[beam.Length]++ < BeamsPerLength)
                _beams.Add(beam);
        }
    }

    /// <summary>Brings the best beam to 1, so that forty unlikely steps do not underflow; returns the logarithm taken out.</summary>
    private double Rescale()
    {
        double best = 0;
        foreach (var beam in _beams)
            best = Math.Max(best, beam.Total);
        if (best <= 0)
            return 0;
        for (int i = 0; i < _beams.Count; i++)
            _beams[i] = _beams[i] with { EndsInBlank = _beams[i].EndsInBlank / best, EndsInSymbol = _beams[i].EndsInSymbol / best };
        return Math.Log(best);
    }

    private void Finish(int most, double logScale, List<BeamText> texts)
    {
        _beams.RemoveAll(static b => b.Total <= 0 || !PlateGrammar.Complete(b.Kinds, b.Length));
        _beams.Sort(static (a, b) => b.Total.CompareTo(a.Total));
        double all = _beams.Sum(b => b.Total);
        foreach (var beam in _beams.Take(most))
        {
            var confidence = new float[beam.Length];
            for (int i = 0; i < confidence.Length; i++)
                confidence[i] = beam.Confidence[i];
            texts.Add(new BeamText(beam.Text, confidence, (float)(beam.Total / all), (float)(Math.Log(beam.Total) + logScale)));
        }
    }

    /// <summary>A beginning of a text, with the likelihood of the ways that lead to it.</summary>
    private struct Beam
    {
        /// <summary>Symbol numbers plus one, a byte each, the first lowest.</summary>
        public ulong Key;
        public int Length;
        public ushort Kinds;
        public double EndsInBlank;
        public double EndsInSymbol;
        public Confidences Confidence;

        public readonly double Total => EndsInBlank + EndsInSymbol;

        public readonly int LastSymbol => (int)(Key >> (8 * (Length - 1))) - 1;

        public readonly string Text => string.Create(Length, Key, static (text, key) =>
        {
            for (int i = 0; i < text.Length; i++)
                text[i] = PlateGrammar.Symbols[(int)(key >> (8 * i) & 255) - 1];
        });

        public readonly Beam With(int symbol, float probability, double likelihood)
        {
            var longer = this;
            longer.Key |= (ulong)(symbol + 1) << (8 * Length);
            longer.Kinds = PlateGrammar.After(Kinds, Length, symbol);
            longer.EndsInBlank = 0;
            longer.EndsInSymbol = likelihood;
            longer.Confidence[Length] = probability;
            longer.Length = Length + 1;
            return longer;
        }
    }
}
