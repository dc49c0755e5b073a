using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Lists;

namespace EdgeAgent.CommandCentre.Storage;

internal static class DraftState
{
    public const string Draft = "draft", Submitted = "submitted", Rejected = "rejected", Withdrawn = "withdrawn", Issued = "issued";
}

/// <summary>A draft without what is in it.</summary>
internal sealed record DraftRow
{
    public byte[] DraftId { get; init; } = [];
    public string ListId { get; init; } = "";

    /// <summary>Of whoever made it; "" is the city.</summary>
    public string District { get; init; } = "";
    public string State { get; init; } = "";

    /// <summary>The version that it was submitted as; 0 before.</summary>
    public long Version { get; init; }
    public long ValidTo { get; init; }
    public long ChangedAt { get; init; }
}

/// <summary>One act on a draft.</summary>
internal sealed record DraftStep(long At, string Actor, string Act, string Reason);

/// <summary>What one person signed: the whole list, and what leads to it from the version before.</summary>
internal sealed record DraftApproval
{
    public string Account { get; init; } = "";
    public byte[] Certificate { get; init; } = [];
    public byte[] Whole { get; init; } = [];
    public byte[]? Delta { get; init; }
}

/// <summary>Drafts of lists, sealed, with each act on them and each approval.</summary>
internal sealed class DraftTable(CentreDatabase database, Sealing sealing)
{
    public const string Schema = """
        -- Lists on their way to two approvals: what was written, and the bytes that are to be signed, are sealed.
        CREATE TABLE list_drafts (
            draft_id BLOB PRIMARY KEY,
            list_id TEXT NOT NULL,
            district TEXT NOT NULL,
            state TEXT NOT NULL,
            version INTEGER NOT NULL,
            valid_to INTEGER NOT NULL,
            changed_at INTEGER NOT NULL,
            written BLOB,
            whole BLOB,
            delta BLOB) STRICT;
        CREATE INDEX list_drafts_list ON list_drafts (list_id);
        CREATE TABLE list_draft_steps (
            draft_id BLOB NOT NULL REFERENCES list_drafts (draft_id),
            number INTEGER NOT NULL,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            act TEXT NOT NULL,
            reason TEXT NOT NULL,
            PRIMARY KEY (draft_id, number)) STRICT;
        CREATE TABLE list_draft_approvals (
            draft_id BLOB NOT NULL REFERENCES list_drafts (draft_id),
            account TEXT NOT NULL,
            certificate BLOB NOT NULL,
            whole BLOB NOT NULL,
            delta BLOB,
            PRIMARY KEY (draft_id, account)) STRICT;
        """;

    /// <summary>How long a draft that nobody touches keeps its words.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private const int MostShown = 200;
    private const string Columns = "SELECT draft_id AS DraftId, list_id AS ListId, district AS District, state AS State, version AS Version, valid_to AS ValidTo, changed_at AS ChangedAt FROM list_drafts";

    /// <summary>The newest first.</summary>
    public IReadOnlyList<DraftRow> All() => database.Read(c => c.Query<DraftRow>($"{Columns} ORDER BY changed_at DESC LIMIT @MostShown", new { MostShown }).AsList());

    public DraftRow? Find(byte[] draftId) => database.Read(c => Find(c, null, draftId));

    public static DraftRow? Find(DbConnection connection, DbTransaction? transaction, byte[] draftId) =>
        connection.QuerySingleOrDefault<DraftRow>($"{Columns} WHERE draft_id = @draftId", new { draftId }, transaction);

    public IReadOnlyList<DraftStep> Steps(byte[] draftId) => database.Read(c => Steps(c, null, draftId));

    public static IReadOnlyList<DraftStep> Steps(DbConnection connection, DbTransaction? transaction, byte[] draftId) => [.. connection.Query<(long, string, string, string)>(
        "SELECT at, actor, act, reason FROM list_draft_steps WHERE draft_id = @draftId ORDER BY number", new { draftId }, transaction)
        .Select(row => new DraftStep(row.Item1, row.Item2, row.Item3, row.Item4))];

    /// <summary>Null: past its time, and erased.</summary>
    public WrittenDraft? Written(byte[] draftId) => database.Read(c => c.ExecuteScalar<byte[]?>(
        "SELECT written FROM list_drafts WHERE draft_id = @draftId", new { draftId })) is { } box ? WrittenDraft.FromBytes(sealing.Open(box)) : null;

    /// <summary>The bytes that are signed, as they were submitted.</summary>
    public (byte[] Whole, byte[]? Delta)? Payloads(DbConnection connection, DbTransaction? transaction, byte[] draftId)
    {
        var (whole, delta) = connection.QuerySingleOrDefault<(byte[]?, byte[]?)>("SELECT whole, delta FROM list_drafts WHERE draft_id = @draftId", new { draftId }, transaction);
        return whole is null ? null : (sealing.Open(whole), delta is null ? null : sealing.Open(delta));
    }

    public (byte[] Whole, byte[]? Delta)? Payloads(byte[] draftId) => database.Read(c => Payloads(c, null, draftId));

    public void Put(DbTransaction transaction, byte[] draftId, WrittenDraft written, string district, long nowUnixMs)
    {
        transaction.Connection!.Execute(
            """
            INSERT INTO list_drafts (draft_id, list_id, district, state, version, valid_to, changed_at, written) VALUES (@draftId, @ListId, @district, 'draft', 0, 0, @nowUnixMs, @box)
            ON CONFLICT (draft_id) DO UPDATE SET list_id = excluded.list_id, state = 'draft', version = 0, changed_at = excluded.changed_at, written = excluded.written,
                whole = NULL, delta = NULL
            """,
            new { draftId, written.List.ListId, district, nowUnixMs, box = sealing.Seal(written.ToBytes()) }, transaction);
        transaction.Connection!.Execute("DELETE FROM list_draft_approvals WHERE draft_id = @draftId", new { draftId }, transaction);
    }

    public void Submit(DbTransaction transaction, byte[] draftId, (long Version, long ValidTo) of, byte[] whole, byte[]? delta) => transaction.Connection!.Execute(
        "UPDATE list_drafts SET state = 'submitted', version = @Version, valid_to = @ValidTo, whole = @whole, delta = @delta WHERE draft_id = @draftId",
        new { draftId, of.Version, of.ValidTo, whole = sealing.Seal(whole), delta = delta is null ? null : sealing.Seal(delta) }, transaction);

    /// <param name="erase">What was written goes: it is in force, or nobody wants it.</param>
    public static void End(DbTransaction transaction, byte[] draftId, string state, bool erase, long nowUnixMs)
    {
        transaction.Connection!.Execute(
            "UPDATE list_drafts SET state = @state, changed_at = @nowUnixMs, whole = NULL, delta = NULL WHERE draft_id = @draftId", new { draftId, state, nowUnixMs }, transaction);
        transaction.Connection!.Execute("DELETE FROM list_draft_approvals WHERE draft_id = @draftId", new { draftId }, transaction);
        if (erase)
            transaction.Connection!.Execute("UPDATE list_drafts SET written = NULL WHERE draft_id = @draftId", new { draftId }, transaction);
    }

    public static void AddStep(DbTransaction transaction, byte[] draftId, DraftStep step) => transaction.Connection!.Execute(
        """
        INSERT INTO list_draft_steps (draft_id, number, at, actor, act, reason)
        VALUES (@draftId, (SELECT count(*) + 1 FROM list_draft_steps WHERE draft_id = @draftId), @At, @Actor, @Act, @Reason)
        """,
        new { draftId, step.At, step.Actor, step.Act, step.Reason }, transaction);

    public static void Approve(DbTransaction transaction, byte[] draftId, DraftApproval approval) => transaction.Connection!.Execute(
        "INSERT INTO list_draft_approvals (draft_id, account, certificate, whole, delta) VALUES (@draftId, @Account, @Certificate, @Whole, @Delta)",
        new { draftId, approval.Account, approval.Certificate, approval.Whole, approval.Delta }, transaction);

    public static IReadOnlyList<DraftApproval> Approvals(DbConnection connection, DbTransaction? transaction, byte[] draftId) => connection.Query<DraftApproval>(
        "SELECT account AS Account, certificate AS Certificate, whole AS Whole, delta AS Delta FROM list_draft_approvals WHERE draft_id = @draftId ORDER BY account",
        new { draftId }, transaction).AsList();

    public IReadOnlyList<string> Approvers(byte[] draftId) => [.. database.Read(c => Approvals(c, null, draftId)).Select(approval => approval.Account)];

    /// <summary>Drafts that nobody touched for so long say nothing any more.</summary>
    public static int EraseOld(DbTransaction transaction, long beforeUnixMs) => transaction.Connection!.Execute(
        """
        UPDATE list_drafts SET written = NULL, whole = NULL, delta = NULL, state = CASE state WHEN 'issued' THEN 'issued' ELSE 'withdrawn' END
        WHERE changed_at < @beforeUnixMs AND written IS NOT NULL
        """,
        new { beforeUnixMs }, transaction);
}
