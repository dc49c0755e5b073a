using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Hosting;

/// <summary>
/// Counts what becomes of visits: who came to be compared is matched, deleted, or still held. Numbers only, for the deletion receipts.
/// From several threads.
/// </summary>
internal sealed class VisitAccount
{
    private readonly Lock gate = new();
    private KeptCount faces = new(), plates = new();

    public void Seen(Visit visit) => Count(visit, c => (c.Seen, c.Held) = (c.Seen + 1, c.Held + 1));

    /// <summary>It agreed with an entry. Its own data was overwritten all the same: what is shown is the alert's.</summary>
    public void Matched(Visit visit) => Count(visit, c => (c.Matched, c.Held) = (c.Matched + 1, c.Held - 1));

    public void Deleted(Visit visit) => Count(visit, c => (c.Deleted, c.Held) = (c.Deleted + 1, c.Held - 1));

    /// <summary>What happened since it was last taken, and what is held now.</summary>
    public (KeptCount Faces, KeptCount Plates) Take()
    {
        lock (gate)
        {
            (KeptCount, KeptCount) taken = (faces, plates);
            (faces, plates) = (new KeptCount { Held = faces.Held }, new KeptCount { Held = plates.Held });
            return taken;
        }
    }

    private void Count(Visit visit, Action<KeptCount> count)
    {
        lock (gate)
            count(visit is FaceSighting ? faces : plates);
    }
}
