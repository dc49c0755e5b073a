using System.Data.Common;
using Dapper;

namespace EdgeAgent.CommandCentre.Storage;

internal static class RolloutState
{
    public const string Running = "running", Paused = "paused", Stopped = "stopped", Done = "done", RolledBack = "rolled_back";
}

internal sealed record Rollout
{
    public byte[] RolloutId { get; init; } = [];
    public string Version { get; init; } = "";
    public string State { get; init; } = "";

    /// <summary>The ring whose units are offered the release now; 0 is the first.</summary>
    public long Ring { get; init; }
    public long SoakMinutes { get; init; }

    /// <summary>So long may a unit take from having fetched the release to coming back with it.</summary>
    public long BackMinutes { get; init; }
    public string MadeBy { get; init; } = "";
    public long MadeAt { get; init; }

    /// <summary>Why it stopped by itself: a code, and the unit.</summary>
    public string StopCode { get; init; } = "";
    public string StopUnit { get; init; } = "";
}

internal sealed record RolloutUnit
{
    public string UnitId { get; init; } = "";
    public long Ring { get; init; }

    /// <summary>waiting, offered, fetched, installed, failed or left_out (by whoever resumed after it failed).</summary>
    public string State { get; init; } = "";

    /// <summary>What it ran before; "" unknown.</summary>
    public string Before { get; init; } = "";

    /// <summary>Stages that were not well before the offer, so that an old fault does not count against the release.</summary>
    public string IllBefore { get; init; } = "";
    public long? OfferedAt { get; init; }
    public long? FetchedAt { get; init; }
    public long? InstalledAt { get; init; }
    public string Code { get; init; } = "";
}

/// <summary>Releases on their way through rings of units.</summary>
internal sealed class RolloutTable(CentreDatabase database)
{
    public const string Schema = """
        -- A release on its way through rings: who has it, and why it stopped.
        CREATE TABLE rollouts (
            rollout_id BLOB PRIMARY KEY,
            version TEXT NOT NULL REFERENCES releases (version),
            state TEXT NOT NULL,
            ring INTEGER NOT NULL,
            soak_minutes INTEGER NOT NULL,
            back_minutes INTEGER NOT NULL,
            made_by TEXT NOT NULL,
            made_at INTEGER NOT NULL,
            stop_code TEXT NOT NULL DEFAULT '',
            stop_unit TEXT NOT NULL DEFAULT '') STRICT;
        CREATE TABLE rollout_units (
            rollout_id BLOB NOT NULL REFERENCES rollouts (rollout_id),
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            ring INTEGER NOT NULL,
            state TEXT NOT NULL,
            before_version TEXT NOT NULL DEFAULT '',
            ill_before TEXT NOT NULL DEFAULT '',
            offered_at INTEGER,
            fetched_at INTEGER,
            installed_at INTEGER,
            code TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (rollout_id, unit_id)) STRICT;
        """;

    private const int MostShown = 50;

    private const string Columns = """
        SELECT rollout_id AS RolloutId, version AS Version, state AS State, ring AS Ring, soak_minutes AS SoakMinutes, back_minutes AS BackMinutes,
               made_by AS MadeBy, made_at AS MadeAt, stop_code AS StopCode, stop_unit AS StopUnit FROM rollouts
        """;

    private const string UnitColumns = """
        SELECT unit_id AS UnitId, ring AS Ring, state AS State, before_version AS Before, ill_before AS IllBefore, offered_at AS OfferedAt,
               fetched_at AS FetchedAt, installed_at AS InstalledAt, code AS Code FROM rollout_units
        """;

    public IReadOnlyList<Rollout> All() => database.Read(c => c.Query<Rollout>($"{Columns} ORDER BY made_at DESC LIMIT @MostShown", new { MostShown }).AsList());

    public IReadOnlyList<Rollout> Running() => database.Read(c => c.Query<Rollout>($"{Columns} WHERE state = 'running' ORDER BY made_at").AsList());

    public static Rollout? Find(DbTransaction transaction, byte[] id) => transaction.Connection!.QuerySingleOrDefault<Rollout>($"{Columns} WHERE rollout_id = @id", new { id }, transaction);

    public IReadOnlyList<RolloutUnit> Units(byte[] id) => database.Read(c => Units(c, null, id));

    public static IReadOnlyList<RolloutUnit> Units(DbConnection connection, DbTransaction? transaction, byte[] id) =>
        connection.Query<RolloutUnit>($"{UnitColumns} WHERE rollout_id = @id ORDER BY ring, unit_id", new { id }, transaction).AsList();

    /// <summary>Units that another roll-out has not let go of.</summary>
    public static IReadOnlyList<string> Taken(DbTransaction transaction) => transaction.Connection!.Query<string>(
        "SELECT u.unit_id FROM rollout_units u JOIN rollouts r ON r.rollout_id = u.rollout_id WHERE r.state IN ('running', 'paused', 'stopped')", transaction: transaction).AsList();

    public static void Add(DbTransaction transaction, Rollout rollout, IReadOnlyList<IReadOnlyList<string>> rings)
    {
        transaction.Connection!.Execute(
            """
            INSERT INTO rollouts (rollout_id, version, state, ring, soak_minutes, back_minutes, made_by, made_at)
            VALUES (@RolloutId, @Version, 'running', 0, @SoakMinutes, @BackMinutes, @MadeBy, @MadeAt)
            """,
            rollout, transaction);
        for (var ring = 0; ring < rings.Count; ring++)
        {
            foreach (var unitId in rings[ring])
            {
                transaction.Connection!.Execute(
                    "INSERT INTO rollout_units (rollout_id, unit_id, ring, state) VALUES (@RolloutId, @unitId, @ring, 'waiting')",
                    new { rollout.RolloutId, unitId, ring = (long)ring }, transaction);
            }
        }
    }

    public static void Put(DbTransaction transaction, byte[] id, string state, long ring, (string Code, string Unit) stop) => transaction.Connection!.Execute(
        "UPDATE rollouts SET state = @state, ring = @ring, stop_code = @Code, stop_unit = @Unit WHERE rollout_id = @id", new { id, state, ring, stop.Code, stop.Unit }, transaction);

    public static void PutUnit(DbTransaction transaction, byte[] id, RolloutUnit unit) => transaction.Connection!.Execute(
        """
        UPDATE rollout_units SET state = @State, before_version = @Before, ill_before = @IllBefore, offered_at = @OfferedAt, fetched_at = @FetchedAt,
            installed_at = @InstalledAt, code = @Code WHERE rollout_id = @id AND unit_id = @UnitId
        """,
        new { id, unit.UnitId, unit.State, unit.Before, unit.IllBefore, unit.OfferedAt, unit.FetchedAt, unit.InstalledAt, unit.Code }, transaction);
}
