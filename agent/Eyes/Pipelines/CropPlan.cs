namespace EdgeAgent.Eyes.Pipelines;

/// <summary>A box as shares of the picture's width and height, so that it means the same in sub-stream and main stream.</summary>
internal readonly record struct ShareBox(float X1, float Y1, float X2, float Y2)
{
    public float CentreX => (X1 + X2) / 2;

    public float CentreY => (Y1 + Y2) / 2;

    public float Width => X2 - X1;

    public float Height => Y2 - Y1;
}

/// <summary>An instant at which a tracked thing could be cut out of the main stream.</summary>
/// <param name="MonoMs">Capture time of the sub-stream's frame.</param>
/// <param name="Box">Where it was.</param>
/// <param name="WidthPx">Its width in the main stream, pixels.</param>
/// <param name="Score">The detector's, 0 … 1.</param>
/// <param name="CheaperInMs">After this long it is much cheaper to cut out: the next key frame is near, the last one far. 0: now is as good.</param>
internal readonly record struct Candidate(long MonoMs, ShareBox Box, float WidthPx, float Score, long CheaperInMs = 0)
{
    public float Worth => WidthPx * Score;
}

/// <summary>
/// Chooses at most three instants of a visit to look at closely: each costs decoding part of a group of pictures. The first as soon
/// as it can be read, later ones when there is more to see, or the best one left over when the thing has gone. An instant that will
/// soon be much cheaper is waited for. What the detector never was sure of gets one look in all, late: mostly it is a fence or a shop
/// sign. Where the three looks did not settle it and reading has nothing else to do, there are some to spare. One thread.
/// </summary>
/// <param name="leastWidthPx">Narrower ones are never looked at.</param>
/// <param name="sureScore">Detector's score from which a thing is what it seems.</param>
/// <param name="spareCrops">Looks beyond the three, while reading is idle.</param>
internal sealed class CropPlan(float leastWidthPx, float sureScore = 0, int spareCrops = 0)
{
    public const int MaxCrops = 3;

    /// <summary>A spare look comes this long after the one before: so much later the angle, the light or the exposure is another.</summary>
    private const long SpareMs = 600;

    /// <summary>This much wider than at the last look is more to see.</summary>
    private const float Growth = 1.25f;

    /// <summary>Two looks closer together than this show the same blur and the same glare.</summary>
    private const long ShortestMs = 120;

    /// <summary>After this long another look is worth it without growth: the angle and the light have changed. The first: when the first look gave nothing.</summary>
    private static readonly long[] s_longestMs = [250, 300, 600];

    /// <summary>The last look waits this long while the thing is narrow, under twice what is worth a look: mostly it comes nearer.</summary>
    private const long NarrowMs = 2_500;

    /// <summary>A thing that the detector is unsure of must have been in sight this long.</summary>
    private const long WeakMs = 400;

    /// <summary>
    /// Longest wait for a key frame. Decoding the rest of a group of pictures takes a good part of this, and it keeps others waiting.
    /// </summary>
    private const long KeyWaitMs = 400;

    private Candidate? _unseen;
    private Candidate _last;
    private int _taken;
    private long _firstMs = long.MinValue;
    private bool _looked;
    private bool _lookedAtWeak;

    /// <summary>Looks used up.</summary>
    public int Taken => _taken;

    /// <summary>The detector was sure of it at least once.</summary>
    public bool IsSure { get; private set; }

    /// <summary>Whether a further look is to be expected while it stays in sight.</summary>
    public bool WantsMore => _taken < MaxCrops && (IsSure || !_lookedAtWeak);

    /// <summary>It is known that there is nothing here: no look unless the detector becomes sure.</summary>
    public void Refute() => _lookedAtWeak = true;

    /// <summary>True: look at this one now.</summary>
    /// <param name="candidate">An instant.</param>
    /// <param name="idle">Reading waits for work.</param>
    public bool Offer(in Candidate candidate, bool idle = false)
    {
        if (_firstMs == long.MinValue)
            _firstMs = candidate.MonoMs;
        bool weak = candidate.Score < sureScore;
        IsSure |= !weak;
        if (_taken >= MaxCrops)
            return !weak && OfferSpare(candidate, idle);
        if (weak && (_lookedAtWeak || candidate.MonoMs - _firstMs < WeakMs))
            return false;
        if (candidate.WidthPx >= leastWidthPx && candidate.CheaperInMs is 0 or > KeyWaitMs && IsTime(candidate))
        {
            Take(candidate);
            return true;
        }
        if (candidate.WidthPx >= leastWidthPx && (_unseen is not { } best || candidate.Worth > best.Worth))
            _unseen = candidate;
        return false;
    }

    private bool OfferSpare(in Candidate candidate, bool idle)
    {
        if (!idle || _taken >= MaxCrops + spareCrops || candidate.WidthPx < leastWidthPx || candidate.MonoMs - _last.MonoMs < SpareMs)
            return false;
        Take(candidate);
        return true;
    }

    /// <summary>The thing is out of sight: the best instant not looked at, if a look is left and it was not seen better before.</summary>
    public Candidate? Leave()
    {
        if (_taken >= MaxCrops || _unseen is not { } best || (_taken > 0 && best.Worth < 0.8f * _last.Worth))
            return null;
        Take(best);
        return best;
    }

    /// <summary>A look that could not be taken (the queue was full, the main stream had no picture) does not count.</summary>
    public void GiveBack()
    {
        _taken = Math.Max(0, _taken - 1);
        _lookedAtWeak &= _last.Score >= sureScore;
    }

    private bool IsTime(in Candidate candidate)
    {
        if (!_looked)
            return true;
        long waited = candidate.MonoMs - _last.MonoMs;
        bool narrow = _taken == MaxCrops - 1 && candidate.WidthPx < 2 * leastWidthPx;
        return waited >= (narrow ? NarrowMs : s_longestMs[_taken]) || (waited >= ShortestMs && candidate.WidthPx >= Growth * _last.WidthPx);
    }

    private void Take(in Candidate candidate)
    {
        _taken++;
        _looked = true;
        _last = candidate;
        _lookedAtWeak |= candidate.Score < sureScore;
        _unseen = null;
    }
}
