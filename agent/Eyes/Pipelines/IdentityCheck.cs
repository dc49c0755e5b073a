namespace EdgeAgent.Eyes.Pipelines;

/// <summary>
/// Whether what is followed is still what was read. A car that drives away grows small and is lost where the next one appears, and the
/// tracker then takes the one for the other: the second plate would never be read. So a settled visit that comes back after a gap is
/// looked at once more; when another plate is there, a visit of its own begins. Detection thread, except the answer.
/// </summary>
internal sealed class IdentityCheck
{
    /// <summary>Not seen for so long, and in more than one frame that was looked at, it may be another thing.</summary>
    private const long GapMs = 250;

    private const int GapFrames = 2;

    /// <summary>A look that could not be read is tried again after so long, and so often.</summary>
    private const long AgainMs = 200;

    private const int MostLooks = 3;
    private long _seenMonoMs = long.MinValue;
    private long _seenFrame;
    private long _lookedMonoMs;
    private int _looksLeft;
    private volatile Answer _answer;

    private enum Answer
    {
        None,
        Same,
        Other,
    }

    /// <summary>A look showed another plate.</summary>
    public bool IsOther => _answer == Answer.Other;

    /// <summary>It is in this frame.</summary>
    /// <param name="monoMs">Its capture time.</param>
    /// <param name="frame">Number of the frame among those that were looked at.</param>
    public void Seen(long monoMs, long frame)
    {
        bool gap = _seenMonoMs != long.MinValue && monoMs - _seenMonoMs >= GapMs && frame - _seenFrame >= GapFrames;
        (_seenMonoMs, _seenFrame) = (monoMs, frame);
        if (gap)
            (_looksLeft, _lookedMonoMs, _answer) = (MostLooks, long.MinValue / 2, Answer.None);
        else if (_answer == Answer.Same)
            _looksLeft = 0;
    }

    /// <summary>True: look at it now.</summary>
    public bool Offer(in Candidate candidate, float leastWidthPx, float sureScore)
    {
        if (_looksLeft == 0 || candidate.WidthPx < leastWidthPx || candidate.Score < sureScore || candidate.MonoMs - _lookedMonoMs < AgainMs)
            return false;
        _looksLeft--;
        _lookedMonoMs = candidate.MonoMs;
        return true;
    }

    /// <summary>Reading thread: what the look showed.</summary>
    public void Looked(bool same) => _answer = same ? Answer.Same : Answer.Other;
}
