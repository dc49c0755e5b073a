using System.Data.Common;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;

namespace EdgeAgent.CommandCentre.ConsoleApi.Admin;

internal sealed record DecisionBody(string? Password, string? Code, string? Reason);

/// <summary>Something that one person proposes and another one approves.</summary>
/// <param name="Name">Of the table, and what the audit's actions begin with.</param>
/// <param name="Note">What the audit says of a proposal beside its id; "" = nothing.</param>
/// <param name="TakeEffect">In the transaction that approves it, for the account that does; what the approver's page is told.</param>
/// <param name="IsReached">Whether it is anything to whoever asks; null: the whole city's, everybody's.</param>
internal sealed record ProposalKind(
    string Name, Func<Proposal, string> Note, Func<DbTransaction, Proposal, string, object> TakeEffect, Func<Proposal, HttpContext, bool>? IsReached = null);

/// <summary>Proposals of any kind: nobody approves their own, and approving asks for the password again.</summary>
internal sealed class ProposalDesk(CentreDatabase database, CommitQueue commits, StepUp stepUp, TimeProvider time)
{
    /// <summary>Approving and rejecting, below the path of a kind.</summary>
    public void Map(RouteGroupBuilder api, string path, ProposalKind kind)
    {
        _ = api.MapPost($"{path}/{{id:guid}}/approve", (Guid id, DecisionBody body, HttpContext context) => ApproveAsync(kind, id, body, context)).Needs(Permission.ApprovePolicies).Costly();
        _ = api.MapPost($"{path}/{{id:guid}}/reject", (Guid id, DecisionBody body, HttpContext context) => RejectAsync(kind, id, body, context)).Needs(Permission.ApprovePolicies);
    }

    /// <summary>The newest of a kind, as pages show them.</summary>
    /// <param name="content">What is proposed, as the page knows it.</param>
    public static IEnumerable<object> Shown(DbConnection connection, ProposalKind kind, Func<Proposal, object> content) => Shown(ProposalTable.All(connection, kind.Name), content);

    public static IEnumerable<object> Shown(IEnumerable<Proposal> proposals, Func<Proposal, object> content) => proposals.Select(proposal => new
    {
        proposalId = Uuid7.ToGuid(proposal.ProposalId),
        content = content(proposal),
        proposal.State,
        proposal.ProposedBy,
        proposedAtUnixMs = proposal.ProposedAt,
        proposal.Reason,
        proposal.DecidedBy,
        decidedAtUnixMs = proposal.DecidedAt,
        proposal.DecisionReason,
    });

    public async Task<IResult> ProposeAsync(ProposalKind kind, byte[] content, string? reason, HttpContext context)
    {
        var proposal = new Proposal { ProposalId = Uuid7.New(time), Kind = kind.Name, Content = content, ProposedBy = context.Account(), ProposedAt = Now(), Reason = reason?.Trim() ?? "" };
        if (Administration.ReasonProblem(proposal.Reason) is { Length: > 0 } problem)
            return Refusal.Of(400, problem);
        _ = await commits.CommitAsync(transaction =>
        {
            ProposalTable.Add(transaction, proposal);
            Write(transaction, kind, proposal, "proposed", proposal.ProposedBy, proposal.Reason);
            return 0;
        });
        return Administration.Ok(new { proposalId = Uuid7.ToGuid(proposal.ProposalId) });
    }

    private async Task<IResult> ApproveAsync(ProposalKind kind, Guid id, DecisionBody body, HttpContext context)
    {
        var account = context.Account();
        if (Find(kind, id, context) is not { } proposal)
            return Refusal.Of(404, "unknown_proposal");
        if (proposal.ProposedBy == account)
            return Refusal.Of(403, "own_proposal");
        if (await stepUp.PasswordProblemAsync(context, body, $"{kind.Name}_approval_refused") is { } refused)
            return refused;
        var told = await commits.CommitAsync(transaction =>
        {
            if (!ProposalTable.Decide(transaction, proposal, "approved", (account, ""), Now()))
                return null;
            Write(transaction, kind, proposal, "approved", account, proposal.Reason);
            return kind.TakeEffect(transaction, proposal, account);
        });
        return told is not null ? Administration.Ok(told) : Refusal.Of(409, "proposal_closed");
    }

    private async Task<IResult> RejectAsync(ProposalKind kind, Guid id, DecisionBody body, HttpContext context)
    {
        var (account, reason) = (context.Account(), body.Reason?.Trim() ?? "");
        if (Administration.ReasonProblem(reason) is { Length: > 0 } problem)
            return Refusal.Of(400, problem);
        if (Find(kind, id, context) is not { } proposal)
            return Refusal.Of(404, "unknown_proposal");
        var done = await commits.CommitAsync(transaction =>
        {
            if (!ProposalTable.Decide(transaction, proposal, "rejected", (account, reason), Now()))
                return false;
            Write(transaction, kind, proposal, "rejected", account, reason);
            return true;
        });
        return done ? Results.NoContent() : Refusal.Of(409, "proposal_closed");
    }

    private Proposal? Find(ProposalKind kind, Guid id, HttpContext context) =>
        database.Read(c => ProposalTable.Find(c, kind.Name, Uuid7.ToBytes(id))) is { } proposal && kind.IsReached?.Invoke(proposal, context) != false ? proposal : null;

    private void Write(DbTransaction transaction, ProposalKind kind, Proposal proposal, string what, string account, string reason) => AuditTable.Add(
        transaction, new AuditRow(account, $"{kind.Name}_{what}", $"{Uuid7.ToGuid(proposal.ProposalId)} {kind.Note(proposal)}".TrimEnd(), reason), Now());

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
