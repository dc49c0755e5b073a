using System.Runtime.CompilerServices;

namespace EdgeAgent.Vision.Plates;

/// <summary>What a recogniser saw: for each step of its time axis the probabilities that the beam needs. Reused from read to read.</summary>
internal sealed class CtcSteps
{
    /// <summary>Below this a probability counts as this: one bad step must not forbid a text.</summary>
    public const float Floor = 1e-7f;

    private float[] _symbols = [];
    private float[] _blank = [];
    private float[] _peak = [];

    public int Count { get; private set; }

    /// <summary>Takes a number of steps; all values are then undefined.</summary>
    public void Reset(int count)
    {
        Count = count;
        if (_blank.Length >= count)
            return;
        _symbols = new float[count * PlateGrammar.Symbols.Length];
        _blank = new float[count];
        _peak = new float[count];
    }

    /// <summary>Probability of each symbol of <see cref="PlateGrammar.Symbols"/> at a step.</summary>
    public Span<float> Symbols(int step) => _symbols.AsSpan(step * PlateGrammar.Symbols.Length, PlateGrammar.Symbols.Length);

    public float Blank(int step) => _blank[step];

    public float Peak(int step) => _peak[step];

    /// <param name="blank">Probability of nothing or a separator.</param>
    /// <param name="peak">Probability of the likeliest class of all, also of those that no plate bears.</param>
    public void Set(int step, float blank, float peak)
    {
        // Math.Max keeps a NaN, which would spread to every beam.
        _blank[step] = blank > Floor ? blank : Floor;
        _peak[step] = Math.Max(_blank[step], peak > Floor ? peak : Floor);
        foreach (ref float p in Symbols(step))
        {
            p = p > Floor ? p : Floor;
            _peak[step] = Math.Max(_peak[step], p);
        }
    }
}
