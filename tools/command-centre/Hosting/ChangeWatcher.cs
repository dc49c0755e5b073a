using Dapper;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.LiveViews;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using Microsoft.Data.Sqlite;

namespace EdgeAgent.CommandCentre.Hosting;

/// <summary>
/// Notices what the command line changed while the server runs: SQLite's data_version moves with every commit of another
/// connection, and the table of changes says what it was about. Cars hear of it within a fraction of a second.
/// </summary>
internal sealed class ChangeWatcher(
    CentreDatabase database, UnitTable units, SessionRegistry sessions, UnitLabels labels, LiveLeases leases, ConsoleFeed feed, TimeProvider time, ILogger<ChangeWatcher> log)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);
    private long seen = database.Read(ChangeTable.Newest);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var connection = database.Connect();
        using var timer = new PeriodicTimer(Period, time);
        var version = -1L;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                version = await LookAsync(connection, version);
        }
        catch (OperationCanceledException)
        {
            // The centre stops.
        }
    }

    private async Task<long> LookAsync(SqliteConnection connection, long version)
    {
        try
        {
            var current = connection.ExecuteScalar<long>("PRAGMA data_version");
            if (current == version)
                return version;
            await PassAsync(ChangeTable.After(connection, seen));
            return current;
        }
        catch (SqliteException e)
        {
            CentreLog.WatchFailed(log, e.GetType().Name);
            return -1;
        }
    }

    private async Task PassAsync(IReadOnlyList<(long Seq, string Kind, string Subject)> changes)
    {
        if (changes.Count == 0)
            return;
        seen = changes[^1].Seq;
        foreach (var unitId in changes.Where(change => change.Kind == ChangeKind.Commands).Select(change => change.Subject).Distinct())
            sessions.CommandsWait(unitId);
        if (changes.Any(change => change.Kind == ChangeKind.Lists))
        {
            sessions.ListsChanged(() =>
            {
                var command = CommandTable.New("centre", "centre", time, TimeSpan.FromMinutes(1));
                command.ListsChanged = new Patrol.Dispatch.V1.ListsChanged();
                return command;
            });
            feed.ListsChanged();
        }
        if (changes.Any(change => change.Kind == ChangeKind.Units))
        {
            labels.Refresh();
            foreach (var unit in units.All().Where(unit => unit.RevokedAt is not null))
            {
                sessions.Find(unit.UnitId)?.Close("revoked", "This unit was revoked.");
                await leases.EndAllOfAsync(unit.UnitId, "the unit was revoked");
            }
        }
    }
}
