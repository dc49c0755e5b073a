using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Requests;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.PublicReports;

/// <summary>
/// From exact counts to what is published. Exact: totals of the month, by plates and faces, and acts of the authority and of machines
/// (lists, live views, cars, gaps), for the public to check. Small counts are hidden where categories, days, reasons and kinds of
/// request break persons down.
/// </summary>
internal static class UsageReportMaker
{
    public static UsageReport Make(CentreDatabase database, Sealing sealing, ReportMonth month, DateTimeOffset now) => database.Snapshot(transaction =>
    {
        var tally = new UsageReader(transaction, sealing, month).Read();
        var register = new RegisterReader(transaction, month, now);
        var (lists, live, centre) = (register.Lists(), register.Live(), register.Centre());
        var requests = register.Requests(LocalCalendar.Today(month.Zone, now));
        return new UsageReport
        {
            Month = month.Name,
            TimeZone = month.Zone.Id,
            MadeAt = $"{TimeZoneInfo.ConvertTime(now, month.Zone):yyyy-MM-ddTHH:mmzzz}",
            Preliminary = now.ToUnixTimeMilliseconds() < month.To,
            Empty = tally.UnitsReported == 0 && tally.BadSignatures == 0 && requests.Count == 0 && lists.Count == 0
                && live.ViewsByCamera.Values.Sum() == 0 && centre.SignIns + centre.SignInsRefused == 0,
            Hits = Exact(tally.All),
            Kinds = Kinds(tally),
            Days = Days(tally, month),
            Weeks = Weeks(tally, month),
            RejectionReasons = Codes(tally.Reasons, SmallCounts.Line),
            Contradictions = Codes(tally.Contradictions, counts => [.. counts.Select(SmallCounts.Alone)]),
            Tones = new ToneFigures(tally.Stop, tally.Check, tally.ToneUnknown, tally.BadSignatures, tally.CameLate),
            Lists = Lists(lists, tally),
            LiveViews = Live(live, tally),
            Cars = new CarFigures(
                centre.UnitsInService, tally.UnitsReported, tally.CarDays, month.Days, tally.CarSignIns, tally.CarSignInsRefused, centre.SignIns,
                centre.SignInsRefused),
            Missing = new GapFigures(
                centre.MissingNumbers, centre.AwaitedFiles, tally.Tombstoned, tally.EventRefusals.Total, Exact(tally.EventRefusals)),
            Requests = Requests(requests),
        };
    });

    private static HitFigures Exact(Outcomes all) => Hits(all.Shown, all.Confirmed, all.Rejected, all.Lapsed);

    private static HitFigures Hits(Figure shown, Figure confirmed, Figure rejected, Figure lapsed) =>
        new(shown, confirmed, rejected, lapsed, RateFigure.Of(confirmed, rejected));

    private static List<KindFigures> Kinds(UsageTally tally)
    {
        var kinds = new List<KindFigures>();
        foreach (var kind in (ListKind[])[ListKind.Plates, ListKind.Faces, ListKind.Unspecified])
        {
            var categories = PublicWords.Categories.Where(entry => entry.Kinds.Contains(kind)).Select(entry => entry.Key).ToList();
            if (tally.Hits.ContainsKey((kind, ListCategory.Unspecified)))
                categories.Add(ListCategory.Unspecified);
            var counts = categories.Select(category => tally.Hits.GetValueOrDefault((kind, category))).ToList();
            var figures = SmallCounts.Table([.. counts.Select(hits => new[] { hits.Confirmed, hits.Rejected, hits.Lapsed, hits.Shown })]);
            var rows = categories.Zip(figures, (category, row) => new CategoryFigures(ListWords.Word(category), Hits(row[3], row[0], row[1], row[2]))).ToList();
            if (rows.Count > 0)
                kinds.Add(new KindFigures(ListWords.Word(kind), Exact(counts.Aggregate(default(Outcomes), (sum, hits) => sum + hits)), rows));
        }
        return kinds;
    }

    // What is known of days: the month's totals, and by its rate and count each published week's.
    private static List<DayFigures> Days(UsageTally tally, ReportMonth month)
    {
        var all = Enumerable.Range(0, month.Days).ToArray();
        var lines = month.Weeks.Select(week => all[week.First..(week.Last + 1)]).Append(all).ToList();
        Figure[] Outcome(Func<Outcomes, long> of) => SmallCounts.Hide([.. tally.Days.Select(of)], lines);
        var (confirmed, rejected, lapsed) = (Outcome(day => day.Confirmed), Outcome(day => day.Rejected), Outcome(day => day.Lapsed));
        return [.. all.Select(day => new DayFigures($"{month.Day(day):yyyy-MM-dd}", confirmed[day], rejected[day], lapsed[day]))];
    }

    // A week's rate counts all kinds and categories together and names no outcome of a person; only tiny weeks are hidden.
    private static List<WeekFigures> Weeks(UsageTally tally, ReportMonth month)
    {
        var weeks = month.Weeks.Select(week => tally.Days[week.First..(week.Last + 1)].Aggregate(default(Outcomes), (sum, day) => sum + day)).ToList();
        var decided = SmallCounts.Line([.. weeks.Select(week => week.Decided)]);
        return [.. month.Weeks.Select((week, at) => new WeekFigures(
            $"{month.Day(week.First):yyyy-MM-dd}", $"{month.Day(week.Last):yyyy-MM-dd}", decided[at],
            decided[at].Value is null ? null : RateFigure.Of(weeks[at].Confirmed, weeks[at].Rejected)))];
    }

    private static List<CodeFigure> Codes(CodeCounts counts, Func<IReadOnlyList<long>, Figure[]> hide) =>
        [.. counts.All.Keys.Zip(hide([.. counts.All.Values]), (code, figure) => new CodeFigure(code, figure))];

    private static List<CodeFigure> Exact(CodeCounts counts) => [.. counts.All.Where(pair => pair.Value > 0).Select(pair => new CodeFigure(pair.Key, pair.Value))];

    private static ListFigures Lists(IReadOnlyList<ListCounts> lists, UsageTally tally)
    {
        // Lists and their versions are acts of the authority; entries are persons and vehicles, whose total by kind is not printed.
        var categories = lists.Select(list => new ListCategoryFigures(
            ListWords.Word(list.Kind), ListWords.Word(list.Category), list.InForce, SmallCounts.Alone(list.Entries), list.Issued, list.Revoked, list.Ended,
            Math.Round(list.OldestHours / 24.0, 1))).ToList();
        Figure Said(ListOutcome outcome) => tally.ListStates.GetValueOrDefault(outcome);
        return new ListFigures(
            categories, Said(ListOutcome.Loaded), Said(ListOutcome.Refused), Said(ListOutcome.Expired), Said(ListOutcome.Revoked),
            Said(ListOutcome.Suspended), Exact(tally.ListRefusals));
    }

    private static LiveFigures Live(LiveCounts live, UsageTally tally) => new(
        live.ViewsByCamera.Values.Sum(), Minutes(live.MsByCamera.Values.Sum()), live.WithoutReason, live.Steered, tally.LiveStreams,
        Minutes(tally.LiveStreamMs),
        [.. live.ViewsByCamera.Where(pair => pair.Value > 0).Select(pair => new CameraFigures(pair.Key, pair.Value, Minutes(live.MsByCamera[pair.Key])))]);

    private static double Minutes(long ms) => Math.Round(ms / 60_000.0, 1);

    private static RequestFigures Requests(IReadOnlyList<RequestCounts> counts)
    {
        var kinds = PublicWords.RequestKinds.Keys.Select(kind => counts.FirstOrDefault(row => row.Kind == kind) ?? new RequestCounts { Kind = kind }).ToList();
        var figures = SmallCounts.Table([.. kinds.Select(row => new[] { row.InTime, row.Late, row.Open, row.Received })]);
        return new RequestFigures(
            kinds.Sum(row => row.Received), kinds.Sum(row => row.InTime), kinds.Sum(row => row.Late), kinds.Sum(row => row.Open),
            kinds.Sum(row => row.Overdue), kinds.Sum(row => row.Refused), kinds.Sum(row => row.Extended),
            [.. kinds.Zip(figures, (row, line) => new RequestKindFigures(row.Kind, line[3], line[0], line[1], line[2]))]);
    }
}
