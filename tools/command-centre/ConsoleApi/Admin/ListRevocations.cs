using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi.Admin;

internal sealed record RevokeBody(string? Reason, string? Typed);

/// <summary>
/// Taking a list or an entry back needs one person and is instant: what stops somebody wrongly must end at once. The id is typed, so
/// that a slip of the hand ends nothing.
/// </summary>
internal sealed class ListRevocations(ListIssuing issuing, ListTable lists, DraftTable drafts, Visibility visibility, CentreDatabase database, CommitQueue commits)
{
    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapPost("/admin/lists/{listId}/revoke", (string listId, RevokeBody body, HttpContext context) => RevokeAsync(listId, "", body, context)).Needs(Permission.RevokeLists);
        _ = api.MapPost("/admin/lists/{listId}/entries/{entryId}/revoke", RevokeAsync).Needs(Permission.RevokeLists);
        _ = api.MapGet("/admin/lists/{listId}/history", (string listId) => Administration.Ok(History(listId))).Needs(Permission.DraftLists);
    }

    private async Task<IResult> RevokeAsync(string listId, string entryId, RevokeBody body, HttpContext context)
    {
        var (account, reason) = (context.Account(), body.Reason?.Trim() ?? "");
        if (Administration.ReasonProblem(reason) is { Length: > 0 } problem)
            return Refusal.Of(400, problem);
        if (body.Typed?.Trim() != (entryId.Length > 0 ? entryId : listId))
            return Refusal.Of(400, "typed_wrong");
        if (lists.All().FirstOrDefault(list => list.ListId == listId) is not { } known)
            return Refusal.Of(404, "unknown_list");
        if (known.RevokedAt is not null)
            return Refusal.Of(409, "list_revoked");
        var to = lists.UnitsOf(listId);
        if (Visibility.DistrictOf(context).Length > 0 && (to.Count == 0 || !to.All(unit => visibility.MaySee(context, unit))))
            return Refusal.Of(403, "other_district");
        try
        {
            _ = await commits.CommitAsync(transaction =>
            {
                if (entryId.Length > 0)
                    issuing.RevokeEntry(transaction, listId, entryId, reason, account);
                else
                    issuing.Revoke(transaction, listId, reason, account);
                return 0;
            });
        }
        catch (CentreException)
        {
            return Refusal.Of(409, entryId.Length > 0 ? "unknown_entry" : "list_revoked");
        }
        return Results.NoContent();
    }

    /// <summary>Each act on this list, oldest first: steps of its drafts, and what the audit says of its versions and revocations.</summary>
    private IReadOnlyList<DraftStep> History(string listId)
    {
        var steps = drafts.All().Where(draft => draft.ListId == listId).SelectMany(draft => drafts.Steps(draft.DraftId)).Where(step => step.Act != "issued");
        return [.. steps.Concat(database.Read(c => AuditReading.OfList(c, listId))).OrderBy(step => step.At)];
    }
}
