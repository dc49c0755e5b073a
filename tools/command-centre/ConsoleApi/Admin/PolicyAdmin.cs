using System.Text.Json;
using Dapper;
using EdgeAgent.CommandCentre.Retention;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi.Admin;

internal sealed record PolicyBody(JsonElement Policy, string? Reason);

internal sealed record DecisionBody(string? Password, string? Code, string? Reason);

/// <summary>How long what is kept: one person proposes, another one approves with their password again, and only then it is signed.</summary>
internal sealed class PolicyAdmin(CentreDatabase database, CommitQueue commits, RetentionIssuing issuing, AccountTable accounts, StepUp stepUp, TimeProvider time)
{
    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapGet("/admin/policies", () => View()).Needs(Permission.ProposePolicies);
        _ = api.MapPost("/admin/policies", ProposeAsync).Needs(Permission.ProposePolicies);
        _ = api.MapPost("/admin/policies/{id:guid}/approve", ApproveAsync).Needs(Permission.ApprovePolicies).Costly();
        _ = api.MapPost("/admin/policies/{id:guid}/reject", RejectAsync).Needs(Permission.ApprovePolicies);
    }

    private IResult View() => database.Read(c => Administration.Ok(new
    {
        current = Of(RetentionIssuing.Current(c)),
        versions = c.Query<(long Version, long At, string By)>("SELECT version, issued_at, issued_by FROM retention_policies ORDER BY version DESC LIMIT 50")
            .Select(row => new { row.Version, issuedAtUnixMs = row.At, issuedBy = row.By }),
        clocks = RetentionClocks.All.Select(clock => new { clock.Clock, clock.Most }),
        proposals = ProposalTable.All(c).Select(proposal => new
        {
            proposalId = Uuid7.ToGuid(proposal.ProposalId),
            policy = Of(RetentionPolicy.Parser.ParseFrom(proposal.Policy)),
            proposal.State,
            proposal.ProposedBy,
            proposedAtUnixMs = proposal.ProposedAt,
            proposal.Reason,
            proposal.DecidedBy,
            decidedAtUnixMs = proposal.DecidedAt,
            proposal.DecisionReason,
        }),
    }));

    private async Task<IResult> ProposeAsync(PolicyBody body, HttpContext context)
    {
        var (account, reason) = (context.Account(), body.Reason?.Trim() ?? "");
        if (Administration.ReasonProblem(reason) is { Length: > 0 } problem)
            return Refusal.Of(400, problem);
        RetentionPolicy policy;
        try
        {
            policy = JsonParser.Default.Parse<RetentionPolicy>(body.Policy.GetRawText());
        }
        catch (Exception e) when (e is InvalidJsonException or InvalidProtocolBufferException or InvalidOperationException)
        {
            return Administration.Refused(400, "bad_policy", e.Message);
        }
        if (RetentionClocks.Problems(policy).ToList() is { Count: > 0 } problems)
            return Administration.Refused(400, "bad_policy", string.Join(' ', problems));
        var id = Uuid7.New(time);
        _ = await commits.CommitAsync(transaction =>
        {
            ProposalTable.Add(transaction, new PolicyProposal { ProposalId = id, Policy = policy.ToByteArray(), ProposedBy = account, ProposedAt = Now(), Reason = reason });
            AuditTable.Add(transaction, new AuditRow(account, "policy_proposed", Uuid7.ToGuid(id).ToString(), reason), Now());
            return 0;
        });
        return Administration.Ok(new { proposalId = Uuid7.ToGuid(id) });
    }

    private async Task<IResult> ApproveAsync(Guid id, DecisionBody body, HttpContext context)
    {
        var account = context.Account();
        if (database.Read(c => ProposalTable.Find(c, null, Uuid7.ToBytes(id))) is not { } proposal)
            return Refusal.Of(404, "unknown_proposal");
        if (proposal.ProposedBy == account)
            return Refusal.Of(403, "own_proposal");
        if (stepUp.Blocked(account) is { } wait)
            return wait;
        if (await stepUp.CodeProblemAsync(account, body.Code) is { Length: > 0 } wrongCode)
            return await stepUp.FailedAsync(context, wrongCode, "policy_approval_refused");
        if (accounts.Find(account) is not { } known || !ConsoleAccess.IsPassword(account, known.PasswordHash, body.Password ?? ""))
            return await stepUp.FailedAsync(context, "wrong_password", "policy_approval_refused");
        stepUp.Succeeded(account);
        var version = await commits.CommitAsync(transaction =>
        {
            if (ProposalTable.Decide(transaction, proposal.ProposalId, "approved", (account, ""), Now()) == 0)
                return 0;
            AuditTable.Add(transaction, new AuditRow(account, "policy_approved", id.ToString(), proposal.Reason), Now());
            return (long)issuing.Issue(transaction, RetentionPolicy.Parser.ParseFrom(proposal.Policy), account).Version;
        });
        return version > 0 ? Administration.Ok(new { version }) : Refusal.Of(409, "proposal_closed");
    }

    private async Task<IResult> RejectAsync(Guid id, DecisionBody body, HttpContext context)
    {
        var (account, reason) = (context.Account(), body.Reason?.Trim() ?? "");
        if (Administration.ReasonProblem(reason) is { Length: > 0 } problem)
            return Refusal.Of(400, problem);
        var done = await commits.CommitAsync(transaction =>
        {
            if (ProposalTable.Decide(transaction, Uuid7.ToBytes(id), "rejected", (account, reason), Now()) == 0)
                return false;
            AuditTable.Add(transaction, new AuditRow(account, "policy_rejected", id.ToString(), reason), Now());
            return true;
        });
        return done ? Results.NoContent() : Refusal.Of(409, "proposal_closed");
    }

    private static JsonElement Of(RetentionPolicy policy) => JsonSerializer.Deserialize<JsonElement>(Json.Format(policy));

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
