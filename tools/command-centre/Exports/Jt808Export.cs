using System.Net.Sockets;
using EdgeAgent.CommandCentre.Emergencies;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Exports;

/// <summary>Positions of the units that the file names to a JT/T 808 platform, a line each, taken up again when it breaks.</summary>
internal sealed class Jt808Export(Jt808Options options, Fleet fleet, SosTable sos, CommitQueue commits, TimeProvider time, ILogger<Jt808Export> log) : BackgroundService
{
    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1), MostPause = TimeSpan.FromMinutes(2), Look = TimeSpan.FromSeconds(2);
    private volatile HashSet<string> inNeed = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            _ = await commits.CommitAsync(transaction =>
            {
                var row = new AuditRow("centre", "export_started", $"jt808 units {options.Units.Count}", $"{options.Authority} {options.LegalReference}");
                AuditTable.Add(transaction, row, time.GetUtcNow().ToUnixTimeMilliseconds());
                return 0;
            }, stoppingToken);
            await Task.WhenAll([WatchSosAsync(stoppingToken), .. options.Units.Select(unit => KeepAsync(unit, stoppingToken))]);
        }
        catch (OperationCanceledException)
        {
            // The centre stops.
        }
    }

    private async Task WatchSosAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Look, time);
        do
            inNeed = [.. sos.Open().Where(row => row.EndedAt is null).Select(row => row.UnitId)];
        while (await timer.WaitForNextTickAsync(stop));
    }

    private async Task KeepAsync(ExportedUnit unit, CancellationToken stop)
    {
        var line = new Jt808Line(options, unit, fleet, unitId => inNeed.Contains(unitId), time);
        for (var pause = LeastPause; ; pause = pause * 2 > MostPause ? MostPause : pause * 2)
        {
            var before = line.Told;
            try
            {
                await line.RunAsync(stop);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                ExportLog.Broken(log, "jt808", unit.UnitId, e.Message);
            }
            if (line.Told > before)
                pause = LeastPause;
            await Task.Delay(pause, time, stop);
        }
    }
}

/// <summary>6500-6519.</summary>
internal static partial class ExportLog
{
    [LoggerMessage(6500, LogLevel.Warning, "The line of {Kind} for {Unit} broke, and is taken up again: {Why}")]
    public static partial void Broken(ILogger log, string kind, string unit, string why);

    [LoggerMessage(6501, LogLevel.Warning, "The platform of {Kind} refused an alert: {Why}")]
    public static partial void Refused(ILogger log, string kind, string why);

    [LoggerMessage(6502, LogLevel.Warning, "The platform of {Kind} cannot be reached, trying again: {Why}")]
    public static partial void Unreachable(ILogger log, string kind, string why);
}
