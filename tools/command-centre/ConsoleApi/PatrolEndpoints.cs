using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.CommandCentre.Patrolling;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;

namespace EdgeAgent.CommandCentre.ConsoleApi;

internal sealed record PlanView(
    string PlanId, string Name, long Version, string District, bool MayEdit, long IssuedAtUnixMs, string IssuedBy, IReadOnlyList<string> Units, JsonNode Document);

/// <summary>Plans are read by all who watch cars, changed by supervisors and administrators, each within its district.</summary>
internal sealed class PatrolEndpoints(
    PatrolTable table, PatrolProgress progress, PatrolIssuing issuing, CommitQueue commits, SessionRegistry sessions, ConsoleFeed feed)
{
    private const int MostDays = 31;
    private const long MostSpanMs = 8L * 86_400_000;

    public void Map(RouteGroupBuilder api)
    {
        var patrol = api.MapGroup("/patrol").Needs(Permission.WatchField);
        _ = patrol.MapGet("/plans", (HttpContext context) => Plans(context));
        _ = patrol.MapPost("/plans", (Delegate)PutAsync);
        _ = patrol.MapDelete("/plans/{planId}", RetireAsync);
        _ = patrol.MapGet("/plans/{planId}.geojson", Export);
        _ = patrol.MapGet("/progress", Progress);
        _ = patrol.MapGet("/history", (int? days, HttpContext context) =>
            Results.Json(progress.Days(Visibility.DistrictOf(context), Math.Clamp(days ?? 14, 1, MostDays)), ConsoleJson.Options));
        _ = patrol.MapPost("/ticks", TicksAsync);
    }

    private List<PlanView> Plans(HttpContext context)
    {
        var district = Visibility.DistrictOf(context);
        return [.. PlanBook.Of(table).Current.Where(plan => progress.Sees(plan, district)).Select(plan => new PlanView(
            plan.Row.PlanId, plan.Route.Name, plan.Row.Version, plan.Row.District, MayEdit(context) && (district.Length == 0 || plan.Row.District == district),
            plan.Row.IssuedAt, plan.Row.IssuedBy, plan.Units, JsonNode.Parse(plan.Row.Document)!))];
    }

    private async Task<IResult> PutAsync(HttpContext context)
    {
        if (!MayEdit(context))
            return Refusal.Of(403, "not_allowed");
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        try
        {
            var plan = PlanDocument.Read(await reader.ReadToEndAsync(context.RequestAborted));
            var (version, units) = await commits.CommitAsync(transaction => issuing.Put(transaction, plan, Editor(context)));
            Tell(units);
            return Results.Json(new { planId = plan.Route.PlanId, version }, ConsoleJson.Options);
        }
        catch (PlanFault fault)
        {
            return Refused(fault);
        }
    }

    private async Task<IResult> RetireAsync(string planId, HttpContext context)
    {
        if (!MayEdit(context))
            return Refusal.Of(403, "not_allowed");
        try
        {
            Tell(await commits.CommitAsync(transaction => issuing.Retire(transaction, planId, Editor(context))));
            return Results.NoContent();
        }
        catch (PlanFault fault)
        {
            return Refused(fault);
        }
    }

    private IResult Export(string planId, HttpContext context) =>
        PlanBook.Of(table).Current.FirstOrDefault(plan => plan.Row.PlanId == planId && progress.Sees(plan, Visibility.DistrictOf(context))) is { } found
            ? Results.File(Encoding.UTF8.GetBytes(found.Row.Document), "application/geo+json", $"{planId}-v{found.Row.Version}.geojson")
            : Refusal.Of(404, "unknown_plan");

    private IResult Progress(long from, long to, HttpContext context) => from >= to || to - from > MostSpanMs
        ? Refusal.Of(400, "bad_span")
        : Results.Json(progress.Shifts(Visibility.DistrictOf(context), from, to), ConsoleJson.Options);

    private async Task<IResult> TicksAsync(TicksBody body, HttpContext context, ConsoleAccess access)
    {
        if (body is not { PlanId: { Length: > 0 and <= PatrolCheck.MostId } plan, ItemId: { Length: > 0 and <= PatrolCheck.MostId } item })
            return Refusal.Of(400, "unknown_plan");
        // Who was where: written down before it is shown.
        await access.AuditAsync(new AuditRow(context.Account(), "patrol_ticks_read", $"{plan}/{item}", body.FromUnixMs.ToString()));
        return Results.Json(
            progress.Ticks(Visibility.DistrictOf(context), plan, body.FromUnixMs, item).Select(one => new { one.UnitId, one.Tick.AtUnixMs, one.Tick.OfficerId }),
            ConsoleJson.Options);
    }

    private void Tell(IReadOnlyList<string> units)
    {
        foreach (var unitId in units)
            sessions.CommandsWait(unitId);
        feed.Changed("patrol");
    }

    private static bool MayEdit(HttpContext context) => context.Role() is "supervisor" or "admin";

    private static PlanEditor Editor(HttpContext context) => new(context.Account(), Visibility.DistrictOf(context));

    private static IResult Refused(PlanFault fault) => Results.Json(
        new { code = fault.Code, item = fault.ItemId }, statusCode: fault.Code switch { "unknown_plan" => 404, "plan_of_other_district" => 403, _ => 400 });
}

internal sealed record TicksBody(string? PlanId, string? ItemId, long FromUnixMs);

/// <summary>Says only that there is something new; the page asks for the span that it shows.</summary>
internal sealed class PatrolTopic(TimeProvider time) : IConsoleTopic
{
    public string Type => "patrol";

    public Permission Needs => Permission.WatchField;

    public object Now(HttpContext viewer) => new { atUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds() };
}
