using System.Text;
using System.Text.Json;
using Dapper;
using EdgeAgent.CommandCentre.Storage;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.LookUps;

/// <summary>
/// A register in a SQLite file of its own. Rows are found by an HMAC of their subject and sealed: a copied file without the storage key
/// tells how many there are, not which.
/// </summary>
internal sealed class SqliteLookUpSource(string path, Sealing sealing) : ILookUpSource
{
    private const string Purpose = "registry";

    public string Problem => "";

    public Task<RegistryRecord?> FindAsync(LookUpKind kind, string subject, CancellationToken cancellation)
    {
        using var connection = Connect(path);
        var box = connection.ExecuteScalar<byte[]?>("SELECT sealed FROM entries WHERE mac = @mac", new { mac = Mac(kind, subject) });
        var found = box is null ? null : JsonSerializer.Deserialize<RegistryRecord>(sealing.Open(box));
        // A row that was moved under another's key is nobody's.
        return Task.FromResult(found?.Kind == kind && found.Subject == subject ? found : null);
    }

    /// <summary>Puts these records in the place of all that were there, in one step.</summary>
    public void Replace(IReadOnlyCollection<RegistryRecord> records, long nowUnixMs)
    {
        if (!File.Exists(path))
            PrivateFiles.Write(path, []);
        using (var connection = Connect(path))
        {
            connection.Execute("PRAGMA journal_mode = WAL");
            using var transaction = connection.BeginTransaction();
            connection.Execute(
                """
                CREATE TABLE IF NOT EXISTS entries (mac BLOB PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS filled (at INTEGER NOT NULL) STRICT;
                DELETE FROM entries;
                DELETE FROM filled;
                """,
                transaction: transaction);
            using var insert = Sql.Prepared(transaction, "INSERT INTO entries VALUES (@mac, @sealed)", "@mac", "@sealed");
            foreach (var record in records)
                _ = insert.Run(Mac(record.Kind, record.Subject), sealing.Seal(JsonSerializer.SerializeToUtf8Bytes(record)));
            connection.Execute("INSERT INTO filled VALUES (@nowUnixMs)", new { nowUnixMs }, transaction);
            transaction.Commit();
        }
        using (var connection = Connect(path))
            connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// <summary>How many, and since when.</summary>
    public (long Entries, long FilledAt) Facts()
    {
        using var connection = Connect(path);
        return connection.QuerySingle<(long, long)>("SELECT (SELECT count(*) FROM entries), at FROM filled");
    }

    private byte[] Mac(LookUpKind kind, string subject) => sealing.Mac(Purpose, Encoding.UTF8.GetBytes($"{(int)kind} {subject}"));

    private static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, DefaultTimeout = 30 }.ToString());
        try
        {
            connection.Open();
            connection.Execute("PRAGMA busy_timeout = 10000; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
