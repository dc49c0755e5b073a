using System.Data.Common;
using Dapper;

namespace EdgeAgent.CommandCentre.Voice;

/// <summary>Who speaks in a channel.</summary>
internal sealed record VoiceFloor
{
    public byte[] TalkId { get; init; } = [];

    /// <summary>"" is the centre.</summary>
    public string UnitId { get; init; } = "";
    public long BeganAt { get; init; }
}

/// <summary>The one place where it is decided whose turn it is, for all gateways. A floor that nobody renews is free after a while.</summary>
internal static class VoiceFloors
{
    public const string Schema = """
        CREATE TABLE voice_floors (
            channel TEXT PRIMARY KEY,
            talk_id BLOB NOT NULL,
            priority INTEGER NOT NULL,
            unit_id TEXT NOT NULL,
            began_at INTEGER NOT NULL,
            held_until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        """;

    public static VoiceFloor? Held(DbTransaction transaction, string channel, long nowUnixMs) => transaction.Connection!.QuerySingleOrDefault<VoiceFloor>(
        "SELECT talk_id AS TalkId, unit_id AS UnitId, began_at AS BeganAt FROM voice_floors WHERE channel = @channel AND held_until > @nowUnixMs",
        new { channel, nowUnixMs }, transaction);

    /// <returns>False: somebody speaks there who goes before, or came first.</returns>
    public static bool Take(DbTransaction transaction, string channel, byte[] talkId, int priority, string unitId, long nowUnixMs, long untilUnixMs) =>
        transaction.Connection!.Execute(
            """
            INSERT INTO voice_floors (channel, talk_id, priority, unit_id, began_at, held_until)
            VALUES (@channel, @talkId, @priority, @unitId, @nowUnixMs, @untilUnixMs)
            ON CONFLICT (channel) DO UPDATE SET talk_id = excluded.talk_id, priority = excluded.priority, unit_id = excluded.unit_id,
                began_at = excluded.began_at, held_until = excluded.held_until
            WHERE voice_floors.held_until <= @nowUnixMs OR voice_floors.priority < excluded.priority
            """,
            new { channel, talkId, priority, unitId, nowUnixMs, untilUnixMs }, transaction) > 0;

    /// <returns>False: it is another's by now.</returns>
    public static bool Renew(DbTransaction transaction, string channel, byte[] talkId, long untilUnixMs) => transaction.Connection!.Execute(
        "UPDATE voice_floors SET held_until = @untilUnixMs WHERE channel = @channel AND talk_id = @talkId", new { channel, talkId, untilUnixMs }, transaction) > 0;

    public static int Free(DbTransaction transaction, string channel, byte[] talkId) => transaction.Connection!.Execute(
        "DELETE FROM voice_floors WHERE channel = @channel AND talk_id = @talkId", new { channel, talkId }, transaction);
}
