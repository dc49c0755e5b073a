using System.Text.Json;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;

namespace EdgeAgent.CommandCentre.ConsoleApi.Admin;

internal sealed record DraftBody(JsonElement Draft, bool? Based, IReadOnlyList<string>? Remove);

internal sealed record ReasonBody(string? Reason);

/// <summary>A draft on the page, without what is in it.</summary>
internal sealed record DraftView(
    Guid DraftId, string ListId, string District, string State, long Version, long ValidToUnixMs, long ChangedAtUnixMs, IReadOnlyList<DraftStep> Steps, IReadOnlyList<string> Approvers);

/// <summary>Drafts of lists: written and read, each act in the audit.</summary>
internal sealed class DraftEndpoints(DraftTable drafts, DraftBook book, DraftBuilding building, CommitQueue commits, ConsoleAccess access, TimeProvider time)
{
    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapGet("/admin/drafts", (HttpContext context) => Administration.Ok(Views(context))).Needs(Permission.DraftLists);
        _ = api.MapGet("/admin/drafts/{id:guid}", ReadAsync).Needs(Permission.DraftLists);
        _ = api.MapPost("/admin/drafts", (DraftBody body, HttpContext context) => WriteAsync(null, body, context)).Needs(Permission.DraftLists).TakesUpTo(WrittenDraft.MostBytes);
        _ = api.MapPost("/admin/drafts/{id:guid}", (Guid id, DraftBody body, HttpContext context) => WriteAsync(id, body, context))
            .Needs(Permission.DraftLists).TakesUpTo(WrittenDraft.MostBytes);
        _ = api.MapPost("/admin/drafts/{id:guid}/submit", SubmitAsync).Needs(Permission.DraftLists).Costly();
        _ = api.MapPost("/admin/drafts/{id:guid}/withdraw", WithdrawAsync).Needs(Permission.DraftLists);
    }

    public IReadOnlyList<DraftView> Views(HttpContext context) => [.. drafts.All().Where(draft => IsSeen(draft, context)).Select(View)];

    /// <summary>Null: there is none, or it is another district's.</summary>
    public static DraftRow? Seen(DraftTable drafts, Guid id, HttpContext context) =>
        drafts.Find(Uuid7.ToBytes(id)) is { } draft && IsSeen(draft, context) ? draft : null;

    /// <summary>How a refusal of the book is told.</summary>
    public static IResult Answer(DraftOutcome outcome) => outcome.Code.Length == 0
        ? Administration.Ok(new { issued = outcome.Issued })
        : Refusal.Of(outcome.Code is "unknown_draft" ? 404 : outcome.Code is "own_draft" or "not_your_draft" ? 403 : 409, outcome.Code);

    /// <summary>What is in it is personal: the row of the audit comes first.</summary>
    private async Task<IResult> ReadAsync(Guid id, HttpContext context)
    {
        if (Seen(drafts, id, context) is not { } draft)
            return Refusal.Of(404, "unknown_draft");
        if (drafts.Written(draft.DraftId) is not { } written)
            return Refusal.Of(409, "draft_closed");
        await access.AuditAsync(new AuditRow(context.Account(), "draft_read", $"{id} {draft.ListId}", draft.State));
        return Administration.Ok(new
        {
            draft = View(draft),
            list = JsonSerializer.Deserialize<JsonElement>(written.List.ToJson()),
            written.Based,
            written.Remove,
            problems = building.Problems(written, draft.District),
        });
    }

    /// <summary>Kept whatever is wrong with it, and told all of it: nothing that was typed is lost.</summary>
    private async Task<IResult> WriteAsync(Guid? id, DraftBody body, HttpContext context)
    {
        WrittenDraft written;
        try
        {
            written = building.OnItsBase(WrittenDraft.Parse(body.Draft, body.Based == true, body.Remove));
        }
        catch (CentreException e)
        {
            return Administration.Refused(400, "draft_unreadable", e.Message);
        }
        if (id is { } known && Seen(drafts, known, context) is null)
            return Refusal.Of(404, "unknown_draft");
        var draftId = id is { } old ? Uuid7.ToBytes(old) : Uuid7.New(time);
        var (user, district) = (context.Account(), Visibility.DistrictOf(context));
        var outcome = await commits.CommitAsync(transaction => id is null
            ? book.Make(transaction, draftId, written, (user, district))
            : book.Edit(transaction, draftId, written, user));
        return outcome.Code.Length > 0
            ? Answer(outcome)
            : Administration.Ok(new { draftId = Uuid7.ToGuid(draftId), problems = building.Problems(written, district) });
    }

    private async Task<IResult> SubmitAsync(Guid id, ReasonBody body, HttpContext context)
    {
        var reason = body.Reason?.Trim() ?? "";
        if (Administration.ReasonProblem(reason) is { Length: > 0 } problem)
            return Refusal.Of(400, problem);
        if (Seen(drafts, id, context) is not { } draft)
            return Refusal.Of(404, "unknown_draft");
        if (draft.State != DraftState.Draft || drafts.Written(draft.DraftId) is not { } written)
            return Refusal.Of(409, draft.State == DraftState.Submitted ? "draft_submitted" : "draft_closed");
        if (building.Problems(written, draft.District) is { Count: > 0 } problems)
            return Results.Json(new { code = "draft_has_problems", problems }, ConsoleJson.Options, statusCode: 409);
        try
        {
            var list = await Task.Run(() => building.Build(written));
            var account = context.Account();
            return Answer(await commits.CommitAsync(transaction => book.Submit(transaction, draft, list, account, reason)));
        }
        catch (CentreException e)
        {
            return Administration.Refused(409, "list_refused", e.Message);
        }
    }

    private async Task<IResult> WithdrawAsync(Guid id, ReasonBody body, HttpContext context)
    {
        var reason = body.Reason?.Trim() ?? "";
        if (Administration.ReasonProblem(reason) is { Length: > 0 } problem)
            return Refusal.Of(400, problem);
        if (Seen(drafts, id, context) is not { } draft)
            return Refusal.Of(404, "unknown_draft");
        var account = context.Account();
        return Answer(await commits.CommitAsync(transaction => book.Withdraw(transaction, draft.DraftId, account, reason)));
    }

    private DraftView View(DraftRow draft) => new(
        Uuid7.ToGuid(draft.DraftId), draft.ListId, draft.District, draft.State, draft.Version, draft.ValidTo, draft.ChangedAt, drafts.Steps(draft.DraftId), drafts.Approvers(draft.DraftId));

    private static bool IsSeen(DraftRow draft, HttpContext context) =>
        Visibility.DistrictOf(context) is var district && (district.Length == 0 || draft.District == district);
}

/// <summary>Drafts as a whole, again with each step.</summary>
internal sealed class DraftsTopic(DraftEndpoints endpoints) : IConsoleTopic
{
    public string Type => "drafts";

    public Permission Needs => Permission.DraftLists;

    public object Now(HttpContext viewer) => endpoints.Views(viewer);
}
