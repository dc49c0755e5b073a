namespace EdgeAgent.CommandCentre.PublicReports;

/// <summary>The curves of a month. They are drawn from published figures alone, so a picture tells no more than the tables.</summary>
internal static class UsageCharts
{
    private const int Width = 720, Height = 266, Left = 44, Right = 12, Top = 12, Bottom = 62;

    /// <summary>What a hidden count is drawn as, whatever it is.</summary>
    private const double HiddenHeight = 2.5;

    private static readonly double[] RoundSteps = [1, 2, 5, 10];

    private static readonly (Words Words, string Style)[] Outcomes =
        [(new("确认", "confirmed"), "s1"), (new("否定", "rejected"), "s2"), (new("未看到", "not seen"), "s3")];

    public static string Days(IReadOnlyList<DayFigures> days, PageLanguage language)
    {
        var most = days.Max(day => Stack(day).Sum(Drawn));
        var step = Step(most);
        var top = Math.Max(step, Math.Ceiling(most / step) * step);
        var svg = Grid(new Words("每日命中", "Hits per day").In(language), step, top, value => $"{value:0}");
        var slot = (double)(Width - Left - Right) / days.Count;
        for (var at = 0; at < days.Count; at++)
        {
            var (x, base0) = (Left + at * slot, 0.0);
            foreach (var (figure, (_, style)) in Stack(days[at]).Zip(Outcomes))
            {
                var high = Drawn(figure);
                if (high > 0)
                    svg.Box(x + slot * 0.15, Y(base0 + high, top), slot * 0.7, Y(base0, top) - Y(base0 + high, top), figure.Value is null ? $"bar hidden {style}" : $"bar {style}");
                base0 += high;
            }
            svg.Text(x + slot / 2, Height - Bottom + 14, $"{at + 1}", "middle");
        }
        double legend = Left;
        foreach (var (words, style) in Outcomes)
        {
            Key(svg, legend, Height - 36, style, words.In(language));
            legend += 150;
        }
        Key(svg, Left, Height - 16, "s1 hidden", new Words("少于5或不公布（高度不表示数值）", "<5 or withheld (not to scale)").In(language));
        return svg.ToString();
    }

    /// <summary>Each week's share of wrong alerts among the decided, with its 95 % interval.</summary>
    public static string Weeks(IReadOnlyList<WeekFigures> weeks, PageLanguage language)
    {
        var most = weeks.Max(week => week.FalseAlertRate?.High ?? 0);
        var top = most <= 0.1 ? 0.1 : most <= 0.25 ? 0.25 : most <= 0.5 ? 0.5 : 1;
        var svg = Grid(new Words("每周误报率", "False-alert rate by week").In(language), top / 5, top, value => $"{value:0.#%}");
        var slot = (double)(Width - Left - Right) / weeks.Count;
        (double X, double Y)? before = null;
        for (var at = 0; at < weeks.Count; at++)
        {
            var (week, x) = (weeks[at], Left + (at + 0.5) * slot);
            svg.Text(x, Height - Bottom + 16, $"{week.From[5..]} – {week.To[5..]}", "middle").Text(x, Height - Bottom + 34, Decided(week, language), "middle");
            if (week.FalseAlertRate is not { } rate)
            {
                before = null;
                continue;
            }
            var (y, low, high) = (Y(rate.Value, top), Y(rate.Low, top), Y(rate.High, top));
            if (before is { } from)
                svg.Line(from.X, from.Y, x, y, "line s2");
            svg.Line(x, low, x, high, "whisker").Line(x - 5, low, x + 5, low, "whisker").Line(x - 5, high, x + 5, high, "whisker").Dot(x, y, "dot s2");
            before = (x, y);
        }
        return svg.ToString();
    }

    private static Figure[] Stack(DayFigures day) => [day.Confirmed, day.Rejected, day.NotSeen];

    private static double Drawn(Figure figure) => figure.Value ?? HiddenHeight;

    private static string Decided(WeekFigures week, PageLanguage language) =>
        week.Decided.Value is null ? $"n: {week.Decided.Words.In(language)}" : $"n = {week.Decided.Words.En}";

    private static Svg Grid(string title, double step, double top, Func<double, string> label)
    {
        var svg = new Svg(title, Width, Height);
        for (var line = 0; line * step <= top * 1.0001; line++)
        {
            var y = Y(line * step, top);
            svg.Line(Left, y, Width - Right, y, "grid").Text(Left - 6, y + 4, label(line * step), "end");
        }
        return svg;
    }

    private static double Y(double value, double top) => Height - Bottom - value / top * (Height - Top - Bottom);

    /// <summary>1, 2 or 5 times a power of ten, for about five lines.</summary>
    private static double Step(double most)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(most / 5, 1))));
        return RoundSteps.Select(times => times * power).First(step => step * 5 >= most);
    }

    private static void Key(Svg svg, double x, double y, string style, string words) => svg.Box(x, y, 12, 12, $"bar {style}").Text(x + 18, y + 10, words);
}
