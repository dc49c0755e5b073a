using Dapper;
using EdgeAgent.DispatchClient.Outbox;

namespace EdgeAgent.Agent.Officers;

/// <summary>
/// Five wrong PINs lock an officer's sign-in for 60 s, each further one for twice as long. The count lies on disk, so that
/// switching off does not reset it; after a start an officer above the limit waits again.
/// </summary>
internal sealed class PinLock
{
    private const int Free = 5;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(60), Longest = TimeSpan.FromHours(1);

    private readonly OutboxStore store;
    private readonly TimeProvider time;
    private readonly Dictionary<string, (int Failures, long LockedAt)> failed = [];

    public PinLock(OutboxStore store, TimeProvider time)
    {
        this.store = store;
        this.time = time;
        foreach ((string officer, long failures) in store.Read(c => c.Query<(string, long)>("SELECT officer_id, failures FROM pin_failures")))
            failed[officer] = ((int)failures, time.GetTimestamp());
    }

    /// <summary>How long this officer still has to wait; zero: not at all.</summary>
    public TimeSpan Wait(string officerId)
    {
        if (!failed.TryGetValue(officerId, out var f) || f.Failures < Free)
            return TimeSpan.Zero;
        TimeSpan locked = First * Math.Pow(2, Math.Min(f.Failures - Free, 16));
        TimeSpan left = (locked < Longest ? locked : Longest) - time.GetElapsedTime(f.LockedAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    public void Failed(string officerId)
    {
        int failures = failed.GetValueOrDefault(officerId).Failures + 1;
        failed[officerId] = (failures, time.GetTimestamp());
        store.Write((c, t) => c.Execute(
            "INSERT INTO pin_failures VALUES (@officerId, @failures) ON CONFLICT (officer_id) DO UPDATE SET failures = excluded.failures",
            new { officerId, failures }, t));
    }

    public void Succeeded(string officerId)
    {
        if (failed.Remove(officerId))
            store.Write((c, t) => c.Execute("DELETE FROM pin_failures WHERE officer_id = @officerId", new { officerId }, t));
    }
}
