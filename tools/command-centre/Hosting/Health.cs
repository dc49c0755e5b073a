using System.Data.Common;
using System.Threading.Channels;
using EdgeAgent.CommandCentre.Backup;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Hosting;

internal sealed record HealthCheck(string Name, bool Ok, string Detail);

/// <summary>
/// GET /health/live: the process answers. GET /health/ready: it can do its work; 503 and why when it cannot. For load balancers and
/// monitoring, so nobody signs in; nothing in it is about cars or people.
/// </summary>
internal static class Health
{
    private const long LeastFreeBytes = 1L << 30;
    private static readonly TimeSpan StoresWithin = TimeSpan.FromSeconds(3);

    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => Results.Text("ok\n"));
        app.MapGet("/health/ready", async (CommitQueue commits, CentreDatabase database, DataFolder folder, ServerCertificate certificate, TimeProvider time) =>
        {
            HealthCheck[] checks = [await StorageAsync(commits, time), Disk(folder), Certificate(certificate, time), Backups(database, time)];
            return Results.Json(new { ready = checks.All(check => check.Ok), checks }, statusCode: checks.All(check => check.Ok) ? 200 : 503);
        });
    }

    private static async Task<HealthCheck> StorageAsync(CommitQueue commits, TimeProvider time)
    {
        var began = time.GetTimestamp();
        try
        {
            _ = await commits.CommitAsync(_ => 0).WaitAsync(StoresWithin, time);
            return new HealthCheck("storage", true, $"a commit took {time.GetElapsedTime(began).TotalMilliseconds:0} ms");
        }
        catch (Exception e) when (e is DbException or TimeoutException or ChannelClosedException or InvalidOperationException)
        {
            return new HealthCheck("storage", false, $"nothing can be stored: {e.GetType().Name}");
        }
    }

    private static HealthCheck Disk(DataFolder folder)
    {
        var free = new DriveInfo(folder.Path).AvailableFreeSpace;
        return new HealthCheck("disk", free >= LeastFreeBytes, $"{free >> 20} MiB free, {LeastFreeBytes >> 20} needed");
    }

    private static HealthCheck Certificate(ServerCertificate certificate, TimeProvider time)
    {
        var left = certificate.Current.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime;
        return new HealthCheck("certificate", left > TimeSpan.FromDays(1), $"{left.TotalDays:0} days left");
    }

    /// <summary>Told, never a reason not to be ready: a centre that is not backed up still has to answer.</summary>
    private static HealthCheck Backups(CentreDatabase database, TimeProvider time) => new(
        "backup", true,
        database.Read(c => BackupMarks.NewestAt(c)) is { } at ? $"the last one {(time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(at)).TotalHours:0.0} h ago" : "none was ever made");
}
