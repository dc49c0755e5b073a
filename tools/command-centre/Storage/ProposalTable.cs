using System.Data.Common;
using Dapper;

namespace EdgeAgent.CommandCentre.Storage;

internal sealed record Proposal
{
    public byte[] ProposalId { get; init; } = [];

    /// <summary>A constant of <see cref="ProposalTable"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>What is proposed, in the form of its kind.</summary>
    public byte[] Content { get; init; } = [];

    /// <summary>proposed, approved, rejected.</summary>
    public string State { get; init; } = "";
    public string ProposedBy { get; init; } = "";
    public long ProposedAt { get; init; }
    public string Reason { get; init; } = "";
    public string DecidedBy { get; init; } = "";
    public long? DecidedAt { get; init; }
    public string DecisionReason { get; init; } = "";
}

/// <summary>Policies that wait for a second person.</summary>
internal static class ProposalTable
{
    /// <summary>How long what is kept: a RetentionPolicy.</summary>
    public const string Retention = "policy";

    /// <summary>What a face is worth at sign-in: a word of <see cref="FaceLoginModes"/>, UTF-8.</summary>
    public const string FaceLogin = "face_login";

    /// <summary>That a unit be none any more: its id, UTF-8.</summary>
    public const string Decommission = "decommission";

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

    public const string KindSchema = """
        -- Other policies than retention need a second person too.
        ALTER TABLE policy_proposals ADD COLUMN kind TEXT NOT NULL DEFAULT 'policy';
        """;

    private const int MostShown = 50;
    private const string Columns = """
        SELECT proposal_id AS ProposalId, kind AS Kind, policy AS Content, state AS State, proposed_by AS ProposedBy, proposed_at AS ProposedAt, reason AS Reason,
               decided_by AS DecidedBy, decided_at AS DecidedAt, decision_reason AS DecisionReason FROM policy_proposals
        """;

    public static IReadOnlyList<Proposal> All(DbConnection connection, string kind) =>
        connection.Query<Proposal>($"{Columns} WHERE kind = @kind ORDER BY proposed_at DESC, proposal_id DESC LIMIT @MostShown", new { kind, MostShown }).AsList();

    public static Proposal? Find(DbConnection connection, string kind, byte[] id) =>
        connection.QuerySingleOrDefault<Proposal>($"{Columns} WHERE proposal_id = @id AND kind = @kind", new { id, kind });

    /// <summary>The one that was approved last.</summary>
    public static Proposal? Newest(DbConnection connection, DbTransaction? transaction, string kind) => connection.QueryFirstOrDefault<Proposal>(
        $"{Columns} WHERE kind = @kind AND state = 'approved' ORDER BY decided_at DESC, proposal_id DESC LIMIT 1", new { kind }, transaction);

    public static void Add(DbTransaction transaction, Proposal proposal) => transaction.Connection!.Execute(
        """
        INSERT INTO policy_proposals (proposal_id, kind, policy, state, proposed_by, proposed_at, reason)
        VALUES (@ProposalId, @Kind, @Content, 'proposed', @ProposedBy, @ProposedAt, @Reason)
        """,
        proposal, transaction);

    /// <returns>Whether it still waited.</returns>
    public static bool Decide(DbTransaction transaction, Proposal proposal, string state, (string By, string Reason) decision, long nowUnixMs) => transaction.Connection!.Execute(
        "UPDATE policy_proposals SET state = @state, decided_by = @By, decided_at = @nowUnixMs, decision_reason = @Reason WHERE proposal_id = @ProposalId AND state = 'proposed'",
        new { proposal.ProposalId, state, decision.By, decision.Reason, nowUnixMs }, transaction) > 0;
}
