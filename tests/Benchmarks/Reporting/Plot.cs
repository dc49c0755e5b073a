namespace EdgeAgent.Benchmarks.Reporting;

/// <summary>A drawing with two axes, a grid and a legend, into which a chart puts its values.</summary>
internal sealed class Plot
{
    /// <summary>Series have so many colours and dashes; more do not fit one picture.</summary>
    public const int MostSeries = 6;

    private const int Width = 640, Height = 400, Left = 64, Right = 18, Top = 14, Bottom = 48, LegendLine = 20;

    private readonly Drawing _drawing;
    private readonly Axis _x;
    private readonly Axis _y;

    /// <param name="legend">Names of the series, drawn below; none for a single unnamed one.</param>
    public Plot(string title, Axis x, Axis y, IReadOnlyList<string> legend)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(legend.Count, MostSeries);
        _drawing = new Drawing(title, Width, Height + legend.Count * LegendLine);
        _x = x;
        _y = y;
        Grid();
        for (int i = 0; i < legend.Count; i++)
        {
            double line = Height + i * LegendLine + 4;
            _drawing.Line(Left, line, Left + 36, line, Style(i));
            _drawing.Text(Left + 44, line + 4, legend[i]);
        }
    }

    public Drawing Drawing => _drawing;

    /// <summary>The style class of a series.</summary>
    public static string Style(int series) => $"line s{series + 1}";

    public static string Fill(int series) => $"area s{series + 1}";

    public double X(double value) => Left + _x.Place(value) * (Width - Left - Right);

    public double Y(double value) => Height - Bottom - _y.Place(value) * (Height - Top - Bottom);

    public override string ToString() => _drawing.ToString();

    private void Grid()
    {
        foreach (double value in _x.Ticks())
        {
            _drawing.Line(X(value), Top, X(value), Height - Bottom, "grid");
            _drawing.Text(X(value), Height - Bottom + 16, _x.Label(value), Anchor.Middle);
        }
        foreach (double value in _y.Ticks())
        {
            _drawing.Line(Left, Y(value), Width - Right, Y(value), "grid");
            _drawing.Text(Left - 6, Y(value) + 4, _y.Label(value), Anchor.End);
        }
        _drawing.Text((Left + Width - Right) / 2.0, Height - Bottom + 36, _x.Title, Anchor.Middle);
        _drawing.Text(16, (Top + Height - Bottom) / 2.0, _y.Title, Anchor.Middle, upwards: true);
    }
}
