using System.Buffers.Binary;
using System.Data;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>
/// The centre's tables in PostgreSQL, shared by all gateways of a city. Writers take advisory locks at their start, always in the
/// same order: first the one for everything that is not a unit's own, then those of their units, ascending. So what is read to be
/// written (versions, reference numbers, lanes) is nobody else's meanwhile, and gateways store events of different cars at once.
/// </summary>
internal sealed class PostgresCentreDatabase : CentreDatabase
{
    // Below every key of a unit, so that it comes first in the order.
    private const long EverythingKey = long.MinValue;

    // A gateway's readers share these; its writer has one more. Three gateways stay below the server's default of 100.
    private const int MostConnections = 24;
    private const int ConnectWithinSeconds = 5, AnswerWithinSeconds = 30;
    private readonly NpgsqlDataSource source;

    private PostgresCentreDatabase(NpgsqlDataSource source) => this.source = source;

    public override bool IsShared => true;

    /// <exception cref="CentreException">The connection string cannot be read, or a later program wrote this database.</exception>
    public static PostgresCentreDatabase OpenServer(string connectionString)
    {
        NpgsqlDataSource source;
        try
        {
            source = NpgsqlDataSource.Create(Settings(connectionString));
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new CentreException("The PostgreSQL connection string cannot be read: write it like Host=db.example;Database=centre;Username=centre;Password=….", e);
        }
        try
        {
            using var connection = source.OpenConnection();
            PostgresSchema.Migrate(connection, CentreSchema.Migrations);
            return new PostgresCentreDatabase(source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private static string Settings(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "command-centre",
            MaxPoolSize = MostConnections,
            Timeout = ConnectWithinSeconds,
            CommandTimeout = AnswerWithinSeconds,
            KeepAlive = 10,
            MaxAutoPrepare = 100,
            // What an error was about may be personal: it stays out of messages and logs.
            IncludeErrorDetail = false,
        };
        // A writer that hangs in the middle, or whose machine is gone, must not keep the others out for long.
        settings.Options = $"{settings.Options} -c synchronous_commit=on -c idle_in_transaction_session_timeout=20s -c lock_timeout=20s".Trim();
        return settings.ToString();
    }

    public override DbConnection Connect() => source.OpenConnection();

    /// <summary>The newest change: rows of that table are written one transaction after the other, so none comes late.</summary>
    public override long ChangeMark(DbConnection connection) => ChangeTable.Newest(connection);

    public override TaskHold? TryHold(string task)
    {
        var connection = source.OpenConnection();
        var key = KeyOf($"task {task}");
        if (connection.ExecuteScalar<bool>("SELECT pg_try_advisory_lock(@key)", new { key }))
            return new TaskHold(() => IsAlive(connection), () => Release(connection, key));
        connection.Dispose();
        return null;
    }

    public override string CopyTo(string target) => throw new CentreException(
        "This centre's tables are in PostgreSQL: back that up with pg_basebackup or pg_dump, and the data folder (keys apart) as files.");

    public override void Checkpoint() => Close();

    public override void Close() => source.Dispose();

    internal override DbTransaction BeginWrite(DbConnection connection, WriteScope scope)
    {
        var transaction = connection.BeginTransaction(IsolationLevel.ReadCommitted);
        try
        {
            var keys = scope.Units.Select(unitId => KeyOf($"unit {unitId}")).Distinct().Order();
            connection.Execute(
                "SELECT pg_advisory_xact_lock(key) FROM unnest(@keys) AS key",
                new { keys = scope.Everything ? [EverythingKey, .. keys] : keys.ToArray() }, transaction);
            return transaction;
        }
        catch (DbException)
        {
            // Over a broken connection there is nothing to roll back, and trying to would hide what broke it.
            if (connection.State == ConnectionState.Open)
                transaction.Dispose();
            throw;
        }
    }

    // Serialisation failure and deadlock; and a row that another unit's writer put in between our look and our insert.
    internal override bool IsConflict(Exception error) =>
        error is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected };

    protected override DbTransaction BeginSnapshot(DbConnection connection)
    {
        var transaction = connection.BeginTransaction(IsolationLevel.RepeatableRead);
        connection.Execute("SET TRANSACTION READ ONLY", transaction: transaction);
        return transaction;
    }

    private static long KeyOf(string name) =>
        Math.Max(BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"command centre {name}"))), EverythingKey + 1);

    private static bool IsAlive(NpgsqlConnection connection)
    {
        try
        {
            return connection.ExecuteScalar<int>("SELECT 1") == 1;
        }
        catch (Exception e) when (e is DbException or InvalidOperationException)
        {
            return false;
        }
    }

    private static void Release(NpgsqlConnection connection, long key)
    {
        try
        {
            connection.Execute("SELECT pg_advisory_unlock(@key)", new { key });
        }
        catch (Exception e) when (e is DbException or InvalidOperationException)
        {
            // The connection is gone, and the lock with it.
        }
        connection.Dispose();
    }
}
