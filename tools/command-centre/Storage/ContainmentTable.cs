using System.Data.Common;
using System.Text.Json;
using Dapper;
using EdgeAgent.CommandCentre.Containments;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>Cordons (封控), sealed. When an order was read is told by the instruction itself.</summary>
internal sealed class ContainmentTable(CentreDatabase database, Sealing sealing)
{
    public const string Schema = """
        CREATE TABLE containments (
            operation_id BLOB PRIMARY KEY,
            district TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            ended_at INTEGER,
            sealed BLOB NOT NULL) STRICT;
        CREATE INDEX containments_open ON containments (started_at) WHERE ended_at IS NULL;
        """;

    /// <summary>Open ones and those that ended after this, oldest first.</summary>
    public IReadOnlyList<Containment> Since(long endedAfterUnixMs) => database.Read(c =>
    {
        var boxes = c.Query<byte[]>(
            "SELECT sealed FROM containments WHERE ended_at IS NULL OR ended_at > @endedAfterUnixMs ORDER BY started_at", new { endedAfterUnixMs }).AsList();
        return boxes.Select(box => WithReads(Opened(box), c, null)).ToList();
    });

    public Containment? Find(DbTransaction transaction, Guid operationId)
    {
        var id = operationId.ToByteArray(bigEndian: true);
        var box = transaction.Connection!.QuerySingleOrDefault<byte[]>("SELECT sealed FROM containments WHERE operation_id = @id", new { id }, transaction);
        return box is null ? null : WithReads(Opened(box), transaction.Connection!, transaction);
    }

    public void Put(DbTransaction transaction, Containment operation) => transaction.Connection!.Execute(
        """
        INSERT INTO containments (operation_id, district, started_at, ended_at, sealed) VALUES (@id, @District, @StartedAtUnixMs, @EndedAtUnixMs, @box)
        ON CONFLICT (operation_id) DO UPDATE SET ended_at = excluded.ended_at, sealed = excluded.sealed
        """,
        new
        {
            id = operation.OperationId.ToByteArray(bigEndian: true),
            operation.District,
            operation.StartedAtUnixMs,
            operation.EndedAtUnixMs,
            box = sealing.Seal(JsonSerializer.SerializeToUtf8Bytes(operation with { Read = NothingRead })),
        },
        transaction);

    /// <summary>Cordons go with the clock of calls.</summary>
    public static int Forget(DbTransaction transaction, long endedBeforeUnixMs) =>
        transaction.Connection!.Execute("DELETE FROM containments WHERE ended_at < @endedBeforeUnixMs", new { endedBeforeUnixMs }, transaction);

    private static Containment WithReads(Containment operation, DbConnection connection, DbTransaction? transaction)
    {
        var orders = operation.Posts.Where(post => post.UnitId.Length > 0).Select(post => post.InstructionId).ToHashSet();
        var read = connection.Query<(byte[] Id, long At)>(
            """
            SELECT u.instruction_id, u.read_at FROM instructions i JOIN instruction_units u ON u.instruction_id = i.instruction_id
            WHERE i.at >= @StartedAtUnixMs AND u.read_at IS NOT NULL
            """,
            new { operation.StartedAtUnixMs }, transaction);
        return operation with
        {
            Read = read.Select(row => (Id: new Guid(row.Id, bigEndian: true), row.At)).Where(row => orders.Contains(row.Id)).ToDictionary(row => row.Id, row => row.At),
        };
    }

    private static readonly Dictionary<Guid, long> NothingRead = [];

    private Containment Opened(byte[] box) => JsonSerializer.Deserialize<Containment>(sealing.Open(box))!;
}
