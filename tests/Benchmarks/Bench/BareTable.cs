using Microsoft.Data.Sqlite;

namespace EdgeAgent.Benchmarks.Bench;

/// <summary>The outbox's peer: one table, one prepared insert, one commit a call, with the outbox's journal and sync.</summary>
internal sealed class BareTable : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly SqliteCommand insert;
    private readonly SqliteParameter payload;

    public BareTable(string file)
    {
        connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using SqliteCommand begin = connection.CreateCommand();
        begin.CommandText = """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA secure_delete = ON;
            CREATE TABLE events (seq INTEGER PRIMARY KEY, payload BLOB NOT NULL) STRICT;
            """;
        _ = begin.ExecuteNonQuery();
        insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO events (payload) VALUES ($payload)";
        payload = insert.Parameters.Add("$payload", SqliteType.Blob);
        insert.Prepare();
    }

    /// <summary>On disk when it returns.</summary>
    public int Insert(IReadOnlyList<byte[]> payloads)
    {
        using SqliteTransaction transaction = connection.BeginTransaction();
        insert.Transaction = transaction;
        foreach (byte[] one in payloads)
        {
            payload.Value = one;
            _ = insert.ExecuteNonQuery();
        }
        transaction.Commit();
        return payloads.Count;
    }

    public void Dispose()
    {
        insert.Dispose();
        connection.Dispose();
    }
}
