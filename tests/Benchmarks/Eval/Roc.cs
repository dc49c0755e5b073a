namespace EdgeAgent.Benchmarks.Eval;

/// <summary>Scores of pairs that should be accepted and of pairs that should not, and what follows from any threshold.</summary>
internal sealed class Roc
{
    private readonly float[] _genuine;
    private readonly float[] _impostors;

    public Roc(float[] genuine, float[] impostors)
    {
        if (genuine.Length == 0 || impostors.Length == 0)
            throw new InputException("There are no genuine pairs, or no impostor pairs, to compare.");
        _genuine = [.. genuine.Order()];
        _impostors = [.. impostors.Order()];
    }

    public int Genuine => _genuine.Length;

    public int Impostors => _impostors.Length;

    /// <summary>Chance that a genuine pair scores higher than an impostor pair; a tie counts half.</summary>
    public double Auc
    {
        get
        {
            double wins = 0;
            foreach (float score in _genuine)
                wins += (Below(_impostors, score, orEqual: false) + Below(_impostors, score, orEqual: true)) / 2.0;
            return wins / _genuine.Length / _impostors.Length;
        }
    }

    /// <summary>The highest impostor score that must be refused for at most this share of impostors to pass: above it is accepted.</summary>
    public float Threshold(double falseAcceptRate) =>
        _impostors[Math.Max(0, _impostors.Length - 1 - (int)(falseAcceptRate * _impostors.Length))];

    /// <summary>Share of genuine pairs accepted where at most this share of impostors is.</summary>
    public double TrueAcceptRate(double falseAcceptRate) =>
        1 - (double)Below(_genuine, Threshold(falseAcceptRate), orEqual: true) / _genuine.Length;

    /// <summary>False accept rate and true accept rate from the rarest false accept that this many impostors can show to 1.</summary>
    public IEnumerable<(double FalseAccepts, double TrueAccepts)> Curve(int points)
    {
        double rarest = Math.Log10(1.0 / _impostors.Length);
        for (int i = 0; i < points; i++)
        {
            double rate = Math.Pow(10, rarest * (1 - (double)i / (points - 1)));
            yield return (rate, TrueAcceptRate(rate));
        }
    }

    private static int Below(float[] sorted, float score, bool orEqual)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (sorted[middle] < score || (orEqual && sorted[middle] == score))
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
