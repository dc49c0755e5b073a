using System.Data.Common;
using System.Security.Cryptography;
using Dapper;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>Which gateways share this database, and which of them holds each car's newest session.</summary>
internal static class GatewayTable
{
    public const string Schema = """
        -- Gateways that share this database, and where each car's newest session is.
        CREATE TABLE gateways (
            gateway_id TEXT PRIMARY KEY,
            started_at INTEGER NOT NULL,
            beats INTEGER NOT NULL) STRICT;
        CREATE TABLE unit_sessions (
            unit_id TEXT PRIMARY KEY REFERENCES units (unit_id),
            gateway_id TEXT NOT NULL,
            session_id BLOB NOT NULL,
            began_at INTEGER NOT NULL) STRICT;
        CREATE TABLE key_check (only_row INTEGER PRIMARY KEY, mac BLOB NOT NULL) STRICT;
        CREATE INDEX changes_at ON changes (at);
        """;

    /// <summary>Counted, not timed: others see that the number moves, by their own clocks.</summary>
    public static int Beat(DbTransaction transaction, string gatewayId, long nowUnixMs) => transaction.Connection!.Execute(
        "INSERT INTO gateways VALUES (@gatewayId, @nowUnixMs, 1) ON CONFLICT (gateway_id) DO UPDATE SET beats = gateways.beats + 1",
        new { gatewayId, nowUnixMs }, transaction);

    /// <summary>A gateway that ended, or of which nothing was seen for long: its sessions are none any more.</summary>
    public static int Forget(DbTransaction transaction, string gatewayId) =>
        transaction.Connection!.Execute("DELETE FROM unit_sessions WHERE gateway_id = @gatewayId", new { gatewayId }, transaction)
        + transaction.Connection!.Execute("DELETE FROM gateways WHERE gateway_id = @gatewayId", new { gatewayId }, transaction);

    public static IReadOnlyList<(string GatewayId, long Beats)> Gateways(DbConnection connection) =>
        connection.Query<(string, long)>("SELECT gateway_id, beats FROM gateways").AsList();

    public static IReadOnlyList<(string UnitId, string GatewayId)> Sessions(DbConnection connection) =>
        connection.Query<(string, string)>("SELECT unit_id, gateway_id FROM unit_sessions").AsList();

    /// <summary>From here on this session is the unit's newest; whichever gateway has another one closes it.</summary>
    public static void Enter(DbTransaction transaction, string unitId, string gatewayId, byte[] sessionId, long nowUnixMs)
    {
        transaction.Connection!.Execute(
            """
            INSERT INTO unit_sessions VALUES (@unitId, @gatewayId, @sessionId, @nowUnixMs)
            ON CONFLICT (unit_id) DO UPDATE SET gateway_id = excluded.gateway_id, session_id = excluded.session_id, began_at = excluded.began_at
            """,
            new { unitId, gatewayId, sessionId, nowUnixMs }, transaction);
        ChangeTable.Note(transaction, ChangeKind.Sessions, unitId, nowUnixMs);
    }

    /// <summary>Unless a newer one stands in its place.</summary>
    public static int Leave(DbTransaction transaction, string unitId, byte[] sessionId) => transaction.Connection!.Execute(
        "DELETE FROM unit_sessions WHERE unit_id = @unitId AND session_id = @sessionId", new { unitId, sessionId }, transaction);

    /// <summary>Whatever session there is has no right to go on: another box became the unit.</summary>
    public static void Evict(DbTransaction transaction, string unitId, long nowUnixMs)
    {
        transaction.Connection!.Execute("DELETE FROM unit_sessions WHERE unit_id = @unitId", new { unitId }, transaction);
        ChangeTable.Note(transaction, ChangeKind.Sessions, unitId, nowUnixMs);
    }

    public static byte[]? SessionOf(DbConnection connection, string unitId) => connection.QuerySingleOrDefault<byte[]>(
        "SELECT session_id FROM unit_sessions WHERE unit_id = @unitId", new { unitId });

    /// <summary>Gateways of one city seal with one key: what one wrote the others have to read.</summary>
    /// <exception cref="CentreException">This data folder has another storage key.</exception>
    public static void RequireSameKey(CentreDatabase database, Sealing sealing)
    {
        var mac = sealing.Mac("key check", "centre"u8);
        var kept = database.Read(c => c.QuerySingleOrDefault<byte[]>("SELECT mac FROM key_check"));
        kept ??= database.Write(transaction =>
        {
            transaction.Connection!.Execute("INSERT INTO key_check VALUES (1, @mac) ON CONFLICT (only_row) DO NOTHING", new { mac }, transaction);
            return transaction.Connection!.QuerySingle<byte[]>("SELECT mac FROM key_check", transaction: transaction);
        });
        if (!CryptographicOperations.FixedTimeEquals(kept, mac))
            throw new CentreException("keys/storage.key is not the key of this database: copy the folder keys of a gateway that works.");
    }
}
