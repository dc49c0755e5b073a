using System.Data.Common;
using System.Text.Json;
using Dapper;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Calls;

/// <summary>The stories of calls, and which units were told of them. Who did what and what they wrote lie sealed.</summary>
internal sealed class CallEntryTable(CentreDatabase database, Sealing sealing)
{
    /// <summary>Lines of one call at most; behind that only what moves it is written down (steps are finite, talk is not).</summary>
    public const int MostEntries = 500;

    private sealed record Said(string Actor, string Text);

    public void Add(DbTransaction transaction, byte[] callId, byte[]? eventId, CallEntry entry) => transaction.Connection!.Execute(
        """
        INSERT INTO call_entries (call_id, event_id, at, happened_at, unit_id, what, effect, state, sealed)
        VALUES (@callId, @eventId, @At, @HappenedAt, @UnitId, @What, @Effect, @State, @box)
        """,
        new
        {
            callId,
            eventId,
            entry.At,
            entry.HappenedAt,
            entry.UnitId,
            entry.What,
            entry.Effect,
            State = (int)entry.State,
            box = sealing.Seal(JsonSerializer.SerializeToUtf8Bytes(new Said(entry.Actor, entry.Text))),
        },
        transaction);

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<CallEntry> Of(Guid callId) => database.Read(c => c.Query<(long At, long HappenedAt, string UnitId, string What, string Effect, long State, byte[] Box)>(
        "SELECT at, happened_at, unit_id, what, effect, state, sealed FROM call_entries WHERE call_id = @id ORDER BY seq LIMIT 1000", new { id = Uuid7.ToBytes(callId) }))
        .Select(row =>
        {
            var said = JsonSerializer.Deserialize<Said>(sealing.Open(row.Box)) ?? new Said("", "");
            return new CallEntry
            {
                At = row.At,
                HappenedAt = row.HappenedAt,
                UnitId = row.UnitId,
                What = row.What,
                Effect = row.Effect,
                State = (CallState)row.State,
                Actor = said.Actor,
                Text = said.Text,
            };
        })
        .ToList();

    public static CallPart PartOf(DbTransaction transaction, byte[] callId, string unitId) => (CallPart)transaction.Connection!.ExecuteScalar<long>(
        "SELECT coalesce((SELECT part FROM call_units WHERE call_id = @callId AND unit_id = @unitId), 0)", new { callId, unitId }, transaction);

    public static void SetPart(DbTransaction transaction, byte[] callId, string unitId, CallPart part) => transaction.Connection!.Execute(
        """
        INSERT INTO call_units (call_id, unit_id, part) VALUES (@callId, @unitId, @part)
        ON CONFLICT (call_id, unit_id) DO UPDATE SET part = excluded.part
        """,
        new { callId, unitId, part = (int)part }, transaction);

    /// <summary>Shows it to a unit that has nothing to do with it yet.</summary>
    public static void AddNearby(DbTransaction transaction, byte[] callId, string unitId) => transaction.Connection!.Execute(
        "INSERT INTO call_units (call_id, unit_id, part) VALUES (@callId, @unitId, @part) ON CONFLICT (call_id, unit_id) DO NOTHING",
        new { callId, unitId, part = (int)CallPart.Nearby }, transaction);

    /// <summary>
    /// A newer revision says all that the older one said: what the unit has not fetched of it is taken out of the queue, so that of each call
    /// at most one command waits for a car that is away.
    /// </summary>
    public static void Supersede(DbTransaction transaction, Guid callId, string unitId, byte[] commandId, long nowUnixMs)
    {
        var id = Uuid7.ToBytes(callId);
        transaction.Connection!.Execute(
            """
            UPDATE commands SET answered_at = @nowUnixMs, outcome = 'superseded'
            WHERE answered_at IS NULL AND command_id = (SELECT command_id FROM call_units WHERE call_id = @id AND unit_id = @unitId)
            """,
            new { id, unitId, nowUnixMs }, transaction);
        transaction.Connection!.Execute("UPDATE call_units SET command_id = @commandId WHERE call_id = @id AND unit_id = @unitId", new { id, unitId, commandId }, transaction);
    }

    /// <summary>Units and their parts, of those that are not revoked.</summary>
    public static IReadOnlyList<(string UnitId, CallPart Part)> Parts(DbConnection connection, DbTransaction? transaction, byte[] callId) =>
        connection.Query<(string Unit, long Part)>(
            "SELECT c.unit_id, c.part FROM call_units c JOIN units u ON u.unit_id = c.unit_id WHERE c.call_id = @callId AND u.revoked_at IS NULL ORDER BY c.unit_id",
            new { callId }, transaction).Select(row => (row.Unit, (CallPart)row.Part)).ToList();

    public IReadOnlyList<(string UnitId, CallPart Part)> Parts(Guid callId) => database.Read(c => Parts(c, null, Uuid7.ToBytes(callId)));
}
