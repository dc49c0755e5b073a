using Dapper;
using EdgeAgent.DispatchClient.Outbox;

namespace EdgeAgent.Agent.Officers;

/// <summary>
/// Five failures lock for 60 s, each further one for twice as long. The count lies on disk, so that switching off does not reset it; after
/// a start, whoever is above the limit waits again.
/// </summary>
internal abstract class AttemptLock
{
    /// <summary>So many failures are borne before it locks.</summary>
    public const int Free = 5;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(60), Longest = TimeSpan.FromHours(1);

    private readonly OutboxStore store;
    private readonly TimeProvider time;
    private readonly string table, column;
    private readonly Dictionary<string, (int Failures, long LockedAt)> failed = [];

    protected AttemptLock(OutboxStore store, TimeProvider time, string table, string column)
    {
        (this.store, this.time, this.table, this.column) = (store, time, table, column);
        foreach ((string key, long failures) in store.Read(c => c.Query<(string, long)>($"SELECT {column}, failures FROM {table}")))
            failed[key] = ((int)failures, time.GetTimestamp());
    }

    /// <summary>How long is still to be waited; zero: not at all.</summary>
    public TimeSpan Wait(string key)
    {
        if (!failed.TryGetValue(key, out var f) || f.Failures < Free)
            return TimeSpan.Zero;
        TimeSpan locked = First * Math.Pow(2, Math.Min(f.Failures - Free, 16));
        TimeSpan left = (locked < Longest ? locked : Longest) - time.GetElapsedTime(f.LockedAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    public void Failed(string key)
    {
        int failures = failed.GetValueOrDefault(key).Failures + 1;
        failed[key] = (failures, time.GetTimestamp());
        store.Write((c, t) => c.Execute(
            $"INSERT INTO {table} VALUES (@key, @failures) ON CONFLICT ({column}) DO UPDATE SET failures = excluded.failures", new { key, failures }, t));
    }

    public void Succeeded(string key)
    {
        if (failed.Remove(key))
            store.Write((c, t) => c.Execute($"DELETE FROM {table} WHERE {column} = @key", new { key }, t));
    }
}

/// <summary>Wrong PINs, by officer.</summary>
internal sealed class PinLock(OutboxStore store, TimeProvider time) : AttemptLock(store, time, "pin_failures", "officer_id");

/// <summary>Faces that were refused, by screen: whose they were is not known. Never keeps anybody from their PIN.</summary>
internal sealed class FaceLock(OutboxStore store, TimeProvider time) : AttemptLock(store, time, "face_failures", "screen");
