using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.LiveViews;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Hosting;

/// <summary>What a change made by the command line means to cars and consoles that are connected.</summary>
internal sealed class ChangeEffects(
    UnitTable units, SessionRegistry sessions, UnitFacts facts, LiveLeases leases, ConsoleFeed feed, TimeProvider time)
{
    public async Task OfAsync(IReadOnlyList<(long Seq, string Kind, string Subject)> changes)
    {
        foreach (var unitId in changes.Where(change => change.Kind == ChangeKind.Commands).Select(change => change.Subject).Distinct())
            sessions.CommandsWait(unitId);
        foreach (var unitId in changes.Where(change => change.Kind == ChangeKind.BackedUp).Select(change => change.Subject).Distinct())
            sessions.Find(unitId)?.BackedUp();
        if (changes.Any(change => change.Kind == ChangeKind.Lists))
            OfLists();
        if (changes.Any(change => change.Kind == ChangeKind.Alarms))
            feed.ChangedElsewhere("alarms");
        foreach (var topic in changes.Where(change => change.Kind == ChangeKind.Topics).Select(change => change.Subject).Distinct())
            feed.ChangedElsewhere(topic);
        if (changes.Any(change => change.Kind == ChangeKind.Units))
            await OfUnitsAsync();
    }

    private void OfLists()
    {
        sessions.ListsChanged(() =>
        {
            var command = CommandTable.New("centre", "system", time, TimeSpan.FromMinutes(1));
            command.ListsChanged = new ListsChanged();
            return command;
        });
        feed.ChangedElsewhere("lists");
    }

    private async Task OfUnitsAsync()
    {
        facts.Refresh();
        foreach (var unit in units.All().Where(unit => unit.RevokedAt is not null))
        {
            sessions.Find(unit.UnitId)?.Close("revoked", "This unit was revoked.");
            await leases.EndAllOfAsync(unit.UnitId, "the unit was revoked");
        }
    }
}
