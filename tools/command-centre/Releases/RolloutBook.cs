using System.Data.Common;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;

namespace EdgeAgent.CommandCentre.Releases;

/// <summary>
/// Roll-outs, moved on by what units say and by the clock. A ring is offered whole; the next one only when each unit of it runs the
/// release and has been well with it for the soak time. Anything else stops it, with the reason, until a person decides.
/// </summary>
internal sealed class RolloutBook(RolloutTable rollouts, ReleaseOrders orders, EventTable events, UnitTable units, SessionRegistry sessions, TimeProvider time)
{
    private const int EventsLookedAt = 20;

    /// <returns>"" or unknown_release, no_units, unknown_unit, unit_twice, unit_taken.</returns>
    public string Begin(DbTransaction transaction, Rollout rollout, IReadOnlyList<IReadOnlyList<string>> rings)
    {
        var all = rings.SelectMany(ring => ring).ToList();
        var taken = RolloutTable.Taken(transaction);
        var problem = !ReleaseStore.Exists(transaction, rollout.Version) ? "unknown_release"
            : rings.Count == 0 || rings.Any(ring => ring.Count == 0) ? "no_units"
            : all.Distinct(StringComparer.Ordinal).Count() != all.Count ? "unit_twice"
            : all.Any(unit => UnitTable.Find(transaction, unit) is not { RevokedAt: null, EnrolledAt: not null }) ? "unknown_unit"
            : all.Any(taken.Contains) ? "unit_taken"
            : "";
        if (problem.Length > 0)
            return problem;
        RolloutTable.Add(transaction, rollout, rings);
        Note(transaction, rollout.MadeBy, "rollout_begun", rollout, $"{rings.Count} rings, {all.Count} units");
        return "";
    }

    /// <summary>A person's act: pause, resume (units that failed are left out), roll_back (who has it, or is offered it, is ordered back to what it ran before).</summary>
    /// <returns>"" or unknown_rollout, rollout_closed.</returns>
    public string Act(DbTransaction transaction, byte[] id, string act, string actor, string reason)
    {
        if (RolloutTable.Find(transaction, id) is not { } rollout)
            return "unknown_rollout";
        var allowed = act switch
        {
            "pause" => rollout.State == RolloutState.Running,
            "resume" => rollout.State is RolloutState.Paused or RolloutState.Stopped,
            "roll_back" => rollout.State != RolloutState.RolledBack,
            _ => false,
        };
        if (!allowed)
            return "rollout_closed";
        if (act == "resume")
        {
            foreach (var unit in RolloutTable.Units(transaction.Connection!, transaction, id).Where(unit => unit.State == "failed"))
                RolloutTable.PutUnit(transaction, id, unit with { State = "left_out" });
        }
        if (act == "roll_back")
            RollBack(transaction, rollout, actor, reason);
        RolloutTable.Put(transaction, id, act switch { "pause" => RolloutState.Paused, "resume" => RolloutState.Running, _ => RolloutState.RolledBack }, rollout.Ring, ("", ""));
        Note(transaction, actor, $"rollout_{act}", rollout, reason);
        return "";
    }

    /// <summary>One look at one roll-out that runs.</summary>
    /// <returns>Units that are to be told.</returns>
    public IReadOnlyList<string> Move(DbTransaction transaction, Rollout rollout)
    {
        // Somebody may have stopped it between the look at the list and this.
        if (RolloutTable.Find(transaction, rollout.RolloutId) is not { State: RolloutState.Running } current)
            return [];
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var known = units.All().ToDictionary(unit => unit.UnitId, StringComparer.Ordinal);
        var all = RolloutTable.Units(transaction.Connection!, transaction, current.RolloutId).Where(unit => unit.Ring <= current.Ring).ToList();
        var told = new List<string>();
        for (var at = 0; at < all.Count; at++)
        {
            var unit = all[at];
            var said = RolloutHealth.Of(
                known[unit.UnitId], sessions.IsOnline(unit.UnitId), events.LatestOf(unit.UnitId, "unit_health"), events.NewestOf(unit.UnitId, "release_state", EventsLookedAt), current.Version);
            var next = unit.State == "waiting" && known[unit.UnitId].RevokedAt is null
                ? Offered(transaction, current, unit, said, told, now)
                : RolloutHealth.Next(unit, said, current.Version, TimeSpan.FromMinutes(current.BackMinutes), now);
            if (known[unit.UnitId].RevokedAt is not null && next.State is not "failed")
                next = unit with { State = "left_out" };
            if (next != unit)
                RolloutTable.PutUnit(transaction, current.RolloutId, next);
            all[at] = next;
        }
        Judge(transaction, current, all, now);
        return told;
    }

    private void Judge(DbTransaction transaction, Rollout rollout, List<RolloutUnit> all, long now)
    {
        if (all.Find(unit => unit.State == "failed") is { } failed)
        {
            RolloutTable.Put(transaction, rollout.RolloutId, RolloutState.Stopped, rollout.Ring, (failed.Code, failed.UnitId));
            Note(transaction, "centre", "rollout_stopped", rollout, $"{failed.Code} {failed.UnitId}");
            return;
        }
        var ring = all.Where(unit => unit.Ring == rollout.Ring && unit.State != "left_out").ToList();
        var soaked = ring.TrueForAll(unit => unit.State == "installed" && now - unit.InstalledAt >= TimeSpan.FromMinutes(rollout.SoakMinutes).TotalMilliseconds);
        if (!soaked)
            return;
        var last = RolloutTable.Units(transaction.Connection!, transaction, rollout.RolloutId).Max(unit => unit.Ring);
        var done = rollout.Ring >= last;
        RolloutTable.Put(transaction, rollout.RolloutId, done ? RolloutState.Done : RolloutState.Running, done ? rollout.Ring : rollout.Ring + 1, ("", ""));
        Note(transaction, "centre", done ? "rollout_done" : "rollout_next_ring", rollout, done ? "" : $"ring {rollout.Ring + 1}");
    }

    private RolloutUnit Offered(DbTransaction transaction, Rollout rollout, RolloutUnit unit, UnitState said, List<string> told, long now)
    {
        if (said.SoftwareVersion != rollout.Version)
        {
            orders.Offer(transaction, rollout.Version, unit.UnitId, rollout.MadeBy);
            told.Add(unit.UnitId);
        }
        return unit with { State = "offered", Before = said.SoftwareVersion, IllBefore = string.Join('\n', said.Ill), OfferedAt = now };
    }

    private void RollBack(DbTransaction transaction, Rollout rollout, string actor, string reason)
    {
        foreach (var unit in RolloutTable.Units(transaction.Connection!, transaction, rollout.RolloutId).Where(unit => unit.OfferedAt is not null))
        {
            // What ran the release before the roll-out began has nothing to go back from.
            if (unit.Before.Length > 0 && unit.Before != rollout.Version && UnitTable.Find(transaction, unit.UnitId) is { RevokedAt: null })
                orders.GoBack(transaction, unit.UnitId, rollout.Version, unit.Before, actor, reason);
            else
                ReleaseStore.Withdraw(transaction, unit.UnitId, rollout.Version);
        }
    }

    public IReadOnlyList<Rollout> Running() => rollouts.Running();

    private void Note(DbTransaction transaction, string actor, string action, Rollout rollout, string purpose) => AuditTable.Add(
        transaction, new AuditRow(actor, action, $"{Uuid7.ToGuid(rollout.RolloutId)} {rollout.Version}", purpose), time.GetUtcNow().ToUnixTimeMilliseconds());
}
