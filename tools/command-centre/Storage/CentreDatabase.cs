using System.Data.Common;
using EdgeAgent.CommandCentre.Identity;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>What a write may touch, and so which other writers it has to wait for where there are several.</summary>
/// <param name="Everything">Whatever is not one unit's own: versions, registers, lists, leases, audit, changes.</param>
/// <param name="Units">Units whose own events and lanes it writes.</param>
internal sealed record WriteScope(bool Everything, IReadOnlyCollection<string> Units)
{
    public static readonly WriteScope All = new(true, []);
}

/// <summary>
/// The centre's tables: one SQLite file, or a PostgreSQL database that several gateways share. On both a commit that returned
/// survives a power cut, and the command line and running servers work side by side.
/// </summary>
internal abstract class CentreDatabase
{
    private const int MostAttempts = 8;

    /// <summary>Opens the SQLite file, makes it when it is not there, and brings its tables up to date.</summary>
    public static CentreDatabase Open(string path) => SqliteCentreDatabase.OpenFile(path);

    /// <summary>Opens what this centre was told to use (<see cref="DatabaseChoice"/>), its tables brought up to date.</summary>
    /// <exception cref="CentreException">It cannot be used; the sentence says why.</exception>
    public static CentreDatabase Of(DataFolder folder, string? postgresFile = null) => DatabaseChoice.Postgres(folder, postgresFile) is { } connection
        ? PostgresCentreDatabase.OpenServer(connection)
        : Open(folder.Database);

    /// <summary>Whether other gateways may work on it as well.</summary>
    public abstract bool IsShared { get; }

    /// <summary>A connection with this database's settings; the caller disposes it.</summary>
    public abstract DbConnection Connect();

    /// <summary>A number that moves when another connection committed something to the table of changes, or to any.</summary>
    public abstract long ChangeMark(DbConnection connection);

    /// <summary>The right to be the only one of all gateways at this task, until it is disposed; null while another has it.</summary>
    public abstract TaskHold? TryHold(string task);

    /// <summary>Copies the database as of one moment, while others go on writing.</summary>
    /// <returns>The path of the copy.</returns>
    /// <exception cref="CentreException">A server's database is backed up with the server's own means.</exception>
    public abstract string CopyTo(string target);

    /// <summary>Copies any SQLite file as of one moment.</summary>
    public static string CopyFile(string source, string target) => SqliteCentreDatabase.Copy(source, target);

    /// <summary>Leaves nothing open, so that a stopped centre is files at rest. Others who work on the same file lose nothing by it.</summary>
    public abstract void Checkpoint();

    /// <summary>Ends what this object alone holds open.</summary>
    public virtual void Close()
    {
    }

    /// <summary>A transaction that holds, from its start, what it needs to be alone with what it writes.</summary>
    internal abstract DbTransaction BeginWrite(DbConnection connection, WriteScope scope);

    /// <summary>Whether the whole transaction may simply be done again: another writer was in its way.</summary>
    internal abstract bool IsConflict(Exception error);

    protected abstract DbTransaction BeginSnapshot(DbConnection connection);

    public T Read<T>(Func<DbConnection, T> query)
    {
        using var connection = Connect();
        return query(connection);
    }

    /// <summary>Several queries that see one and the same moment, while others go on writing.</summary>
    public T Snapshot<T>(Func<DbTransaction, T> query)
    {
        using var connection = Connect();
        using var transaction = BeginSnapshot(connection);
        return query(transaction);
    }

    /// <summary>One transaction, on disk when it returns. For the command line; a server's own writes go through its CommitQueue.</summary>
    public T Write<T>(Func<DbTransaction, T> work)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var connection = Connect();
                using var transaction = BeginWrite(connection, WriteScope.All);
                var result = work(transaction);
                transaction.Commit();
                return result;
            }
            catch (DbException e) when (attempt < MostAttempts && IsConflict(e))
            {
                // Rolled back whole; the other writer is through by now.
            }
        }
    }
}
