using System.Data.Common;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>
/// Which numbers of one lane the centre holds: the highest, and below it the ranges that are missing. Works on the table within
/// the caller's transaction.
/// </summary>
internal sealed class LaneLedger
{
    private const string ThisLane = "unit_id = @unit AND incarnation = @incarnation AND lane = @lane";
    private const string PutLane =
        "INSERT INTO lanes VALUES (@unit, @incarnation, @lane, @highest) ON CONFLICT (unit_id, incarnation, lane) DO UPDATE SET highest = excluded.highest";
    private const string PutMissing =
        "INSERT INTO missing VALUES (@unit, @incarnation, @lane, @from, @to, @now) ON CONFLICT (unit_id, incarnation, lane, from_number) DO UPDATE SET to_number = excluded.to_number";

    private readonly DbTransaction transaction;
    private readonly string unitId;
    private readonly byte[] incarnation;
    private readonly int lane;
    private readonly List<(long From, long To)> missing;
    private readonly HashSet<long> stored = [];
    private long highest;
    private bool changed;

    private LaneLedger(DbTransaction transaction, string unitId, byte[] incarnation, int lane)
    {
        (this.transaction, this.unitId, this.incarnation, this.lane) = (transaction, unitId, incarnation, lane);
        missing = [];
        using var head = Sql.Command(transaction, $"SELECT highest FROM lanes WHERE {ThisLane}", Keys());
        highest = head.ExecuteScalar() is long known ? known : 0;
        using var ranges = Sql.Command(transaction, $"SELECT from_number, to_number FROM missing WHERE {ThisLane} ORDER BY from_number", Keys());
        using var reader = ranges.ExecuteReader();
        while (reader.Read())
        {
            missing.Add((reader.GetInt64(0), reader.GetInt64(1)));
            _ = stored.Add(reader.GetInt64(0));
        }
    }

    public static LaneLedger Load(DbTransaction transaction, string unitId, byte[] incarnation, int lane) =>
        new(transaction, unitId, incarnation, lane);

    /// <summary>Everything up to here is accounted for.</summary>
    public long Contiguous => missing.Count > 0 ? missing[0].From - 1 : highest;

    public long Highest => highest;

    public IReadOnlyList<(long From, long To)> Missing => missing;

    /// <summary>These numbers are stored, refused or stood for by a tombstone: no gap any more, and gaps below them are seen.</summary>
    public void Account(long from, long to)
    {
        if (from > highest)
        {
            if (from > highest + 1)
                missing.Add((highest + 1, from - 1));
            highest = to;
            changed = true;
            return;
        }
        Remove(from, Math.Min(to, highest));
        if (to > highest)
        {
            highest = to;
            changed = true;
        }
    }

    /// <summary>The car says that it has numbered up to here: what has not come is missing.</summary>
    public void Expect(long last)
    {
        if (last <= highest)
            return;
        missing.Add((highest + 1, last));
        highest = last;
        changed = true;
    }

    /// <summary>Writes what changed.</summary>
    public void Save(long nowUnixMs)
    {
        if (!changed)
            return;
        using var head = Sql.Command(transaction, PutLane, [.. Keys(), ("@highest", highest)]);
        _ = head.ExecuteNonQuery();
        var now = missing.Select(range => range.From).ToHashSet();
        foreach (var gone in stored.Where(from => !now.Contains(from)))
        {
            using var delete = Sql.Command(transaction, $"DELETE FROM missing WHERE {ThisLane} AND from_number = @from", [.. Keys(), ("@from", gone)]);
            _ = delete.ExecuteNonQuery();
        }
        foreach (var (from, to) in missing)
        {
            using var put = Sql.Command(transaction, PutMissing, [.. Keys(), ("@from", from), ("@to", to), ("@now", nowUnixMs)]);
            _ = put.ExecuteNonQuery();
        }
    }

    private void Remove(long from, long to)
    {
        for (var at = missing.Count - 1; at >= 0; at--)
        {
            var (gapFrom, gapTo) = missing[at];
            if (gapTo < from)
                return;
            if (gapFrom > to)
                continue;
            changed = true;
            missing.RemoveAt(at);
            if (gapTo > to)
                missing.Insert(at, (to + 1, gapTo));
            if (gapFrom < from)
                missing.Insert(at, (gapFrom, from - 1));
        }
    }

    private (string, object?)[] Keys() => [("@unit", unitId), ("@incarnation", incarnation), ("@lane", lane)];
}
