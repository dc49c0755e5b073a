using System.Data.Common;
using System.Threading.Channels;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Releases;

/// <summary>Looks at each roll-out that runs, every ten seconds. All that it knows is in the database: a restart changes nothing.</summary>
internal sealed class RolloutDriver(RolloutBook book, CommitQueue commits, SessionRegistry sessions, TimeProvider time, ILogger<RolloutDriver> log) : Rounds(TimeSpan.FromSeconds(10), time)
{
    protected override async Task RoundAsync()
    {
        try
        {
            foreach (var rollout in book.Running())
            {
                foreach (var unitId in await commits.CommitAsync(transaction => book.Move(transaction, rollout)))
                    sessions.CommandsWait(unitId);
            }
        }
        catch (Exception e) when (e is DbException or CentreException or ChannelClosedException)
        {
            CentreLog.RolloutFailed(log, e.GetType().Name);
        }
    }
}
