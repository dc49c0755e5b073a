namespace EdgeAgent.CommandCentre.PublicReports;

/// <summary>The report's second half: lists, live views, cars, gaps, requests, and how it was counted.</summary>
internal static class UsagePageRegisters
{
    public static void Write(HtmlPage page, UsageReport report)
    {
        WriteLists(page, report.Lists);
        WriteLive(page, report.LiveViews);
        WriteCars(page, report.Cars, report.Missing);
        WriteRequests(page, report.Requests);
        WriteNotes(page);
    }

    private static void WriteLists(HtmlPage page, ListFigures lists)
    {
        page.Section(new("布控名单", "Watchlists"));
        if (lists.Categories.Count == 0)
            page.Text(new("没有签发过名单。", "No list was issued."));
        else
        {
            page.Table(
                new("按种类与类别；“有效”为月末或生成时", "By kind and category; “in force” at the month's end, or when this was made"),
                [
                    new("名单", "List"), new("有效份数", "In force"), new("条目", "Entries"), new("签发版本", "Versions issued"), new("撤销", "Revoked"), new("到期", "Ended"),
                    new("最早签发距今（天）", "Oldest, days"),
                ],
                lists.Categories.Select(row => (new[]
                {
                    Joined(UsagePage.KindWords(row.Kind), UsagePage.CategoryWords(row.Category)), row.InForce.Words, row.Entries.Words, row.Issued.Words, row.Revoked.Words,
                    row.Ended.Words, row.InForce.Value > 0 ? Words.Same($"{row.OldestDays:0.#}") : Words.Same("—"),
                }, false)));
        }
        page.Table(
            new("车辆对名单的处理", "What cars did with lists"),
            [new("处理", "Outcome"), new("次数", "Count")],
            UsagePage.Row(new("载入", "Loaded"), lists.Loaded), UsagePage.Row(new("拒绝", "Refused"), lists.RefusedByCars), UsagePage.Row(new("到期销毁", "Expired and destroyed"), lists.Expired),
            UsagePage.Row(new("因撤销销毁", "Destroyed when revoked"), lists.Revoked), UsagePage.Row(new("暂停", "Suspended"), lists.Suspended));
        if (lists.RefusalCodes.Count > 0)
            page.Table(new("车辆拒绝名单的原因", "Why cars refused lists"), [new("原因", "Reason"), new("次数", "Count")], UsagePage.Codes(lists.RefusalCodes, PublicWords.ListRefusals));
    }

    private static void WriteLive(HtmlPage page, LiveFigures live)
    {
        page.Section(new("实时查看", "Live views"));
        page.Text(new("每次查看须有理由、有时限，车内可见；理由的文字可能涉及个人，只计数。", "Each needs a reason and an end and is shown in the car. Reasons are free text and may name people, so they are only counted."));
        page.Table(
            new("总数", "Totals"),
            [new("项目", "Item"), new("数量", "Number")],
            UsagePage.Row(new("查看次数", "Views"), live.Views), Minutes(new("开放分钟", "Minutes open"), live.Minutes), UsagePage.Row(new("没有理由的", "Without a reason"), live.WithoutReason),
            UsagePage.Row(new("其中转动过摄像机的", "In which the camera was steered"), live.Steered),
            UsagePage.Row(new("车辆报告结束的传输", "Transmissions that cars reported ended"), live.StreamsEnded), Minutes(new("车辆实际传输分钟", "Minutes that cars sent"), live.SentMinutes));
        if (live.Cameras.Count > 0)
        {
            page.Table(
                new("按摄像机位置", "By the camera's place on the car"),
                [new("摄像机", "Camera"), new("次数", "Views"), new("开放分钟", "Minutes open")],
                live.Cameras.Select(row => (new[] { row.Camera == CodeCounts.Other ? PublicWords.Unnamed : Words.Same(row.Camera), row.Views.Words, Words.Same($"{row.Minutes:#,0.#}") }, false)));
        }
    }

    private static void WriteCars(HtmlPage page, CarFigures cars, GapFigures missing)
    {
        page.Section(new("车辆、登录与缺失的记录", "Cars, sign-ins and missing records"));
        page.Table(
            new("车辆与登录", "Cars and sign-ins"),
            [new("项目", "Item"), new("数量", "Number")],
            UsagePage.Row(new("在用车辆", "Cars in service"), cars.InService), UsagePage.Row(new("有上报的车辆", "Cars that reported"), cars.Reported),
            UsagePage.Row(new($"上报车日（本月 {cars.DaysOfMonth} 天）", $"Car-days with a report (the month has {cars.DaysOfMonth} days)"), cars.CarDays),
            UsagePage.Row(new("车上登录", "Sign-ins in cars"), cars.OfficerSignIns), UsagePage.Row(new("车上登录被拒", "Sign-ins refused in cars"), cars.OfficerSignInsRefused),
            UsagePage.Row(new("指挥中心登录", "Sign-ins at the centre"), cars.ConsoleSignIns), UsagePage.Row(new("指挥中心登录被拒", "Sign-ins refused at the centre"), cars.ConsoleSignInsRefused));
        page.Table(
            new("中心没有收到的记录", "What did not reach the centre"),
            [new("项目", "Item"), new("数量", "Number")],
            UsagePage.Row(new("编号缺失、至今未补", "Numbers missing and still not here"), missing.Numbers), UsagePage.Row(new("已声明、至今未到的证据文件", "Evidence files announced and not here"), missing.Files),
            UsagePage.Row(new("送达前已按时删除的编号", "Numbers deleted on their clock before they could be sent"), missing.DeletedBeforeSending),
            UsagePage.Row(new("中心拒收的事件", "Events that the centre refused"), missing.RefusedEvents));
        if (missing.RefusalCodes.Count > 0)
            page.Table(new("中心拒收的原因", "Why the centre refused events"), [new("原因", "Reason"), new("次数", "Count")], UsagePage.Codes(missing.RefusalCodes, PublicWords.EventRefusals));
    }

    private static void WriteRequests(HtmlPage page, RequestFigures requests)
    {
        page.Section(new("公众的申请与投诉", "Requests and complaints of the public"));
        page.Table(
            new("本月收到的，按现在的状态", "Received in the month, as they stand now"),
            [new("种类", "Kind"), new("收到", "Received"), new("按时答复", "Answered in time"), new("逾期答复", "Answered late"), new("未答复", "Open")],
            requests.Kinds.Select(row => (new[] { PublicWords.RequestKinds[row.Kind], row.Received.Words, row.InTime.Words, row.Late.Words, row.Open.Words }, false))
                .Append(([new("合计", "Total"), requests.Received.Words, requests.InTime.Words, requests.Late.Words, requests.Open.Words], true)));
        page.Text(new(
            $"未答复的当中已逾期 {requests.Overdue.Words.Zh} 件；拒绝 {requests.Refused.Words.Zh} 件；延期 {requests.Extended.Words.Zh} 件。",
            $"Of the open ones {requests.Overdue.Words.En} are overdue. Refused: {requests.Refused.Words.En}. Extended: {requests.Extended.Words.En}."));
    }

    private static void WriteNotes(HtmlPage page) => page.Section(new("怎样统计", "How this was counted")).Points(
        new(
            "按类别、日期、否定原因、名单条目和申请种类细分时，1 至 4 写作“少于5”，以免有人从中认出邻人；能由合计倒推出来的其他数字写作“不公布”。全月合计、车牌与人脸的合计、每周误报率以及机关和机器的行为（名单、实时查看、车辆）照实公布，以便监督。",
            "In breakdowns by category, day, reason, list entries and kind of request, 1 to 4 are printed as “<5”, so that nobody finds a neighbour in them; other numbers from which those would follow are withheld. Totals of the month, of plates and of faces, weekly rates, and acts of the authority and of machines (lists, live views, cars) are printed as they are, for the public to check."),
        new("事件按车上记录的时刻归入月份和日期，晚到的补入后数字会变。", "An event belongs to the month and day at which the car recorded it; late ones change the numbers when they come."),
        new("误报率只说明被提示的当中有多少被警员否定，不说明漏过了多少。", "The rate says how many of those shown were rejected by officers, not how many were missed."),
        new("一个人被多辆车看到，计为多次。", "A person seen by several cars is counted several times."));

    private static Words Joined(Words a, Words b) => new($"{a.Zh}：{b.Zh}", $"{a.En}: {b.En}");

    private static (Words[], bool) Minutes(Words name, double minutes) => ([name, Words.Same($"{minutes:#,0.#}")], false);
}
