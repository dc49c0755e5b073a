using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>
/// The centre's SQLite file. WAL with synchronous FULL: a commit that returned survives a power cut. SQLite itself lets one writer
/// in at a time.
/// </summary>
internal sealed class SqliteCentreDatabase : CentreDatabase
{
    private readonly string connectionString;
    private readonly string path;

    private SqliteCentreDatabase(string path) => (this.path, connectionString) = (path, new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = SqliteOpenMode.ReadWriteCreate,
        ForeignKeys = true,
        DefaultTimeout = 30,
    }.ToString());

    public override bool IsShared => false;

    public static SqliteCentreDatabase OpenFile(string path)
    {
        if (!File.Exists(path))
            PrivateFiles.Write(path, []);
        var database = new SqliteCentreDatabase(path);
        using var connection = database.Connect();
        if (connection.ExecuteScalar<string>("PRAGMA journal_mode = WAL") is not "wal")
            throw new CentreException($"{path} cannot be opened in WAL mode: put it on a local disk.");
        Migrate(connection, CentreSchema.Migrations);
        return database;
    }

    public override DbConnection Connect()
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            connection.Execute("PRAGMA busy_timeout = 10000; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 67108864");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Moves with every commit of another connection.</summary>
    public override long ChangeMark(DbConnection connection) => connection.ExecuteScalar<long>("PRAGMA data_version");

    /// <summary>Always: the lock of the data folder lets one server in.</summary>
    public override TaskHold TryHold(string task) => new(() => true, () => { });

    public override string CopyTo(string target) => Copy(path, target);

    internal static string Copy(string source, string target)
    {
        File.Delete(target);
        PrivateFiles.Write(target, []);
        using var from = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = source, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 30 }.ToString());
        using var to = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = target, Pooling = false }.ToString());
        from.Open();
        to.Open();
        from.BackupDatabase(to);
        return target;
    }

    /// <summary>Moves the write-ahead log into the database file, so that a stopped centre is one file.</summary>
    public override void Checkpoint()
    {
        using (var connection = Connect())
            connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        SqliteConnection.ClearAllPools();
    }

    internal override DbTransaction BeginWrite(DbConnection connection, WriteScope scope) => connection.BeginTransaction();

    internal override bool IsConflict(Exception error) => false;

    protected override DbTransaction BeginSnapshot(DbConnection connection) => ((SqliteConnection)connection).BeginTransaction(deferred: true);

    /// <summary>Brings the file to the newest version, each step in a transaction of its own.</summary>
    /// <exception cref="CentreException">A later program wrote this database.</exception>
    internal static void Migrate(DbConnection connection, IReadOnlyList<string> scripts)
    {
        var version = connection.ExecuteScalar<int>("PRAGMA user_version");
        if (version > scripts.Count)
            throw new CentreException($"{connection.DataSource} is of version {version}, this program knows {scripts.Count}. Use the newer program.");
        for (; version < scripts.Count; version++)
        {
            using var transaction = connection.BeginTransaction();
            // Two programs may open a new folder at once: the second finds the work done.
            if (connection.ExecuteScalar<int>("PRAGMA user_version", transaction: transaction) > version)
                continue;
            connection.Execute($"{scripts[version]}\nPRAGMA user_version = {version + 1};", transaction: transaction);
            transaction.Commit();
        }
    }
}
