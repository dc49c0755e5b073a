using System.Data.Common;
using Dapper;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>Entries of lists that were taken back one by one. Cars keep them in mind whatever a signed list says.</summary>
internal static class EntryRevocations
{
    public const string Schema = """
        -- Entries taken back while their list goes on.
        CREATE TABLE list_entry_revocations (
            list_id TEXT NOT NULL,
            entry_id TEXT NOT NULL,
            revoked_at INTEGER NOT NULL,
            reason TEXT NOT NULL,
            PRIMARY KEY (list_id, entry_id)) STRICT;
        """;

    public static void Add(DbTransaction transaction, string listId, string entryId, string reason, long nowUnixMs) => transaction.Connection!.Execute(
        "INSERT INTO list_entry_revocations VALUES (@listId, @entryId, @nowUnixMs, @reason) ON CONFLICT (list_id, entry_id) DO NOTHING",
        new { listId, entryId, nowUnixMs, reason }, transaction);

    public static HashSet<string> Of(DbConnection connection, DbTransaction? transaction, string listId) => [.. connection.Query<string>(
        "SELECT entry_id FROM list_entry_revocations WHERE list_id = @listId", new { listId }, transaction)];

    /// <summary>Tells a unit of all that this list lost.</summary>
    public static void Send(DbTransaction transaction, CommandTable commands, string unitId, string listId, (string Actor, TimeProvider Time) by)
    {
        var command = CommandTable.New(by.Actor, "admin", by.Time);
        command.RevokeList = new RevokeList { ListId = listId, Reason = "entries revoked" };
        command.RevokeList.EntryIds.AddRange(Of(transaction.Connection!, transaction, listId).Order(StringComparer.Ordinal));
        commands.Add(transaction, unitId, command);
        ChangeTable.Note(transaction, ChangeKind.Commands, unitId, command.IssuedAtUnixMs);
    }

    /// <summary>For a unit that comes anew: it would fetch lists as they were signed.</summary>
    public static void SendAll(DbTransaction transaction, CommandTable commands, string unitId, TimeProvider time)
    {
        foreach (var listId in transaction.Connection!.Query<string>("SELECT DISTINCT list_id FROM list_entry_revocations", transaction: transaction).AsList())
            Send(transaction, commands, unitId, listId, ("centre", time));
    }
}
