using System.Data.Common;
using System.Text.Json;
using Dapper;
using EdgeAgent.CommandCentre.Containments;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>Cordons (封控): what is said of one is sealed; which instruction belongs to which, and when it was read, is not.</summary>
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
        CREATE TABLE containment_orders (
            instruction_id BLOB PRIMARY KEY,
            operation_id BLOB NOT NULL REFERENCES containments (operation_id),
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            read_at INTEGER) STRICT;
        CREATE INDEX containment_orders_of ON containment_orders (operation_id);
        """;

    /// <summary>Open ones and those that ended after this, oldest first.</summary>
    public IReadOnlyList<Containment> Since(long endedAfterUnixMs) => database.Read(c =>
    {
        var rows = c.Query<(byte[] Id, byte[] Sealed)>(
            "SELECT operation_id, sealed FROM containments WHERE ended_at IS NULL OR ended_at > @endedAfterUnixMs ORDER BY started_at", new { endedAfterUnixMs }).AsList();
        return rows.Select(row => Opened(row.Sealed) with { Read = Reads(c, null, row.Id) }).ToList();
    });

    public Containment? Find(DbTransaction transaction, Guid operationId)
    {
        var id = operationId.ToByteArray(bigEndian: true);
        var box = transaction.Connection!.QuerySingleOrDefault<byte[]>("SELECT sealed FROM containments WHERE operation_id = @id", new { id }, transaction);
        return box is null ? null : Opened(box) with { Read = Reads(transaction.Connection!, transaction, id) };
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

    public static void Order(DbTransaction transaction, Guid instructionId, Guid operationId, string unitId) => transaction.Connection!.Execute(
        "INSERT INTO containment_orders (instruction_id, operation_id, unit_id) VALUES (@id, @operation, @unitId)",
        new { id = instructionId.ToByteArray(bigEndian: true), operation = operationId.ToByteArray(bigEndian: true), unitId }, transaction);

    /// <summary>With the event that an officer read an instruction, in its transaction.</summary>
    public static void Note(DbTransaction transaction, string unitId, Event e, long nowUnixMs)
    {
        if (e.BodyCase != Event.BodyOneofCase.InstructionRead || e.InstructionRead.InstructionId.Length != Uuid7.Length)
            return;
        transaction.Connection!.Execute(
            "UPDATE containment_orders SET read_at = @nowUnixMs WHERE instruction_id = @id AND unit_id = @unitId AND read_at IS NULL",
            new { id = e.InstructionRead.InstructionId.ToByteArray(), unitId, nowUnixMs }, transaction);
    }

    private static Dictionary<Guid, long> Reads(DbConnection connection, DbTransaction? transaction, byte[] operation) => connection.Query<(byte[] Id, long At)>(
        "SELECT instruction_id, read_at FROM containment_orders WHERE operation_id = @operation AND read_at IS NOT NULL", new { operation }, transaction)
        .ToDictionary(row => new Guid(row.Id, bigEndian: true), row => row.At);

    private static readonly Dictionary<Guid, long> NothingRead = [];

    private Containment Opened(byte[] box) => JsonSerializer.Deserialize<Containment>(sealing.Open(box))!;
}
