using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Watchlists;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Chaos.Records;

/// <summary>The part of the host that holds lists, composed as the host composes it, over one data folder and the clocks of one machine.</summary>
internal sealed class ListCar : IDisposable
{
    private readonly AuditLog audit;
    private readonly UnitVault vault;

    private readonly CarClocks clocks;
    private readonly bool believesWall;

    /// <param name="data">Made before.</param>
    /// <param name="unit">Whose it is.</param>
    /// <param name="model">Of the face lists.</param>
    /// <param name="clocks">Of its machine.</param>
    /// <param name="believesWall">As if the machine's clock were believed: what the rest of the car is there to prevent.</param>
    public ListCar(string data, UnitIdentity unit, ReadOnlyMemory<byte> model, CarClocks clocks, bool believesWall)
    {
        (this.clocks, this.believesWall) = (clocks, believesWall);
        vault = UnitVault.Open(data, NullLogger.Instance);
        Clock = TrustedClock.Open(data, clocks.Boot, clocks);
        Outbox = OutboxStore.Open(new OutboxOptions { Directory = data, ReserveBytes = 0 }, new PayloadSeal(p => vault.Seal("outbox", p), c => vault.Open("outbox", c)), clocks);
        AgentTables.Migrate(Outbox);
        audit = AuditLog.Open(Path.Combine(data, "audit"), unit, Clock, Ledger.LastCommitted(Outbox), NullLogger.Instance);
        var files = new ListFiles(Path.Combine(data, "lists"), vault);
        var policy = new ListPolicy(new ListTrust([.. unit.ListRoots]), model, Options);
        Lists = new WatchlistLibrary(
            files, new ListJudge(policy, files, Clock), Clock,
            new Ledger(Outbox, audit, vault, Clock), NullLogger<WatchlistLibrary>.Instance);
        Lists.LoadFromDisk();
    }

    /// <summary>The host's own defaults.</summary>
    public static ListOptions Options { get; } = new();

    public OutboxStore Outbox { get; }

    public TrustedClock Clock { get; }

    public WatchlistLibrary Lists { get; }

    /// <summary>Whether a visit would be compared with it now, by the gate's own questions.</summary>
    public bool Matches(string listId)
    {
        long now = believesWall ? clocks.WallUnixMs : Clock.NowUnixMs;
        return (believesWall || Clock.IsVouched) && (Lists.Current.HasFaces(now) || Lists.Current.HasPlates(now))
            && Lists.Current.Lists.TryGetValue(listId, out LoadedList? list) && list.IsCurrent(now)
            && (believesWall || Lists.IsInContact(list.Facts.Kind, now));
    }

    public bool Holds(string listId) => Lists.Current.Lists.ContainsKey(listId);

    public void Dispose()
    {
        audit.Dispose();
        Outbox.DisposeAsync().AsTask().GetAwaiter().GetResult();
        vault.Dispose();
    }
}
