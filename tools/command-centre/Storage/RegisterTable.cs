using System.Data.Common;
using System.Text.Json;
using Dapper;
using EdgeAgent.CommandCentre.Lists;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>An entry that stands on a list here and is never sent to a car: whoever looks it up looked for no case.</summary>
/// <param name="CanaryId">What alarms and audit call it; its entry's id would name the entry.</param>
internal sealed record Canary(string CanaryId, ListedEntry Entry);

/// <summary>
/// What stands on lists here alone: one sealed box for each list that was issued, whether anything is in it or not, all of whole
/// blocks. Without the storage key nobody can tell which list has a canary, and a list without one is read just the same.
/// </summary>
internal sealed class RegisterTable(CentreDatabase database, Sealing sealing)
{
    public const int MostCanaries = 50;

    public const string Schema = """
        -- Entries that stand on lists here alone, sealed, a row for each list whether it has any or not; and what was raised about them.
        CREATE TABLE list_registers (list_id TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
        CREATE TABLE alarms (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            way TEXT NOT NULL,
            list_id TEXT NOT NULL,
            canary_id TEXT NOT NULL,
            purpose TEXT NOT NULL,
            acknowledged_at INTEGER,
            acknowledged_by TEXT) STRICT;
        CREATE INDEX alarms_open ON alarms (seq) WHERE acknowledged_at IS NULL;
        """;

    private const int BlockBytes = 16 << 10;

    public IReadOnlyList<Canary> Of(string listId) => database.Read(c => Of(c, null, listId));

    public IReadOnlyList<Canary> Of(DbConnection connection, DbTransaction? transaction, string listId) => Open(connection.QuerySingleOrDefault<byte[]>(
        "SELECT sealed FROM list_registers WHERE list_id = @listId", new { listId }, transaction));

    public IReadOnlyDictionary<string, IReadOnlyList<Canary>> All() => database.Read(c => c.Query<(string ListId, byte[] Sealed)>(
        "SELECT list_id, sealed FROM list_registers").ToDictionary(row => row.ListId, row => (IReadOnlyList<Canary>)Open(row.Sealed)));

    public void Put(DbTransaction transaction, string listId, IReadOnlyList<Canary> canaries)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(canaries);
        var whole = new byte[Math.Max(1, (text.Length + BlockBytes - 1) / BlockBytes) * BlockBytes];
        whole.AsSpan().Fill((byte)' ');
        text.CopyTo(whole, 0);
        transaction.Connection!.Execute(
            "INSERT INTO list_registers VALUES (@listId, @box) ON CONFLICT (list_id) DO UPDATE SET sealed = excluded.sealed",
            new { listId, box = sealing.Seal(whole) }, transaction);
    }

    private List<Canary> Open(byte[]? box) => box is null ? [] : JsonSerializer.Deserialize<List<Canary>>(sealing.Open(box)) ?? [];
}
