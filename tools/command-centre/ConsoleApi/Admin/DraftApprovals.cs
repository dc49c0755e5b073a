using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using Google.Protobuf;

namespace EdgeAgent.CommandCentre.ConsoleApi.Admin;

internal sealed record ApproveBody(string? Passphrase, string? Code);

/// <summary>
/// A person's approval: their passphrase opens their key for this one signature. Being signed in is not enough, and neither is the
/// key of anybody else.
/// </summary>
internal sealed class DraftApprovals(DraftTable drafts, DraftBook book, ApproverKeys keys, CentreDatabase database, CommitQueue commits, StepUp stepUp)
{
    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapPost("/admin/drafts/{id:guid}/approve", ApproveAsync).Needs(Permission.ApproveLists).Costly();
        _ = api.MapPost("/admin/drafts/{id:guid}/reject", RejectAsync).Needs(Permission.ApproveLists);
    }

    private async Task<IResult> ApproveAsync(Guid id, ApproveBody body, HttpContext context)
    {
        var account = context.Account();
        if (DraftEndpoints.Seen(drafts, id, context) is not { } draft)
            return Refusal.Of(404, "unknown_draft");
        if (database.Read(c => book.WhyNot(c, null, draft.DraftId, account)) is { Length: > 0 } code)
            return DraftEndpoints.Answer(new DraftOutcome(code));
        if (keys.Find(account) is not { } key)
            return Refusal.Of(409, "no_approver_key");
        if (key.Certificate is not { } certificate)
            return Refusal.Of(409, "approver_key_not_certified");
        if (book.ToSign(draft.DraftId) is not { } toSign)
            return Refusal.Of(409, "draft_changed");
        if (stepUp.Blocked(account) is { } wait)
            return wait;
        if (await stepUp.CodeProblemAsync(account, body.Code) is { Length: > 0 } wrongCode)
            return await stepUp.FailedAsync(context, wrongCode, "approval_refused");
        var signatures = await Task.Run(() => ApproverKeys.Sign(key, body.Passphrase ?? "", toSign));
        if (signatures is null)
            return await stepUp.FailedAsync(context, "wrong_passphrase", "approval_refused");
        stepUp.Succeeded(account);
        var approval = new DraftApproval
        {
            Account = account,
            Certificate = certificate,
            Whole = signatures[0].ToByteArray(),
            Delta = signatures.Length > 1 ? signatures[1].ToByteArray() : null,
        };
        try
        {
            return DraftEndpoints.Answer(await commits.CommitAsync(transaction => book.Approve(transaction, draft.DraftId, approval)));
        }
        catch (CentreException e)
        {
            return Administration.Refused(409, "list_refused", e.Message);
        }
    }

    private async Task<IResult> RejectAsync(Guid id, ReasonBody body, HttpContext context)
    {
        var (account, reason) = (context.Account(), body.Reason?.Trim() ?? "");
        if (Administration.ReasonProblem(reason) is { Length: > 0 } problem)
            return Refusal.Of(400, problem);
        if (DraftEndpoints.Seen(drafts, id, context) is not { } draft)
            return Refusal.Of(404, "unknown_draft");
        return DraftEndpoints.Answer(await commits.CommitAsync(transaction => book.Reject(transaction, draft.DraftId, account, reason)));
    }
}
