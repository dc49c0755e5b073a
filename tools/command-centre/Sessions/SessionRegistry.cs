using System.Collections.Concurrent;
using System.Collections.Frozen;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Sessions;

/// <summary>The running session of each unit: one at most, the newest.</summary>
internal sealed class SessionRegistry
{
    private volatile FrozenSet<string> elsewhere = [];
    private readonly ConcurrentDictionary<string, UnitSession> sessions = new(StringComparer.Ordinal);

    public IEnumerable<UnitSession> All => sessions.Values;

    public UnitSession? Find(string unitId) => sessions.GetValueOrDefault(unitId);

    /// <summary>Here or at another gateway.</summary>
    public bool IsOnline(string unitId) => sessions.ContainsKey(unitId) || elsewhere.Contains(unitId);

    /// <summary>The units that other gateways hold now.</summary>
    public void Elsewhere(IEnumerable<string> unitIds) => elsewhere = unitIds.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Puts a session in the place of the unit's former one, which is told to end.</summary>
    public void Enter(UnitSession session)
    {
        UnitSession? former = null;
        _ = sessions.AddOrUpdate(session.UnitId, session, (_, before) =>
        {
            former = before;
            return session;
        });
        former?.Close("replaced", "A newer session of this unit has begun.");
    }

    /// <summary>Takes the session out, unless a newer one stands in its place.</summary>
    public void Leave(UnitSession session) => _ = sessions.TryRemove(KeyValuePair.Create(session.UnitId, session));

    public void CloseAll(string code, string detail)
    {
        foreach (var session in sessions.Values)
            session.Close(code, detail);
    }

    /// <summary>There is something new for this unit among the stored commands.</summary>
    public void CommandsWait(string unitId) => Find(unitId)?.CommandsWait();

    /// <summary>Tells every car to ask for its lists again.</summary>
    public void ListsChanged(Func<Command> command)
    {
        foreach (var session in sessions.Values)
            _ = session.TrySend(command());
    }
}
