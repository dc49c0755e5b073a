using System.Globalization;
using EdgeAgent.Benchmarks.Reporting;
using EdgeAgent.Rig.Drives;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>The drives' figures for people: a table of strategies on the terminal, a page with all groups.</summary>
internal static class DriveReport
{
    private static readonly string[] s_groupColumns = ["", "visits", "found", "read", "wrong", "missed", "read, share", "95 % interval"];

    public static void Table(IReadOnlyList<DriveFigures> strategies, TextWriter to)
    {
        string[] widths = [.. strategies[0].ByWidth.Select(w => w.Name)];
        to.WriteLine($"{"strategy",-24}{"read",8}{string.Concat(widths.Select(w => $"{w,10}"))}{"wrong",7}{"cores/cam",11}{"MB",6}{"dropped",9}");
        foreach (DriveFigures s in strategies)
            to.WriteLine($"{s.Strategy,-24}{Share(s.Recall),8}{string.Concat(s.ByWidth.Select(w => $"{Share(w.Recall),10}"))}{s.WrongTells,7}{Number(s.CoresACamera),11}{Number(s.RssMb),6}{s.FramesDropped,9}");
    }

    public static HtmlReport Page(IReadOnlyList<DriveFigures> strategies, DriveOptions drives, int camerasAtOnce)
    {
        var page = new HtmlReport("Plates on rig drives")
            .Text($"Seven drawn drives (seed {drives.Seed}, {Shutter(drives.LongestShutterSeconds)}), played over RTSP to the real process, {camerasAtOnce} camera(s) at a time. A visit counts when its plate is at least 64 px wide in the main stream for half a second; the bin 48-64 is for comparison only. Read: told character by character. Legible: the plate moves less than half a character while the shutter is open, at least once.")
            .Section("Strategies")
            .Table("One row a strategy; cores are those of the process that looks, for each camera.",
                ["strategy", "visits", "read, share", "95 % interval", "legible, share", "wrong tells", "cores a camera", "RSS MB", "analysed", "dropped"],
                [.. strategies.Select(s => (string[])[s.Strategy, Number(s.Visits), Share(s.Recall), Bounds(s.RecallBounds), Share(s.Legible.Recall), Number(s.WrongTells), Number(s.CoresACamera), Number(s.RssMb), Number(s.FramesAnalysed), Number(s.FramesDropped)])]);
        foreach (DriveFigures s in strategies)
        {
            page.Section(s.Strategy).Text(s.Description);
            Groups(page, "By greatest plate width in the main stream, px", s.ByWidth);
            Groups(page, "By plate class", s.ByClass);
            Groups(page, "By light", s.ByLight);
            Groups(page, "By least smear, in widths of a character", s.BySmear);
            Groups(page, "By course", s.ByCourse);
        }
        return page;
    }

    private static void Groups(HtmlReport page, string caption, IReadOnlyList<DriveGroup> groups) => page.Table(caption, s_groupColumns,
        [.. groups.Select(g => (string[])[g.Name, Number(g.Visits), Number(g.Found), Number(g.Read), Number(g.Wrong), Number(g.Missed), Share(g.Recall), Bounds(g.RecallBounds)])]);

    private static string Shutter(float longest) => float.IsFinite(longest) ? $"shutters of 1/{Number(MathF.Round(1 / longest))} s at most" : "automatic exposure";

    private static string Share(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Bounds(double[] bounds) => $"{Share(bounds[0])} – {Share(bounds[1])}";
}
