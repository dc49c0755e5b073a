using System.Globalization;
using System.Text;
using EdgeAgent.CommandCentre.Patrolling;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>How long police cars were seen where: cells of 250 m, whole hours, only the units that the viewer may see.</summary>
internal sealed class VisibilityEndpoints(VisibilityTable table, PatrolTable plans, PatrolProgress progress, Visibility visibility)
{
    private const long HourMs = 3_600_000, MostHours = 31 * 24;
    private const int MostBeatCells = 5_000, ShownOfBeat = 200;

    public void Map(RouteGroupBuilder api)
    {
        var seen = api.MapGroup("/visibility").Needs(Permission.WatchField);
        _ = seen.MapGet("", (long from, long to, HttpContext context) => Hours(from, to) is not { } span
            ? Refusal.Of(400, "bad_span")
            : Results.Json(new { cellMetres = CellGrid.CellMetres, cells = Cells(span, context).Select(View) }, ConsoleJson.Options));
        _ = seen.MapGet("/cells.csv", CsvAsync);
        _ = seen.MapGet("/beat", Beat);
    }

    private IReadOnlyList<SeenCell> Cells((long From, long To) hours, HttpContext context)
    {
        var district = Visibility.DistrictOf(context);
        return table.Between(hours.From, hours.To, unitId => visibility.MaySee(district, unitId));
    }

    private async Task<IResult> CsvAsync(long from, long to, HttpContext context, ConsoleAccess access)
    {
        if (Hours(from, to) is not { } span)
            return Refusal.Of(400, "bad_span");
        await access.AuditAsync(new AuditRow(context.Account(), "visibility_exported", $"{span.From}-{span.To}", ""));
        var csv = new StringBuilder("west,south,east,north,car_minutes,cars\n");
        foreach (var cell in Cells(span, context))
        {
            var (west, south, east, north) = CellGrid.Bounds(cell.Row, cell.Column);
            csv.Append(CultureInfo.InvariantCulture, $"{west:0.000000},{south:0.000000},{east:0.000000},{north:0.000000},{cell.Seconds / 60.0:0.00},{cell.Cars}\n");
        }
        return Results.File(Encoding.UTF8.GetBytes(csv.ToString()), "text/csv; charset=utf-8", $"visibility-{span.From}-{span.To}.csv");
    }

    /// <summary>The cells of a beat that were seen least, those never seen first.</summary>
    private IResult Beat(string plan, string item, long from, long to, HttpContext context)
    {
        if (Hours(from, to) is not { } span)
            return Refusal.Of(400, "bad_span");
        var district = Visibility.DistrictOf(context);
        var beat = PlanBook.Of(plans).Current.FirstOrDefault(p => p.Row.PlanId == plan && progress.Sees(p, district))?
            .Route.Items.FirstOrDefault(i => i.ItemId == item && i.Kind == PatrolItemKind.Beat);
        if (beat is null)
            return Refusal.Of(404, "unknown_beat");
        if (CellsOf(beat) is not { } own)
            return Refusal.Of(400, "beat_too_large");
        var known = Cells(span, context).ToDictionary(cell => (cell.Row, cell.Column));
        var all = own.Select(cell => known.GetValueOrDefault(cell) ?? new SeenCell(cell.Row, cell.Column, 0, 0)).OrderBy(cell => cell.Seconds).ToList();
        return Results.Json(
            new { cells = all.Count, never = all.Count(cell => cell.Seconds == 0), least = all.Take(ShownOfBeat).Select(View) }, ConsoleJson.Options);
    }

    /// <summary>Cells whose middle lies in the beat; null where they are too many.</summary>
    private static List<(int Row, int Column)>? CellsOf(PatrolItem beat)
    {
        var plane = LocalPlane.Around(beat.Shape[0]);
        var ring = beat.Shape.Select(plane.Of).ToList();
        var (west, east) = (beat.Shape.Min(p => p.LongitudeDegrees), beat.Shape.Max(p => p.LongitudeDegrees));
        var (south, north) = (CellGrid.Of(beat.Shape.Min(p => p.LatitudeDegrees), west).Row, CellGrid.Of(beat.Shape.Max(p => p.LatitudeDegrees), west).Row);
        var found = new List<(int, int)>();
        for (var row = south; row <= north; row++)
        {
            var latitude = (CellGrid.Bounds(row, 0).South + CellGrid.Bounds(row, 0).North) / 2;
            for (int column = CellGrid.Of(latitude, west).Column, last = CellGrid.Of(latitude, east).Column; column <= last; column++)
            {
                var (left, _, right, _) = CellGrid.Bounds(row, column);
                if (plane.Of(latitude, (left + right) / 2).IsWithin(ring))
                    found.Add((row, column));
                if (found.Count > MostBeatCells || (north - south + 1L) * (last - column) > 100L * MostBeatCells)
                    return null;
            }
        }
        return found;
    }

    private static object View(SeenCell cell)
    {
        var (west, south, east, north) = CellGrid.Bounds(cell.Row, cell.Column);
        return new { id = $"{cell.Row}/{cell.Column}", bounds = new[] { west, south, east, north }, minutes = Math.Round(cell.Seconds / 60.0, 1), cell.Cars };
    }

    /// <summary>Whole Unix hours that a span touches; null where it is none or too long.</summary>
    private static (long From, long To)? Hours(long fromUnixMs, long toUnixMs)
    {
        var (from, to) = (fromUnixMs / HourMs, (toUnixMs + HourMs - 1) / HourMs);
        return fromUnixMs >= 0 && fromUnixMs < toUnixMs && to - from <= MostHours ? (from, to) : null;
    }
}
