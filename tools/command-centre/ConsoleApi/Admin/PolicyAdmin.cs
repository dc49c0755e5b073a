using System.Text.Json;
using Dapper;
using EdgeAgent.CommandCentre.Retention;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi.Admin;

internal sealed record PolicyBody(JsonElement Policy, string? Reason);

/// <summary>How long what is kept: one person proposes, another one approves with their password again, and only then it is signed.</summary>
internal sealed class PolicyAdmin
{
    private const string Path = "/admin/policies";
    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    private readonly CentreDatabase database;
    private readonly ProposalDesk desk;
    private readonly ProposalKind kind;

    public PolicyAdmin(CentreDatabase database, ProposalDesk desk, RetentionIssuing issuing)
    {
        (this.database, this.desk) = (database, desk);
        kind = new ProposalKind(ProposalTable.Retention, _ => "", (transaction, proposal, account) => new { version = (long)issuing.Issue(transaction, PolicyOf(proposal), account).Version });
    }

    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapGet(Path, () => View()).Needs(Permission.ProposePolicies);
        _ = api.MapPost(Path, ProposeAsync).Needs(Permission.ProposePolicies);
        desk.Map(api, Path, kind);
    }

    private IResult View() => database.Read(c => Administration.Ok(new
    {
        current = Of(RetentionIssuing.Current(c)),
        versions = c.Query<(long Version, long At, string By)>("SELECT version, issued_at, issued_by FROM retention_policies ORDER BY version DESC LIMIT 50")
            .Select(row => new { row.Version, issuedAtUnixMs = row.At, issuedBy = row.By }),
        clocks = RetentionClocks.All.Select(clock => new { clock.Clock, clock.Most }),
        proposals = ProposalDesk.Shown(c, kind, proposal => Of(PolicyOf(proposal))),
    }));

    private async Task<IResult> ProposeAsync(PolicyBody body, HttpContext context)
    {
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
        return await desk.ProposeAsync(kind, policy.ToByteArray(), body.Reason, context);
    }

    private static RetentionPolicy PolicyOf(Proposal proposal) => RetentionPolicy.Parser.ParseFrom(proposal.Content);

    private static JsonElement Of(RetentionPolicy policy) => JsonSerializer.Deserialize<JsonElement>(Json.Format(policy));
}
