using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Instructions;

internal sealed record InstructionRow
{
    public byte[] InstructionId { get; init; } = [];
    public long At { get; init; }
    public string Account { get; init; } = "";
    public long Urgent { get; init; }

    /// <summary>Empty once it was erased on its clock.</summary>
    public byte[] Sealed { get; init; } = [];
}

/// <summary>How far an instruction has come with one unit.</summary>
internal sealed record InstructionUnit
{
    public byte[] InstructionId { get; init; } = [];
    public string UnitId { get; init; } = "";
    public long? DeliveredAt { get; init; }

    /// <summary>stored, or why the car did not take it.</summary>
    public string? Outcome { get; init; }
    public long? ReadAt { get; init; }
    public string? ReadBy { get; init; }
}

/// <summary>Words of the centre to cars, and who has read them. The words lie sealed until their clock.</summary>
internal sealed class InstructionTable(CentreDatabase database)
{
    public const string Schema = """
        CREATE TABLE instructions (
            instruction_id BLOB PRIMARY KEY,
            at INTEGER NOT NULL,
            account TEXT NOT NULL,
            urgent INTEGER NOT NULL,
            sealed BLOB NOT NULL) STRICT;
        CREATE INDEX instructions_at ON instructions (at);
        CREATE TABLE instruction_units (
            instruction_id BLOB NOT NULL REFERENCES instructions (instruction_id),
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            command_id BLOB NOT NULL,
            read_at INTEGER,
            read_by TEXT,
            PRIMARY KEY (instruction_id, unit_id)) STRICT, WITHOUT ROWID;
        """;

    private const int MostShown = 100;

    public static void Add(DbTransaction transaction, InstructionRow row) => transaction.Connection!.Execute(
        "INSERT INTO instructions (instruction_id, at, account, urgent, sealed) VALUES (@InstructionId, @At, @Account, @Urgent, @Sealed)", row, transaction);

    public static void AddUnit(DbTransaction transaction, byte[] instructionId, string unitId, byte[] commandId) => transaction.Connection!.Execute(
        "INSERT INTO instruction_units (instruction_id, unit_id, command_id) VALUES (@instructionId, @unitId, @commandId)",
        new { instructionId, unitId, commandId }, transaction);

    /// <summary>In the transaction that stores the event; the first to read it counts.</summary>
    public static void Note(DbTransaction transaction, string unitId, Event happened, long nowUnixMs)
    {
        if (happened.InstructionRead is not { InstructionId.Length: Uuid7.Length } read)
            return;
        var known = transaction.Connection!.Execute(
            "UPDATE instruction_units SET read_at = @ReadAtUnixMs, read_by = @OfficerId WHERE instruction_id = @id AND unit_id = @unitId AND read_at IS NULL",
            new { id = read.InstructionId.ToByteArray(), unitId, read.ReadAtUnixMs, happened.OfficerId }, transaction);
        if (known > 0)
            ChangeTable.Note(transaction, ChangeKind.Topics, InstructionDesk.Topic, nowUnixMs);
    }

    /// <summary>The newest first, with all their units.</summary>
    public (IReadOnlyList<InstructionRow> Rows, ILookup<Guid, InstructionUnit> Units) Since(long fromUnixMs) => database.Read(c =>
    {
        var rows = c.Query<InstructionRow>(
            "SELECT instruction_id AS InstructionId, at AS At, account AS Account, urgent AS Urgent, sealed AS Sealed FROM instructions WHERE at >= @fromUnixMs ORDER BY at DESC LIMIT @MostShown",
            new { fromUnixMs, MostShown }).AsList();
        var oldest = rows.Count == 0 ? long.MaxValue : rows[^1].At;
        var units = c.Query<InstructionUnit>(
            """
            SELECT u.instruction_id AS InstructionId, u.unit_id AS UnitId, k.answered_at AS DeliveredAt, k.outcome AS Outcome, u.read_at AS ReadAt, u.read_by AS ReadBy
            FROM instruction_units u JOIN instructions i ON i.instruction_id = u.instruction_id JOIN commands k ON k.command_id = u.command_id
            WHERE i.at >= @oldest ORDER BY u.unit_id
            """,
            new { oldest });
        return ((IReadOnlyList<InstructionRow>)rows, units.ToLookup(unit => Uuid7.ToGuid(unit.InstructionId)));
    });

    public static int EraseBefore(DbTransaction transaction, long beforeUnixMs) => transaction.Connection!.Execute(
        "UPDATE instructions SET sealed = @nothing WHERE at < @beforeUnixMs AND sealed <> @nothing", new { nothing = Array.Empty<byte>(), beforeUnixMs }, transaction);
}
