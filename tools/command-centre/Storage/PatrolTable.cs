using System.Data.Common;
using System.Text.Json;
using Dapper;
using EdgeAgent.Contract;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>A version of a plan as it was issued; the document is GeoJSON.</summary>
internal sealed record PlanRow
{
    public string PlanId { get; init; } = "";
    public long Version { get; init; }

    /// <summary>Whose plan it is: "" the city's.</summary>
    public string District { get; init; } = "";
    public long IssuedAt { get; init; }
    public string IssuedBy { get; init; } = "";
    public long Retired { get; init; }
    public string Document { get; init; } = "";
}

/// <summary>How far one car got with one plan in one shift.</summary>
internal sealed record ProgressRow(string PlanId, PatrolShift Shift, string UnitId, long PlanVersion, PatrolRecord Record);

/// <summary>Patrol plans by version, what each unit was sent, and the progress made of stored tracks. Who ticked what is sealed.</summary>
internal sealed class PatrolTable(CentreDatabase database, Sealing sealing)
{
    public const string Schema = """
        -- What is to be patrolled (each version whole), the version of each unit's own plan, and how far it got by shift.
        CREATE TABLE patrol_plans (
            plan_id TEXT NOT NULL,
            version INTEGER NOT NULL,
            district TEXT NOT NULL,
            issued_at INTEGER NOT NULL,
            issued_by TEXT NOT NULL,
            retired INTEGER NOT NULL,
            document TEXT NOT NULL,
            PRIMARY KEY (plan_id, version)) STRICT;
        CREATE TABLE patrol_units (
            unit_id TEXT PRIMARY KEY REFERENCES units (unit_id),
            version INTEGER NOT NULL) STRICT;
        CREATE TABLE patrol_progress (
            plan_id TEXT NOT NULL,
            shift_from INTEGER NOT NULL,
            shift_to INTEGER NOT NULL,
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            plan_version INTEGER NOT NULL,
            sealed BLOB NOT NULL,
            PRIMARY KEY (plan_id, shift_from, unit_id)) STRICT;
        CREATE INDEX patrol_progress_time ON patrol_progress (shift_from);
        -- How far a sweep over the events has come.
        CREATE TABLE sweeps (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
        CREATE INDEX events_track ON events (unit_id, captured_at) WHERE kind = 'track';
        """;

    public const int MostPlans = 200;
    private const string Columns = """
        plan_id AS PlanId, version AS Version, district AS District, issued_at AS IssuedAt, issued_by AS IssuedBy, retired AS Retired, document AS Document
        """;

    /// <summary>All versions, by plan, newest first.</summary>
    public IReadOnlyList<PlanRow> Versions() => database.Read(c => c.Query<PlanRow>($"SELECT {Columns} FROM patrol_plans ORDER BY plan_id, version DESC").AsList());

    /// <summary>The newest version of each plan, but for those that are retired.</summary>
    public static IReadOnlyList<PlanRow> Current(DbConnection connection, DbTransaction? transaction = null) => connection.Query<PlanRow>(
        $"""
        SELECT {Columns} FROM patrol_plans p
        WHERE retired = 0 AND version = (SELECT max(version) FROM patrol_plans n WHERE n.plan_id = p.plan_id) ORDER BY plan_id
        """,
        transaction: transaction).AsList();

    public static PlanRow? Newest(DbConnection connection, DbTransaction? transaction, string planId) => connection.QueryFirstOrDefault<PlanRow>(
        $"SELECT {Columns} FROM patrol_plans WHERE plan_id = @planId ORDER BY version DESC LIMIT 1", new { planId }, transaction);

    public static void Add(DbTransaction transaction, PlanRow plan) => transaction.Connection!.Execute(
        "INSERT INTO patrol_plans VALUES (@PlanId, @Version, @District, @IssuedAt, @IssuedBy, @Retired, @Document)", plan, transaction);

    public static long UnitVersion(DbTransaction transaction, string unitId) =>
        transaction.Connection!.ExecuteScalar<long?>("SELECT version FROM patrol_units WHERE unit_id = @unitId", new { unitId }, transaction) ?? 0;

    public static long NextUnitVersion(DbTransaction transaction, string unitId)
    {
        var version = UnitVersion(transaction, unitId) + 1;
        transaction.Connection!.Execute(
            "INSERT INTO patrol_units VALUES (@unitId, @version) ON CONFLICT (unit_id) DO UPDATE SET version = excluded.version", new { unitId, version }, transaction);
        return version;
    }

    /// <summary>Progress of shifts that begin within these times.</summary>
    public IReadOnlyList<ProgressRow> Progress(long fromUnixMs, long toUnixMs) => database.Read(c => c.Query<(string PlanId, long From, long To, string UnitId, long Version, byte[] Sealed)>(
        "SELECT plan_id, shift_from, shift_to, unit_id, plan_version, sealed FROM patrol_progress WHERE shift_from >= @fromUnixMs AND shift_from < @toUnixMs",
        new { fromUnixMs, toUnixMs }))
        .Select(row => new ProgressRow(
            row.PlanId, new PatrolShift(row.From, row.To), row.UnitId, row.Version, JsonSerializer.Deserialize<PatrolRecord>(sealing.Open(row.Sealed))!)).ToList();

    public void Put(DbTransaction transaction, ProgressRow row) => transaction.Connection!.Execute(
        """
        INSERT INTO patrol_progress (plan_id, shift_from, shift_to, unit_id, plan_version, sealed) VALUES (@PlanId, @from, @to, @UnitId, @PlanVersion, @box)
        ON CONFLICT (plan_id, shift_from, unit_id) DO UPDATE SET shift_to = excluded.shift_to, plan_version = excluded.plan_version, sealed = excluded.sealed
        """,
        new
        {
            row.PlanId,
            from = row.Shift.FromUnixMs,
            to = row.Shift.ToUnixMs,
            row.UnitId,
            row.PlanVersion,
            box = sealing.Seal(JsonSerializer.SerializeToUtf8Bytes(row.Record)),
        },
        transaction);

    public static long Swept(DbConnection connection) => connection.ExecuteScalar<long?>("SELECT seq FROM sweeps WHERE name = 'patrol'") ?? 0;

    public static void SweptTo(DbTransaction transaction, long seq) => transaction.Connection!.Execute(
        "INSERT INTO sweeps VALUES ('patrol', @seq) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq", new { seq }, transaction);

    /// <summary>With a car's trail goes who ticked what along it.</summary>
    public static int Forget(DbTransaction transaction, long beforeUnixMs) =>
        transaction.Connection!.Execute("DELETE FROM patrol_progress WHERE shift_to < @beforeUnixMs", new { beforeUnixMs }, transaction);
}
