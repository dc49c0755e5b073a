using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.FieldRecords;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Patrolling;

/// <summary>A tick without its officer, whom only a reading in the audit tells. UnitId is "" where it is not this viewer's to see.</summary>
internal sealed record TickView(long AtUnixMs, string UnitId);

/// <param name="BeatId">The beat that it lies in; "" in none.</param>
/// <param name="Here">Units that are there right now, by their live positions.</param>
internal sealed record ItemProgress(
    string ItemId, string Name, string Kind, string BeatId, string State, double Done, double Wanted, string Code, double? NearestMetres, IReadOnlyList<TickView> Ticks,
    IReadOnlyList<string> Here, IReadOnlyList<PatrolNoteView> Notes);

/// <param name="Ticks">Visits, lines and posts that this car ticked.</param>
internal sealed record UnitProgress(string UnitId, string Label, long Positions, long Counting, int Ticks);

internal sealed record ShiftProgress
{
    public required string PlanId { get; init; }
    public required string Name { get; init; }
    public required long Version { get; init; }
    public required long FromUnixMs { get; init; }
    public required long ToUnixMs { get; init; }

    /// <summary>later, now or over.</summary>
    public required string State { get; init; }
    public required int Done { get; init; }
    public required int Missed { get; init; }
    public required int Total { get; init; }
    public required IReadOnlyList<ItemProgress> Items { get; init; }
    public required IReadOnlyList<UnitProgress> Units { get; init; }
}

internal sealed record DayProgress(string Day, string PlanId, string Name, long FromUnixMs, int Done, int Missed, int Total);

/// <summary>What of plans is done, due and missed, as far as a district may see it.</summary>
internal sealed class PatrolProgress(PatrolTable table, PatrolNoteTable notes, Fleet fleet, UnitFacts facts, Visibility visibility, TimeProvider time)
{
    private const int MostTicksShown = 20;
    private const long DayMs = 86_400_000;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    public bool Sees(PlanVersion plan, string district) =>
        district.Length == 0 || plan.Row.District == district || plan.Units.Any(unit => visibility.MaySee(district, unit));

    /// <summary>The shifts that begin within these times, and those that go on at their start, by plan.</summary>
    public IReadOnlyList<ShiftProgress> Shifts(string district, long fromUnixMs, long toUnixMs, bool whole = true)
    {
        var rows = table.Progress(fromUnixMs - DayMs, toUnixMs).ToLookup(row => (row.PlanId, row.Shift.FromUnixMs));
        var said = whole ? notes.Within(fromUnixMs - DayMs, toUnixMs) : Enumerable.Empty<PatrolNoteView>().ToLookup(_ => ("", 0L, ""));
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return [.. PlanBook.Of(table).Shifts(fromUnixMs, toUnixMs)
            .Where(one => Sees(one.Plan, district))
            .Select(one => Shift(one.Plan, one.Shift, [.. rows[(one.Plan.Row.PlanId, one.Shift.FromUnixMs)]], new Viewing(district, now, whole, said)))
            .OrderBy(shift => shift.Name, StringComparer.Ordinal).ThenBy(shift => shift.FromUnixMs)];
    }

    /// <summary>Day by day: done and missed of every plan.</summary>
    public IReadOnlyList<DayProgress> Days(string district, int days)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var offsets = PlanBook.Of(table).Current.ToDictionary(plan => plan.Row.PlanId, plan => plan.Route.UtcOffsetMinutes);
        return [.. Shifts(district, now - (days * DayMs), now, whole: false)
            .Select(shift => new DayProgress(
                DateTimeOffset.FromUnixTimeMilliseconds(shift.FromUnixMs).AddMinutes(offsets.GetValueOrDefault(shift.PlanId, 480)).ToString("yyyy-MM-dd"),
                shift.PlanId, shift.Name, shift.FromUnixMs, shift.Done, shift.Missed, shift.Total))
            .OrderByDescending(day => day.FromUnixMs)];
    }

    /// <summary>Who ticked an item, with the officer on duty; the caller writes the audit row first.</summary>
    public IReadOnlyList<(string UnitId, PatrolTick Tick)> Ticks(string district, string planId, long shiftFrom, string itemId) =>
        [.. table.Progress(shiftFrom, shiftFrom + 1)
            .Where(row => row.PlanId == planId && visibility.MaySee(district, row.UnitId))
            .SelectMany(row => row.Record.Tallies.Where(tally => tally.ItemId == itemId).SelectMany(tally => tally.Ticks).Select(tick => (row.UnitId, tick)))
            .OrderBy(tick => tick.tick.AtUnixMs)];

    private ShiftProgress Shift(PlanVersion plan, PatrolShift shift, IReadOnlyList<ProgressRow> rows, Viewing viewing)
    {
        var records = rows.Select(row => row.Record).ToList();
        var state = viewing.Now < shift.FromUnixMs ? "later" : viewing.Now < shift.ToUnixMs ? "now" : "over";
        var outcomes = plan.Route.Items.Select(item => (Item: item, Outcome: PatrolOutcome.Of(plan.Route, item, shift, viewing.Now, records))).ToList();
        var wanted = outcomes.FindAll(one => one.Outcome.State != PatrolState.None);
        var here = state == "now" && viewing.Whole ? Live(plan, viewing.District) : [];
        return new ShiftProgress
        {
            PlanId = plan.Row.PlanId,
            Name = plan.Route.Name,
            Version = plan.Row.Version,
            FromUnixMs = shift.FromUnixMs,
            ToUnixMs = shift.ToUnixMs,
            State = state,
            Done = wanted.Count(one => one.Outcome.State == PatrolState.Done),
            Missed = wanted.Count(one => one.Outcome.State == PatrolState.Missed),
            Total = wanted.Count,
            Items = viewing.Whole ? [.. wanted.Select(one => Item(plan, one.Item, one.Outcome, rows, here, viewing.District) with { Notes = Notes(plan, shift, one.Item, viewing) })] : [],
            Units = viewing.Whole ? [.. plan.Units.Where(unit => visibility.MaySee(viewing.District, unit)).Select(unit => Unit(unit, rows))] : [],
        };
    }

    private ItemProgress Item(
        PlanVersion plan, PatrolItem item, PatrolOutcome outcome, IReadOnlyList<ProgressRow> rows, IReadOnlyList<(string UnitId, GeoPoint Place)> here, string district)
    {
        var tallies = rows.SelectMany(row => row.Record.Tallies.Where(tally => tally.ItemId == item.ItemId).Select(tally => (row.UnitId, Tally: tally))).ToList();
        var ticks = tallies.SelectMany(one => one.Tally.Ticks.Select(tick => new TickView(tick.AtUnixMs, visibility.MaySee(district, one.UnitId) ? one.UnitId : "")));
        return new ItemProgress(
            item.ItemId, item.Name, item.Kind.ToString().ToLowerInvariant(), BeatOf(plan.Route, item), outcome.State.ToString().ToLowerInvariant(),
            outcome.Done, outcome.Wanted, outcome.Code, tallies.Min(one => one.Tally.NearestMetres),
            [.. ticks.OrderBy(tick => tick.AtUnixMs).Take(MostTicksShown)],
            [.. here.Where(one => IsAt(item, one.Place)).Select(one => one.UnitId)], []);
    }

    private IReadOnlyList<PatrolNoteView> Notes(PlanVersion plan, PatrolShift shift, PatrolItem item, Viewing viewing) =>
        [.. viewing.Said[(plan.Row.PlanId, shift.FromUnixMs, item.ItemId)].Where(note => visibility.MaySee(viewing.District, note.UnitId))];

    private UnitProgress Unit(string unitId, IReadOnlyList<ProgressRow> rows)
    {
        var record = rows.FirstOrDefault(row => row.UnitId == unitId)?.Record;
        return new UnitProgress(
            unitId, facts.LabelOf(unitId), record?.Positions ?? 0, record?.Counting ?? 0, record?.Tallies.Sum(tally => tally.Ticks.Count) ?? 0);
    }

    private List<(string UnitId, GeoPoint Place)> Live(PlanVersion plan, string district) =>
        [.. plan.Units.Where(unit => visibility.MaySee(district, unit))
            .Select(unit => (Unit: unit, Place: fleet.Find(unit)))
            .Where(one => one.Place is { Position: { Stale: false, Suspect: false } position } place && Fleet.HasFix(position) && fleet.Age(place) <= Fresh)
            .Select(one => (one.Unit, new GeoPoint { LatitudeDegrees = one.Place!.Position!.LatitudeDegrees, LongitudeDegrees = one.Place.Position.LongitudeDegrees }))];

    private static string BeatOf(PatrolRoute route, PatrolItem item) => item.Kind == PatrolItemKind.Beat
        ? item.ItemId
        : route.Items.FirstOrDefault(beat => beat.Kind == PatrolItemKind.Beat && IsAt(beat, item.Shape[0]))?.ItemId ?? "";

    /// <summary>By the live position alone: it shows, it ticks nothing.</summary>
    public static bool IsAt(PatrolItem item, GeoPoint place)
    {
        var plane = LocalPlane.Around(item.Shape[0]);
        var at = plane.Of(place);
        var shape = item.Shape.Select(plane.Of).ToList();
        return item.Kind switch
        {
            PatrolItemKind.Beat => at.IsWithin(shape),
            PatrolItemKind.Line => Enumerable.Range(1, shape.Count - 1).Any(n => at.MetresToPiece(shape[n - 1], shape[n]) <= item.ToleranceMetres),
            _ => at.Length <= item.ToleranceMetres,
        };
    }

    /// <summary>Who looks, at what time, and whether items and cars are wanted or the sums alone.</summary>
    private sealed record Viewing(string District, long Now, bool Whole, ILookup<(string PlanId, long ShiftFrom, string ItemId), PatrolNoteView> Said);
}
