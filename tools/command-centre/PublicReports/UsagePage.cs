using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.PublicReports;

/// <summary>The monthly report as a page for the public: what was shown, what officers decided, how often it was wrong.</summary>
internal static class UsagePage
{
    private static readonly Words None = Words.Same("—");

    private static readonly Words[] HitColumns =
    [
        new("类别", "Category"), new("提示", "Shown"), new("确认", "Confirmed"), new("否定", "Rejected"), new("未看到", "Not seen"),
        new("误报率 [95% 区间]，n", "False-alert rate [95 % interval], n"),
    ];

    public static string Render(UsageReport report, PageLanguage language)
    {
        var title = new Words($"车载布控比对使用月报 {report.Month}", $"Watchlist matching in patrol cars: monthly report {report.Month}");
        var page = new HtmlPage(title, language).Heading(title);
        page.Text(new($"时区 {report.TimeZone}；生成于 {report.MadeAt}。不含个人信息。", $"Time zone {report.TimeZone}; made at {report.MadeAt}. No personal data."), "meta");
        if (report.Preliminary)
            page.Text(new("本月尚未结束，数字还会变化。", "The month is not over: the numbers will change."), "banner");
        if (report.Empty)
            return page.Text(new("本月没有任何记录：没有车辆上报，没有名单，没有实时查看，没有申请。", "Nothing was recorded in this month: no car reported, and there was no list, no live view and no request."), "banner").ToString();
        WriteSummary(page, report.Hits);
        WriteHits(page, report, language);
        WriteReasons(page, report);
        UsagePageRegisters.Write(page, report);
        return page.ToString();
    }

    private static void WriteSummary(HtmlPage page, HitFigures hits)
    {
        page.Tiles(
            (new("提示警员的命中", "Hits shown to officers"), hits.Shown.Words.En, ""),
            (new("确认", "Confirmed"), hits.Confirmed.Words.En, ""),
            (new("否定", "Rejected"), hits.Rejected.Words.En, ""),
            (new("未看到", "Not seen"), hits.NotSeen.Words.En, ""),
            (new("误报率", "False-alert rate"), hits.FalseAlertRate is { } rate ? $"{rate.Value:0.0%}" : "—", hits.FalseAlertRate is { } known ? Bounds(known) : ""));
        page.Text(new(
            "误报率 = 否定 ÷（确认 + 否定）。方括号内为 95% 威尔逊置信区间，n 为已裁定的提示数。未看到：警员未在时限内裁定，既不算确认也不算否定。",
            "False-alert rate = rejected ÷ (confirmed + rejected). In brackets the 95 % Wilson interval; n counts decided alerts. Not seen: no officer decided in time, which is neither yes nor no."));
    }

    private static void WriteHits(HtmlPage page, UsageReport report, PageLanguage language)
    {
        page.Section(new("命中与裁定", "Hits and decisions"));
        foreach (var kind in report.Kinds)
        {
            var rows = kind.Categories.Select(row => (HitRow(CategoryWords(row.Category), row.Hits), false)).Append((HitRow(new("合计", "Total"), kind.Hits), true));
            page.Table(KindWords(kind.Kind), HitColumns, rows);
        }
        if (report.Hits.Shown.Value is not > 0)
            return;
        page.Chart(new("每日命中，按结果", "Hits per day, by outcome"), UsageCharts.Days(report.Days, language));
        page.Chart(new("每周误报率及 95% 区间", "False-alert rate by week, with 95 % interval"), UsageCharts.Weeks(report.Weeks, language));
        page.Table(
            new("每周误报率", "False-alert rate by week"),
            [new("周（本月部分）", "Week (its part of the month)"), new("已裁定", "Decided"), new("误报率 [95% 区间]，n", "False-alert rate [95 % interval], n")],
            report.Weeks.Select(week => (new[] { Words.Same($"{week.From[5..]} – {week.To[5..]}"), week.Decided.Words, Rate(week.FalseAlertRate, week.Decided.Value is null) }, false)));
    }

    private static void WriteReasons(HtmlPage page, UsageReport report)
    {
        page.Section(new("否定的原因与系统提示的疑点", "Why alerts were rejected, and what the car itself held against them"));
        page.Table(new("否定的原因", "Reasons for rejecting"), [new("原因", "Reason"), new("次数", "Count")], Codes(report.RejectionReasons, PublicWords.Reasons));
        page.Table(
            new("疑点（一次提示可有多个；均不隐藏提示，只降为“核查”）", "Contradictions (an alert may have several; none hides it, each makes it a “check”)"),
            [new("疑点", "Contradiction"), new("次数", "Count")], Codes(report.Contradictions, PublicWords.Contradictions));
        var tones = report.Tones;
        page.Table(
            new("提示的口气", "How alerts were put"),
            [new("口气", "Tone"), new("次数", "Count")],
            Row(new("拦停", "Stop"), tones.Stop), Row(new("核查", "Check"), tones.Check), Row(new("已裁定但车上已删，不明", "Decided, already deleted in the car: unknown"), tones.Unknown),
            Row(new("签名不符或无法读取的裁定（不计入其他各项）", "Decisions whose signature does not hold, or unreadable (in no other count)"), tones.BadSignatures),
            Row(new("月末之后才送达的提示", "Alerts that arrived after the month's end"), tones.CameLate));
    }

    public static IEnumerable<(Words[], bool)> Codes(IReadOnlyList<CodeFigure> codes, IReadOnlyDictionary<string, Words> words)
    {
        var rows = codes.Where(code => code.Count.Value != 0).Select(code => Row(words.GetValueOrDefault(code.Code, PublicWords.Unnamed), code.Count)).ToList();
        return rows.Count > 0 ? rows : [Row(new("无", "None"), 0)];
    }

    public static (Words[], bool) Row(Words name, Figure figure) => ([name, figure.Words], false);

    public static Words CategoryWords(string word) => Lists.ListWords.Category(word) is { } category ? PublicWords.Of(category) : PublicWords.Unknown;

    public static Words KindWords(string word) => PublicWords.Of(word switch { "plates" => ListKind.Plates, "faces" => ListKind.Faces, _ => ListKind.Unspecified });

    private static Words[] HitRow(Words name, HitFigures hits) =>
        [name, hits.Shown.Words, hits.Confirmed.Words, hits.Rejected.Words, hits.NotSeen.Words, Rate(hits.FalseAlertRate, hits.Confirmed.Value is null || hits.Rejected.Value is null)];

    private static Words Rate(RateFigure? rate, bool hidden) => rate is not null
        ? Words.Same($"{rate.Value:0.0%} {Bounds(rate)}")
        : hidden ? Figure.Withheld.Words : None;

    private static string Bounds(RateFigure rate) => $"[{rate.Low:0.0%}, {rate.High:0.0%}], n = {rate.Decided:#,0}";
}
