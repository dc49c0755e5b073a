using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Agent.Terminal;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Patrolling;

/// <summary>The plan and how far this car is with it, for the officers on duty.</summary>
internal sealed class DutyArea(DutyBook duty, DutyNotes notes, PositionBook positions, OfficerDesk officers) : IStateArea
{
    // A position older than this points no arrow.
    private const long FreshMs = 10_000;

    // What a car reaches in one, three and five minutes at 30 km/h, a city's average.
    private static readonly object[] Rings = [.. new[] { 1, 3, 5 }.Select(minutes => new { minutes, metres = minutes * 500 })];

    public string Name => "duty";

    public object? Now()
    {
        if (!officers.IsAnyOpen)
            return null;
        GeoPoint? here = Here();
        IReadOnlyList<DutyItem> items = duty.Look((shift, now) => Items(shift, now, here));
        return new
        {
            routes = duty.Look((shift, now) => new[] { (shift, now) }).Select(s => RouteOf(s.shift, [.. items.Where(i => i.PlanId == s.shift.Route.PlanId)])),
            items,
            rings = Rings,
        };
    }

    private static object RouteOf(DutyShift shift, IReadOnlyList<DutyItem> items) => new
    {
        id = shift.Route.PlanId,
        shift.Route.Name,
        fromUnixMs = shift.Shift.FromUnixMs,
        toUnixMs = shift.Shift.ToUnixMs,
        done = items.Count(i => i.State == "done"),
        missed = items.Count(i => i.State == "missed"),
        of = items.Count,
    };

    private GeoPoint? Here() => positions.Current is { Stale: false, Suspect: false, Fix: not (GnssFix.None or GnssFix.Unspecified) } p && positions.AgeMs <= FreshMs
        ? new GeoPoint { LatitudeDegrees = p.LatitudeDegrees, LongitudeDegrees = p.LongitudeDegrees }
        : null;

    private IEnumerable<DutyItem> Items(DutyShift shift, long now, GeoPoint? here)
    {
        PatrolRecord record = shift.Record();
        foreach (PatrolItem item in shift.Route.Items)
        {
            PatrolOutcome outcome = PatrolOutcome.Of(shift.Route, item, shift.Shift, now, [record]);
            if (outcome.State == PatrolState.None)
                continue;
            PatrolTally tally = record.Tallies.First(t => t.ItemId == item.ItemId);
            PatrolShift window = PatrolShifts.Window(shift.Route, item, shift.Shift) ?? shift.Shift;
            DutyNote? handed = notes.Of(shift.Route.PlanId, shift.Shift.FromUnixMs, item.ItemId, NoteKind.HandOver);
            DutyNote? why = notes.Of(shift.Route.PlanId, shift.Shift.FromUnixMs, item.ItemId, NoteKind.Missed);
            (double Metres, double Degrees)? way = here is null ? null : DutyWay.To(item, here);
            yield return new DutyItem(shift.Route.PlanId, item.ItemId, item.Name, Words.Of(item.Kind), shift.Shapes[item.ItemId], StateOf(outcome, tally))
            {
                Done = outcome.Done,
                Wanted = outcome.Wanted,
                Code = outcome.Code,
                ShortByS = outcome.Code == "too_short" ? Seconds((item.DwellSeconds * 1000L) - tally.LongestMs) : 0,
                UnknownMinutes = (int)(shift.UnknownMs(window, now) / 60_000),
                DwellS = (int)item.DwellSeconds,
                LeftS = tally.SinceUnixMs is not null && item.Kind == PatrolItemKind.Point ? Seconds((item.DwellSeconds * 1000L) - tally.StayedMs) : null,
                CoveredShare = Math.Round(tally.CoveredShare, 2),
                FromUnixMs = window.FromUnixMs,
                ToUnixMs = window.ToUnixMs,
                DoneAtUnixMs = tally.Ticks.Count > 0 ? tally.Ticks[^1].AtUnixMs : null,
                SinceUnixMs = tally.SinceUnixMs,
                LeftAtUnixMs = tally.LeftAtUnixMs,
                Metres = way is { } w ? Math.Round(w.Metres) : null,
                Degrees = way is { } d ? Math.Round(d.Degrees) : null,
                Relief = handed is null ? null : new DutyRelief(handed.AtUnixMs, handed.RelievedBy, handed.ToUnitId),
                Reason = why?.Reason ?? "",
                ReasonWords = why?.Words ?? "",
            };
        }
    }

    private static int Seconds(long ms) => (int)Math.Max(0, (ms + 999) / 1000);

    private static string StateOf(PatrolOutcome outcome, PatrolTally tally) => outcome.State switch
    {
        PatrolState.Done => "done",
        PatrolState.Missed => "missed",
        PatrolState.Later => "later",
        _ when tally.SinceUnixMs is not null || outcome.Done > 0 || tally.CoveredShare > 0 => "under_way",
        _ => "open",
    };
}

/// <summary>One item as the page shows it. State: open, under_way, done, missed, later. Degrees: from north, where it lies.</summary>
internal sealed record DutyItem(string PlanId, string ItemId, string Name, string Kind, double[][] Shape, string State)
{
    public double Done { get; init; }
    public double Wanted { get; init; }
    public string Code { get; init; } = "";
    public int ShortByS { get; init; }
    public int UnknownMinutes { get; init; }
    public int DwellS { get; init; }
    public int? LeftS { get; init; }
    public double CoveredShare { get; init; }
    public long FromUnixMs { get; init; }
    public long ToUnixMs { get; init; }
    public long? DoneAtUnixMs { get; init; }
    public long? SinceUnixMs { get; init; }
    public long? LeftAtUnixMs { get; init; }
    public double? Metres { get; init; }
    public double? Degrees { get; init; }
    public DutyRelief? Relief { get; init; }
    public string Reason { get; init; } = "";
    public string ReasonWords { get; init; } = "";
}

internal sealed record DutyRelief(long AtUnixMs, string By, string UnitId);
