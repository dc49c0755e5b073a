using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using EdgeAgent.CommandCentre.Patrolling;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>
/// Adds the time that a stored track event tells to the cells it passed, in the transaction that stores the event: a repeated event is
/// not stored, so it adds nothing. The way from a segment to its neighbours by number belongs to whichever of the two is stored last.
/// Time longer than <see cref="PatrolRules.LongestGapMs"/> between two positions is nobody's.
/// </summary>
internal sealed class VisibilityLedger(DbTransaction transaction, Sealing sealing, string unitId, byte[] incarnation, long nowUnixMs)
{
    private const long HourMs = 3_600_000;

    // A clock that is years out must not make rows that nothing ever forgets.
    private const long OldestMs = 366 * 24 * HourMs, NewestMs = HourMs / 6;

    public void Note(Event stored)
    {
        if (stored.BodyCase != Event.BodyOneofCase.Track)
            return;
        var own = TrackPoints.Fixes(stored).ToList();
        if (own.Count == 0)
            return;
        var (before, after) = Neighbours((long)stored.Number);
        if (before is { } one)
            own.Insert(0, one);
        if (after is { } other)
            own.Add(other);
        var cells = new Dictionary<(long Hour, int Row, int Column), long>();
        for (var at = 1; at < own.Count; at++)
            Add(cells, own[at - 1], own[at]);
        foreach (var ((hour, row, column), ms) in cells)
        {
            transaction.Connection!.Execute(
                """
                INSERT INTO visibility (hour, unit_id, cell_row, cell_column, ms) VALUES (@hour, @unitId, @row, @column, @ms)
                ON CONFLICT (hour, unit_id, cell_row, cell_column) DO UPDATE SET ms = visibility.ms + excluded.ms
                """,
                new { hour, unitId, row, column, ms }, transaction);
        }
    }

    private void Add(Dictionary<(long Hour, int Row, int Column), long> cells, PatrolFix from, PatrolFix to)
    {
        var ms = to.AtUnixMs - from.AtUnixMs;
        if (!from.Counts || !to.Counts || ms is <= 0 or > PatrolRules.LongestGapMs
            || from.AtUnixMs < nowUnixMs - OldestMs || to.AtUnixMs > nowUnixMs + NewestMs)
            return;
        var (row, column) = CellGrid.Of(from.LatitudeDegrees, from.LongitudeDegrees);
        var cell = (from.AtUnixMs / HourMs, row, column);
        cells[cell] = cells.GetValueOrDefault(cell) + ms;
    }

    /// <summary>The last position of the segment before and the first of the one after, where they are here.</summary>
    private (PatrolFix? Before, PatrolFix? After) Neighbours(long number)
    {
        PatrolFix? before = null, after = null;
        foreach (var (at, payload) in transaction.Connection!.Query<(long, byte[])>(
            """
            SELECT number, payload FROM events
            WHERE unit_id = @unitId AND incarnation = @incarnation AND lane = @lane AND number IN (@previous, @next) AND kind = 'track'
            """,
            new { unitId, incarnation, lane = (int)Lane.Positions, previous = number - 1, next = number + 1 }, transaction))
        {
            if (Opened(payload) is not { } neighbour)
                continue;
            if (at < number)
                before = TrackPoints.Fixes(neighbour).Select(fix => (PatrolFix?)fix).LastOrDefault();
            else
                after = TrackPoints.Fixes(neighbour).Select(fix => (PatrolFix?)fix).FirstOrDefault();
        }
        return (before, after);
    }

    // A spoiled neighbour costs a second of a heat map; it must not keep a car's event out.
    private Event? Opened(byte[] payload)
    {
        try
        {
            return Event.Parser.ParseFrom(sealing.Open(payload));
        }
        catch (Exception e) when (e is CryptographicException or InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
