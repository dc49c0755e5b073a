using System.Data.Common;
using Dapper;

namespace EdgeAgent.CommandCentre.Storage;

internal sealed record PolicyProposal
{
    public byte[] ProposalId { get; init; } = [];
    public byte[] Policy { get; init; } = [];

    /// <summary>proposed, approved, rejected.</summary>
    public string State { get; init; } = "";
    public string ProposedBy { get; init; } = "";
    public long ProposedAt { get; init; }
    public string Reason { get; init; } = "";
    public string DecidedBy { get; init; } = "";
    public long? DecidedAt { get; init; }
    public string DecisionReason { get; init; } = "";
}

/// <summary>Retention policies that wait for a second person.</summary>
internal static class ProposalTable
{
    public const string Schema = """
        -- Retention policies proposed by one person for another one to approve.
        CREATE TABLE policy_proposals (
            proposal_id BLOB PRIMARY KEY,
            policy BLOB NOT NULL,
            state TEXT NOT NULL,
            proposed_by TEXT NOT NULL,
            proposed_at INTEGER NOT NULL,
            reason TEXT NOT NULL,
            decided_by TEXT NOT NULL DEFAULT '',
            decided_at INTEGER,
            decision_reason TEXT NOT NULL DEFAULT '') STRICT;
        """;

    private const int MostShown = 50;
    private const string Columns = """
        SELECT proposal_id AS ProposalId, policy AS Policy, state AS State, proposed_by AS ProposedBy, proposed_at AS ProposedAt, reason AS Reason,
               decided_by AS DecidedBy, decided_at AS DecidedAt, decision_reason AS DecisionReason FROM policy_proposals
        """;

    public static IReadOnlyList<PolicyProposal> All(DbConnection connection) =>
        connection.Query<PolicyProposal>($"{Columns} ORDER BY proposed_at DESC LIMIT @MostShown", new { MostShown }).AsList();

    public static PolicyProposal? Find(DbConnection connection, DbTransaction? transaction, byte[] id) =>
        connection.QuerySingleOrDefault<PolicyProposal>($"{Columns} WHERE proposal_id = @id", new { id }, transaction);

    public static void Add(DbTransaction transaction, PolicyProposal proposal) => transaction.Connection!.Execute(
        "INSERT INTO policy_proposals (proposal_id, policy, state, proposed_by, proposed_at, reason) VALUES (@ProposalId, @Policy, 'proposed', @ProposedBy, @ProposedAt, @Reason)",
        proposal, transaction);

    public static int Decide(DbTransaction transaction, byte[] id, string state, (string By, string Reason) decision, long nowUnixMs) => transaction.Connection!.Execute(
        "UPDATE policy_proposals SET state = @state, decided_by = @By, decided_at = @nowUnixMs, decision_reason = @Reason WHERE proposal_id = @id AND state = 'proposed'",
        new { id, state, decision.By, decision.Reason, nowUnixMs }, transaction);
}
