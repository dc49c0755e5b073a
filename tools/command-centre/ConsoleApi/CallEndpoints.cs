using System.Data.Common;
using EdgeAgent.CommandCentre.Calls;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi;

internal sealed record CallBody(
    string? Kind, bool? Urgent, string? Title, string? Details, string? Address, double? Latitude, double? Longitude, string? Contact, string? District,
    string? PoliceType);

internal sealed record CallActBody(string? UnitId, string? SeenOwner, IReadOnlyList<string>? UnitIds, bool? Accept, string? Result, string? Text);

internal sealed record HistoryBody(string? Number, string? Unit, string? Kind, long? FromUnixMs, long? ToUnixMs, long? BeforeUnixMs, string? BeforeNumber);

/// <summary>
/// Calls at the console. Every act and every reading of one is in the audit first. Dispatchers and supervisors act, administrators look on;
/// the car itself refuses a call of any other role.
/// </summary>
internal sealed class CallEndpoints(CallDesk desk, CallTable calls, CallEntryTable entries, CallReading reading, CallCommits commits)
{
    private const int MostTitle = 100, MostDetails = 4000, MostAddress = 200, MostContact = 100, MostText = 2000, MostBackUps = 10;

    public void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/calls").Needs(Permission.HandleCalls);
        _ = group.MapPost("", TakeAsync);
        _ = group.MapGet("/{callId:guid}", TellAsync);
        _ = group.MapGet("/{callId:guid}/candidates", reading.Candidates);
        _ = group.MapPost("/history", reading.HistoryAsync);
        _ = group.MapPost("/{callId:guid}/recording", (Guid callId, HttpContext context, CallVoices voices) => voices.UploadAsync(callId, context));
        _ = group.MapGet("/{callId:guid}/recording", reading.PlayAsync);
        _ = group.MapPost("/{callId:guid}/facts", CorrectAsync);
        Act(group, "dispatch", (body, _) => body.UnitId is { Length: > 0 } ? "" : "unit_required", (t, id, body, by) => desk.Dispatch(t, id, body.UnitId!, body.SeenOwner ?? "", by));
        Act(group, "hand-over", (body, _) => body.Accept is null ? "answer_required" : "", (t, id, body, by) => desk.AnswerHandOver(t, id, body.Accept!.Value, TextOf(body), by));
        Act(group, "back-up", BackUpFault, (t, id, body, by) => desk.AnswerBackUp(t, id, [.. (body.UnitIds ?? []).Distinct()], TextOf(body), by));
        Act(group, "note", (_, text) => text.Length == 0 ? "text_required" : "", (t, id, body, by) => desk.Note(t, id, TextOf(body), by));
        Act(group, "cancel", (_, text) => text.Length < 3 ? "reason_required" : "", (t, id, body, by) => desk.Cancel(t, id, TextOf(body), by));
        Act(group, "close", (body, _) => CallWords.Results.Contains(body.Result ?? "") ? "" : "result_required", (t, id, body, by) => desk.Close(t, id, body.Result!, TextOf(body), by));
        _ = api.MapGet("/places", (string query, HttpContext context, PlaceTable places) =>
            Results.Json(places.Find(query, Visibility.DistrictOf(context)), ConsoleJson.Options)).Needs(Permission.HandleCalls);
    }

    public static CallPerson PersonOf(HttpContext context) => new(context.Account(), context.Role(), Visibility.DistrictOf(context));

    public static bool MayAct(HttpContext context) => context.Role() is "dispatcher" or "supervisor";


    private static string TextOf(CallActBody body) => body.Text?.Trim() ?? "";

    private static string BackUpFault(CallActBody body, string text) =>
        body.UnitIds is { Count: > MostBackUps } ? "too_many_units" : body.UnitIds is not { Count: > 0 } && text.Length == 0 ? "text_required" : "";

    private void Act(
        RouteGroupBuilder group, string name, Func<CallActBody, string, string> fault, Func<DbTransaction, Guid, CallActBody, CallPerson, CallAnswer> act) =>
        _ = group.MapPost($"/{{callId:guid}}/{name}", async (Guid callId, CallActBody body, HttpContext context) =>
        {
            if (!MayAct(context))
                return Refusal.Of(403, "not_allowed");
            if (TextOf(body).Length > MostText)
                return Refusal.Of(400, "text_too_long");
            if (fault(body, TextOf(body)) is { Length: > 0 } problem)
                return Refusal.Of(400, problem);
            var by = PersonOf(context);
            return await commits.DoAsync(transaction => act(transaction, callId, body, by));
        });

    private async Task<IResult> TakeAsync(CallBody body, HttpContext context)
    {
        if (!MayAct(context))
            return Refusal.Of(403, "not_allowed");
        var (facts, fault) = FactsOf(body, context);
        if (facts is null)
            return Refusal.Of(400, fault);
        var by = PersonOf(context);
        return await commits.DoAsync(transaction => CallAnswer.Yes(desk.Take(transaction, facts, by)));
    }

    private async Task<IResult> CorrectAsync(Guid callId, CallBody body, HttpContext context)
    {
        if (!MayAct(context))
            return Refusal.Of(403, "not_allowed");
        var (facts, fault) = FactsOf(body, context);
        if (facts is null)
            return Refusal.Of(400, fault);
        var by = PersonOf(context);
        return await commits.DoAsync(transaction => desk.Correct(transaction, callId, facts, by));
    }

    private async Task<IResult> TellAsync(Guid callId, HttpContext context, ConsoleAccess access)
    {
        if (calls.Find(callId) is not { } call || !desk.MaySee(call, Visibility.DistrictOf(context)))
            return Refusal.Of(404, "unknown_call");
        await access.AuditAsync(new AuditRow(context.Account(), "call_read", call.Number, "console"));
        var parts = entries.Parts(callId);
        return Results.Json(
            new CallDetails
            {
                Call = CallRow.Of(call, loud: false),
                Details = call.Texts.Details,
                Contact = call.Texts.Contact,
                TakenBy = call.TakenBy,
                DispatchedBy = call.DispatchedBy,
                BackUpUnitIds = [.. parts.Where(p => p.Part == CallPart.BackUp).Select(p => p.UnitId)],
                NearbyUnitIds = [.. parts.Where(p => p.Part == CallPart.Nearby).Select(p => p.UnitId)],
                Recording = reading.StateOf(call),
                Story = [.. entries.Of(callId).Select(CallLine.Of)],
            },
            ConsoleJson.Options);
    }

    private static (CallFacts? Facts, string Fault) FactsOf(CallBody body, HttpContext context)
    {
        var own = Visibility.DistrictOf(context);
        var (title, details, address, contact) = (body.Title?.Trim() ?? "", body.Details?.Trim() ?? "", body.Address?.Trim() ?? "", body.Contact?.Trim() ?? "");
        var district = own.Length > 0 ? own : body.District?.Trim() ?? "";
        if (CallWords.Kind(body.Kind) is not { } kind)
            return (null, "kind_required");
        if (CallWords.Police(body.PoliceType, kind) is not { } police)
            return (null, "bad_police_type");
        if (title.Length == 0)
            return (null, "title_required");
        if (title.Length > MostTitle || details.Length > MostDetails || address.Length > MostAddress || contact.Length > MostContact)
            return (null, "text_too_long");
        if (district.Length > 32 || district.Any(char.IsControl))
            return (null, "bad_district");
        if (!IsPlace(body.Latitude, body.Longitude))
            return (null, "bad_place");
        var texts = new CallTexts
        {
            Title = title,
            Details = details,
            Address = address,
            Contact = contact,
            Latitude = body.Latitude,
            Longitude = body.Longitude,
        };
        return (new CallFacts(kind, body.Urgent == true, police, district, texts), "");
    }

    /// <summary>Both or neither, on the earth.</summary>
    private static bool IsPlace(double? latitude, double? longitude) =>
        latitude is null && longitude is null
        || (latitude is { } north && longitude is { } east && double.IsFinite(north) && Math.Abs(north) <= 90 && double.IsFinite(east) && Math.Abs(east) <= 180);
}

/// <summary>One act, whole: on disk, then cars and consoles, then the answer.</summary>
internal sealed class CallCommits(CommitQueue commits, CallNews news)
{
    public async Task<IResult> DoAsync(Func<DbTransaction, CallAnswer> act)
    {
        try
        {
            var answer = await commits.CommitAsync(act);
            if (answer.Change is { } change)
                news.Tell(change);
            return Told(answer);
        }
        catch (CallConflictException)
        {
            return Refusal.Of(409, "changed_meanwhile");
        }
    }

    /// <summary>A refusal as the page has words for it.</summary>
    private static IResult Told(CallAnswer answer) => answer.Code switch
    {
        "" => Results.Json(CallRow.Of(answer.Change!.Call, loud: false), ConsoleJson.Options),
        "unknown_call" => Refusal.Of(404, answer.Code),
        "unknown_unit" => Refusal.Of(400, answer.Code),
        _ => Refusal.Of(409, answer.Code),
    };
}
