namespace EdgeAgent.Benchmarks.Reporting;

/// <summary>A named line of a chart, in the order in which it is drawn.</summary>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>A named heap of values of a histogram.</summary>
internal sealed record Heap(string Name, IReadOnlyList<float> Values);

/// <summary>A named share of a bar chart.</summary>
internal sealed record Bar(string Name, Interval Share);

/// <summary>The pictures that a report is made of, as SVG text for <see cref="HtmlReport.Chart"/>.</summary>
internal static class Charts
{
    /// <summary>ROC, DET, precision and recall: whatever one value does as another moves.</summary>
    public static string Curves(string title, Axis x, Axis y, params IReadOnlyList<Series> series)
    {
        var plot = new Plot(title, x, y, [.. series.Select(s => s.Name)]);
        for (int i = 0; i < series.Count; i++)
            plot.Drawing.Path(series[i].Points.Select(p => (plot.X(p.X), plot.Y(p.Y))), Plot.Style(i));
        return plot.ToString();
    }

    /// <summary>Horizontal bars 0 … 1, each with its interval and its count.</summary>
    public static string Bars(string title, params IReadOnlyList<Bar> bars)
    {
        const int Row = 30, Left = 220, Right = 190, Width = 720;
        var drawing = new Drawing(title, Width, bars.Count * Row + 10);
        double X(double share) => Left + Math.Clamp(share, 0, 1) * (Width - Left - Right);
        for (int i = 0; i < bars.Count; i++)
        {
            var (name, share) = bars[i];
            double top = i * Row + 6, middle = top + 9;
            drawing.Text(Left - 8, middle + 4, name, Anchor.End);
            drawing.Box(Left, top, X(1) - Left, 18, "track");
            drawing.Box(Left, top, X(share.Value) - Left, 18, Plot.Fill(0));
            Whisker(drawing, X(share.Low), middle, X(share.High), middle);
            drawing.Text(X(1) + 8, middle + 4, share.ToString());
        }
        return drawing.ToString();
    }

    /// <summary>Shares of each heap by value; what lies beyond the axis counts in its outermost bin.</summary>
    public static string Histogram(string title, Axis x, int bins, params IReadOnlyList<Heap> heaps)
    {
        var shares = heaps.Select(h => Shares(x, bins, h.Values)).ToArray();
        double most = shares.SelectMany(s => s).DefaultIfEmpty(0).Max();
        var plot = new Plot(title, x, new Axis("share", 0, Math.Max(most * 1.05, 1e-3)), [.. heaps.Select(h => $"{h.Name}, n = {h.Values.Count}")]);
        double wide = (x.To - x.From) / bins;
        for (int i = 0; i < heaps.Count; i++)
        {
            var outline = new List<(double, double)> { (plot.X(x.From), plot.Y(0)) };
            for (int b = 0; b < bins; b++)
            {
                outline.Add((plot.X(x.From + b * wide), plot.Y(shares[i][b])));
                outline.Add((plot.X(x.From + (b + 1) * wide), plot.Y(shares[i][b])));
            }
            outline.Add((plot.X(x.To), plot.Y(0)));
            plot.Drawing.Path(outline, Plot.Fill(i));
            plot.Drawing.Path(outline, Plot.Style(i));
        }
        return plot.ToString();
    }

    /// <summary>
    /// How often a stated confidence was right: on the diagonal it means what it says. Each bin carries its interval and how many
    /// readings lie in it.
    /// </summary>
    public static string Reliability(string title, IReadOnlyList<ReliabilityBin> bins)
    {
        var plot = new Plot(title, new Axis("stated confidence (mean of the bin)", 0, 1), new Axis("share that was right", 0, 1), []);
        plot.Drawing.Line(plot.X(0), plot.Y(0), plot.X(1), plot.Y(1), "grid strong");
        foreach (var bin in bins.Where(b => b.Count > 0))
        {
            double x = plot.X(bin.Confidence);
            Whisker(plot.Drawing, x, plot.Y(bin.Right.Low), x, plot.Y(bin.Right.High));
            plot.Drawing.Dot(x, plot.Y(bin.Right.Value), 4, "dot s1");
            plot.Drawing.Text(x, plot.Y(bin.Right.Low) + 14, $"{bin.Count}", Anchor.Middle);
        }
        plot.Drawing.Path(bins.Where(b => b.Count > 0).Select(b => (plot.X(b.Confidence), plot.Y(b.Right.Value))), Plot.Style(0));
        return plot.ToString();
    }

    private static double[] Shares(Axis x, int bins, IReadOnlyList<float> values)
    {
        var shares = new double[bins];
        foreach (float value in values)
            shares[Math.Clamp((int)((value - x.From) / (x.To - x.From) * bins), 0, bins - 1)] += 1.0 / values.Count;
        return shares;
    }

    private static void Whisker(Drawing drawing, double x1, double y1, double x2, double y2)
    {
        bool level = y1 == y2;
        double dx = level ? 0 : 4, dy = level ? 4 : 0;
        drawing.Line(x1, y1, x2, y2, "whisker");
        drawing.Line(x1 - dx, y1 - dy, x1 + dx, y1 + dy, "whisker");
        drawing.Line(x2 - dx, y2 - dy, x2 + dx, y2 + dy, "whisker");
    }
}
