using System.Data.Common;
using Dapper;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>What a unit should have delivered and has not, long enough for somebody to look after it.</summary>
/// <param name="Missing">Numbers of lanes that neither an event nor a tombstone stands for.</param>
/// <param name="Awaited">Attachments that were announced and have not come.</param>
/// <param name="Refused">Events that were not taken; kept with their reasons.</param>
internal sealed record UnitGaps(long Missing, long Awaited, long Refused)
{
    public static readonly UnitGaps None = new(0, 0, 0);
}

/// <summary>The alarm "evidence is missing", for all units together, looked up at most every few seconds.</summary>
internal sealed class UnitGapTable(CentreDatabase database, TimeProvider time)
{
    /// <summary>Asked for within seconds, so a number that is still missing then will not come by itself.</summary>
    public static readonly TimeSpan MissingFor = TimeSpan.FromMinutes(1);

    /// <summary>Attachments follow in their own time; after this long even a clip over a slow link is late.</summary>
    public static readonly TimeSpan AwaitedFor = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(3);
    private readonly Lock gate = new();
    private IReadOnlyDictionary<string, UnitGaps>? known;
    private long lookedAt;

    public IReadOnlyDictionary<string, UnitGaps> All()
    {
        lock (gate)
        {
            if (known is null || time.GetElapsedTime(lookedAt) > Fresh)
            {
                known = database.Read(Look);
                lookedAt = time.GetTimestamp();
            }
            return known;
        }
    }

    private Dictionary<string, UnitGaps> Look(DbConnection connection)
    {
        var now = time.GetUtcNow();
        var gaps = new Dictionary<string, UnitGaps>(StringComparer.Ordinal);
        Add("SELECT unit_id, sum(to_number - from_number + 1) FROM missing WHERE noticed_at <= @before GROUP BY unit_id", MissingFor, (gap, n) => gap with { Missing = n });
        Add("SELECT unit_id, count(*) FROM awaited WHERE since <= @before GROUP BY unit_id", AwaitedFor, (gap, n) => gap with { Awaited = n });
        Add("SELECT unit_id, count(*) FROM refused WHERE received_at <= @before GROUP BY unit_id", TimeSpan.Zero, (gap, n) => gap with { Refused = n });
        return gaps;

        void Add(string query, TimeSpan stands, Func<UnitGaps, long, UnitGaps> with)
        {
            foreach (var (unit, count) in connection.Query<(string, long)>(query, new { before = (now - stands).ToUnixTimeMilliseconds() }))
                gaps[unit] = with(gaps.GetValueOrDefault(unit, UnitGaps.None), count);
        }
    }
}
