using System.Net;
using System.Text;

namespace EdgeAgent.CommandCentre.PublicReports;

/// <summary>A picture of lines, boxes and words, in pixels from the upper left. Colours are classes of <see cref="PageStyle"/>.</summary>
internal sealed class Svg(string title, int width, int height)
{
    private readonly StringBuilder shapes = new();

    public Svg Line(double x1, double y1, double x2, double y2, string style)
    {
        shapes.Append($"<line class=\"{style}\" x1=\"{x1:0.##}\" y1=\"{y1:0.##}\" x2=\"{x2:0.##}\" y2=\"{y2:0.##}\"/>\n");
        return this;
    }

    public Svg Box(double x, double y, double wide, double high, string style)
    {
        shapes.Append($"<rect class=\"{style}\" x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{wide:0.##}\" height=\"{high:0.##}\"/>\n");
        return this;
    }

    public Svg Dot(double x, double y, string style)
    {
        shapes.Append($"<circle class=\"{style}\" cx=\"{x:0.##}\" cy=\"{y:0.##}\" r=\"4\"/>\n");
        return this;
    }

    /// <param name="anchor">start, middle or end.</param>
    public Svg Text(double x, double y, string text, string anchor = "start")
    {
        shapes.Append($"<text x=\"{x:0.##}\" y=\"{y:0.##}\" text-anchor=\"{anchor}\">{WebUtility.HtmlEncode(text)}</text>\n");
        return this;
    }

    public override string ToString() =>
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{WebUtility.HtmlEncode(title)}</title>\n{shapes}</svg>\n";
}
