namespace EdgeAgent.Benchmarks.Reporting;

/// <summary>One axis of a chart: where a value lies on it, and which values are written beside it.</summary>
/// <param name="Title">What is shown, with its unit.</param>
/// <param name="From">The value at the start; above 0 where <paramref name="Log"/>.</param>
/// <param name="To">The value at the end.</param>
/// <param name="Log">Each decade as long as the next.</param>
internal sealed record Axis(string Title, double From, double To, bool Log = false)
{
    private const int MostTicks = 7;

    /// <summary>0 at the start, 1 at the end; what lies beyond is put at the end that it is beyond.</summary>
    public double Place(double value)
    {
        double share = Log
            ? (Math.Log10(Math.Max(value, From)) - Math.Log10(From)) / (Math.Log10(To) - Math.Log10(From))
            : (value - From) / (To - From);
        return double.IsFinite(share) ? Math.Clamp(share, 0, 1) : 0;
    }

    public IEnumerable<double> Ticks() => Log ? Decades() : RoundSteps();

    public string Label(double value) => Log && value < 0.001 ? $"1e{Math.Round(Math.Log10(value)):0}" : $"{value:0.#####}";

    private IEnumerable<double> Decades()
    {
        int last = (int)Math.Floor(Math.Log10(To) + 1e-9);
        for (int power = (int)Math.Ceiling(Math.Log10(From) - 1e-9); power <= last; power++)
            yield return Math.Pow(10, power);
    }

    private IEnumerable<double> RoundSteps()
    {
        double step = RoundStep((To - From) / MostTicks);
        for (double n = Math.Ceiling(From / step - 1e-9); n * step <= To + 1e-9 * step; n++)
            yield return n * step;
    }

    /// <summary>1, 2 or 5 times a power of ten, no less than <paramref name="least"/>.</summary>
    private static double RoundStep(double least)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        return (least / power) switch
        {
            <= 1 => power,
            <= 2 => 2 * power,
            <= 5 => 5 * power,
            _ => 10 * power,
        };
    }
}
