using System.Net;
using System.Text;

namespace EdgeAgent.Benchmarks.Reporting;

/// <summary>Where a text stands relative to its point.</summary>
internal enum Anchor
{
    Start,
    Middle,
    End,
}

/// <summary>
/// An SVG picture that is being drawn, in pixels from the upper left. Colours are classes of the page's style sheet
/// (<see cref="HtmlReport"/>), so that a picture suits light and dark pages alike.
/// </summary>
internal sealed class Drawing(string title, int width, int height)
{
    private readonly StringBuilder _shapes = new();

    public int Width => width;

    public int Height => height;

    public void Line(double x1, double y1, double x2, double y2, string style) =>
        _shapes.Append($"<line class=\"{style}\" x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\"/>\n");

    /// <summary>Points that could not be told apart on the screen are left out.</summary>
    public void Path(IEnumerable<(double X, double Y)> points, string style)
    {
        const double Apart = 0.6;
        _shapes.Append($"<path class=\"{style}\" d=\"");
        (double X, double Y) drawn = (double.NaN, double.NaN), last = drawn;
        char command = 'M';
        foreach (var point in points)
        {
            last = point;
            if (command == 'L' && Math.Abs(point.X - drawn.X) < Apart && Math.Abs(point.Y - drawn.Y) < Apart)
                continue;
            _shapes.Append($"{command}{N(point.X)} {N(point.Y)} ");
            drawn = point;
            command = 'L';
        }
        if (command == 'L' && last != drawn)
            _shapes.Append($"L{N(last.X)} {N(last.Y)}");
        _shapes.Append("\"/>\n");
    }

    public void Box(double x, double y, double boxWidth, double boxHeight, string style) => _shapes.Append(
        $"<rect class=\"{style}\" x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(Math.Max(0, boxWidth))}\" height=\"{N(Math.Max(0, boxHeight))}\"/>\n");

    public void Dot(double x, double y, double radius, string style) =>
        _shapes.Append($"<circle class=\"{style}\" cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(radius)}\"/>\n");

    /// <param name="upwards">Reads from below to above.</param>
    public void Text(double x, double y, string text, Anchor anchor = Anchor.Start, bool upwards = false)
    {
        string turn = upwards ? $" transform=\"rotate(-90 {N(x)} {N(y)})\"" : "";
        string stands = anchor switch { Anchor.Middle => "middle", Anchor.End => "end", _ => "start" };
        _shapes.Append($"<text x=\"{N(x)}\" y=\"{N(y)}\" text-anchor=\"{stands}\"{turn}>{Escape(text)}</text>\n");
    }

    public override string ToString() =>
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{Escape(title)}</title>\n{_shapes}</svg>\n";

    internal static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static string N(double value) => double.IsFinite(value) ? value.ToString("0.##") : "0";
}
