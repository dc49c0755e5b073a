using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>
/// The centre's SQLite file. WAL with synchronous FULL: a commit that returned survives a power cut. The command line and a
/// running server work on it side by side.
/// </summary>
internal sealed class CentreDatabase
{
    private readonly string connectionString;
    private readonly string path;

    private CentreDatabase(string path) => (this.path, connectionString) = (path, new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = SqliteOpenMode.ReadWriteCreate,
        ForeignKeys = true,
        DefaultTimeout = 30,
    }.ToString());

    /// <summary>Opens the file, makes it when it is not there, and brings its tables up to date.</summary>
    public static CentreDatabase Open(string path)
    {
        if (!File.Exists(path))
            PrivateFiles.Write(path, []);
        var database = new CentreDatabase(path);
        using var connection = database.Connect();
        if (connection.ExecuteScalar<string>("PRAGMA journal_mode = WAL") is not "wal")
            throw new CentreException($"{path} cannot be opened in WAL mode: put it on a local disk.");
        CentreSchema.Migrate(connection);
        return database;
    }

    /// <summary>A connection with this database's settings; the caller disposes it.</summary>
    public DbConnection Connect()
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

    public T Read<T>(Func<DbConnection, T> query)
    {
        using var connection = Connect();
        return query(connection);
    }

    /// <summary>Several queries that see one and the same moment, while others go on writing.</summary>
    public T Snapshot<T>(Func<DbTransaction, T> query)
    {
        using var connection = (SqliteConnection)Connect();
        using var transaction = connection.BeginTransaction(deferred: true);
        return query(transaction);
    }

    /// <summary>One transaction, on disk when it returns. For the command line; a server's own writes go through its CommitQueue.</summary>
    public T Write<T>(Func<DbTransaction, T> work)
    {
        using var connection = Connect();
        using var transaction = connection.BeginTransaction();
        var result = work(transaction);
        transaction.Commit();
        return result;
    }

    /// <summary>Copies the database as of one moment, while others go on writing.</summary>
    /// <returns>The path of the copy.</returns>
    public string CopyTo(string target) => CopyFile(path, target);

    /// <summary>Copies any SQLite file as of one moment.</summary>
    public static string CopyFile(string source, string target)
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
    public void Checkpoint()
    {
        using (var connection = Connect())
            connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        SqliteConnection.ClearAllPools();
    }
}
