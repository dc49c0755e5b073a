using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Watchlists;
using EdgeAgent.DispatchClient.Outbox;

namespace EdgeAgent.Agent.Alerts;

/// <summary>
/// Five times a second: what lapses, what expires, who is still on duty, whether anything may be matched. What changes in between
/// (an officer, a list, eyes) is acted on at once.
/// </summary>
internal sealed class AlertStage
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(200);

    private readonly AlertBook alerts;
    private readonly OfficerDesk officers;
    private readonly WatchlistLibrary lists;
    private readonly MatchGate gate;
    private readonly TrustedClock clock;
    private readonly TimeProvider time;

    public AlertStage(AlertBook alerts, OfficerDesk officers, WatchlistLibrary lists, MatchGate gate, TrustedClock clock, TimeProvider time)
    {
        (this.alerts, this.officers, this.lists, this.gate, this.clock, this.time) = (alerts, officers, lists, gate, clock, time);
        lists.Ended += alerts.Withdraw;
        lists.EntriesEnded += alerts.Withdraw;
        lists.Changed += () => gate.Refresh();
        officers.Changed += () => gate.Refresh();
        gate.Eyes.Changed += () => gate.Refresh();
    }

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Beat, time);
        try
        {
            do
            {
                Tick(pulse);
                pulse.Beat();
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        finally
        {
            // What nobody decided was not seen; nobody stays on duty in a car that is off.
            alerts.Stop();
            foreach (CrewMember member in officers.Crew)
                officers.SignOut(member.Session, "stop");
        }
    }

    private void Tick(StagePulse pulse)
    {
        try
        {
            clock.Tick();
            lists.Tick();
            alerts.Tick();
            officers.Tick();
            _ = gate.Refresh();
            pulse.Ok();
        }
        catch (OutboxException full) when (full.IsDiskFull)
        {
            // What could not be written down has not happened; it is tried again with the next beat.
            pulse.Degraded(full.Message);
        }
    }
}
