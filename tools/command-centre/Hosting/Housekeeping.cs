using System.Data.Common;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.LookUps;
using EdgeAgent.CommandCentre.Retention;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Hosting;

/// <summary>
/// Each hour: erases what is past its clock and the personal part of requests answered long ago, holds look-ups against sign-ins,
/// forgets lists whose time has ended, signs rosters anew before they end, renews the server's certificate.
/// </summary>
internal sealed class Housekeeping(
    CentreDatabase database, CommitQueue commits, RosterIssuing rosters, RetentionSweep retention, LookUpSweep lookUps, SessionRegistry sessions, ServerCertificate certificate, TimeProvider time, ILogger<Housekeeping> log)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            do
                await RunOnceAsync();
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The centre stops.
        }
    }

    private async Task RunOnceAsync()
    {
        try
        {
            certificate.Renew();
            // One gateway at a time: another one that is at it does the same work.
            using var alone = database.TryHold("housekeeping");
            if (alone is null)
                return;
            var now = time.GetUtcNow();
            var renewed = await commits.CommitAsync(transaction =>
            {
                _ = ListTable.ForgetEnded(transaction, now.ToUnixTimeMilliseconds());
                _ = RequestTable.EraseDue(transaction, now);
                lookUps.Run(transaction, now);
                _ = SessionTable.RemoveOver(transaction, (now - TimeSpan.FromDays(2)).ToUnixTimeMilliseconds(), (now - TimeSpan.FromDays(2)).ToUnixTimeMilliseconds());
                _ = DraftTable.EraseOld(transaction, (now - DraftTable.Kept).ToUnixTimeMilliseconds());
                // What is derived of trails goes when they go.
                var policy = RetentionIssuing.Current(transaction.Connection!, transaction);
                var trail = now.ToUnixTimeMilliseconds() - (policy.TrailDays * 86_400_000L);
                _ = VisibilityTable.Forget(transaction, trail / 3_600_000);
                _ = PatrolTable.Forget(transaction, trail);
                _ = ContainmentTable.Forget(transaction, now.ToUnixTimeMilliseconds() - (policy.CallDays * 86_400_000L));
                var units = OfficerTable.EndingBefore(transaction, (now + RosterIssuing.RenewBefore).ToUnixTimeMilliseconds());
                foreach (var unitId in units)
                    _ = rosters.Issue(transaction, unitId, "centre");
                return units;
            });
            await retention.RunAsync();
            foreach (var unitId in renewed)
                sessions.CommandsWait(unitId);
        }
        catch (Exception e) when (e is DbException or CentreException or IOException or System.Threading.Channels.ChannelClosedException)
        {
            CentreLog.HousekeepingFailed(log, e.GetType().Name);
        }
    }
}
