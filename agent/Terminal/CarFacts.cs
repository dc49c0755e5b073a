using System.Reflection;
using System.Text.Json;
using Dapper;
using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Eyes.V1;

namespace EdgeAgent.Agent.Terminal;

/// <summary>What the car is and what it has done since its start.</summary>
internal sealed class CarFacts(UnitIdentity unit, TrustedClock clock, EyesFacts eyes, AlertBook alerts, OutboxStore outbox)
{
    public static string SoftwareVersion { get; } =
        typeof(CarFacts).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    public string UnitId => unit.UnitId;

    public TrustedClock Clock => clock;

    /// <summary>Null while there is room.</summary>
    public object? Disk() => outbox.Counts is not { DiskFullSinceUnixMs: { } since } counts ? null : new
    {
        code = "disk_full",
        sinceUnixMs = since,
        counts.NotTaken,
        detailZh = "磁盘已满：不再记录轨迹、计数和证据；决定和警情处置照常保存。请通知管理员清理磁盘。",
        detailEn = "Disk full: trail, counts and evidence are not kept; decisions and call steps are. Ask your administrator to free space.",
    };

    public object Counters()
    {
        (EyesCounters seen, AlertCounts counts) = (eyes.Counters, alerts.Counts);
        (_, long acked, long pending) = Events();
        return new
        {
            seen.FramesAnalysed,
            faces = seen.FaceEmbeddings,
            reads = seen.PlateReads,
            counts.HitsFace,
            counts.HitsPlate,
            counts.Decisions,
            eventsAcked = acked,
            eventsPending = pending,
        };
    }

    /// <summary>For scripts on this machine: GET /api/summary, and DATA/run/summary.json at the end.</summary>
    public object Summary(int camerasStreaming)
    {
        (EyesCounters seen, AlertCounts counts) = (eyes.Counters, alerts.Counts);
        (long appended, long acked, long pending) = Events();
        return new
        {
            cameras = eyes.Configuration.Cameras.Count,
            camerasStreaming,
            frames = seen.FramesDecoded,
            seen.FramesAnalysed,
            seen.FramesDropped,
            seen.FramesOutstanding,
            faces = seen.FaceEmbeddings,
            reads = seen.PlateReads,
            counts.HitsFace,
            counts.HitsPlate,
            counts.Decisions,
            counts.ConfirmedFace,
            counts.ConfirmedPlate,
            counts.Suppressed,
            visitsDropped = eyes.VisitsDropped,
            visitsRefused = eyes.Refusals.Counts,
            eventsAppended = appended,
            eventsAcked = acked,
            eventsPending = pending,
            eventsNotTaken = outbox.Counts.NotTaken,
            alertLatenciesMs = counts.LatenciesMs,
            alertOpenLatenciesMs = counts.OpenLatenciesMs,
            eyesRestarts = eyes.Returns,
            eyesRssBytes = seen.RssBytes,
            eyesCpuSeconds = seen.CpuSeconds,
            eyesFrameBytes = seen.FrameBytes,
            eyesReaderBytes = seen.ReaderBytes,
            eyesQuietFrames = seen.QuietFrames,
            eyesQuietFrameBytes = seen.QuietFrameBytes,
            eyesAllocatedBytes = seen.AllocatedBytes,
            eyesVisits = seen.FaceTracks + seen.PlateTracks,
            eyesLooks = seen.LooksTaken,
            eyesLooksDropped = seen.LooksDropped,
            eyesMainPictures = seen.MainPictures,
            analysis = eyes.Cameras.Values.Where(w => w.Status.FramesWanted > 0)
                .Select(w => new { w.Status.CameraId, w.Status.FramesWanted, w.Status.FramesAnalysed }),
        };
    }

    public void WriteSummary(string path, int camerasStreaming)
    {
        try
        {
            // A host that ends within its first moment has not made the folder yet.
            _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            SafeFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(Summary(camerasStreaming), JsonSerializerOptions.Web));
        }
        catch (IOException error) when (SafeFile.IsDiskFull(error))
        {
            // Only scripts miss it; what the other parts still have to write at the end matters more.
        }
    }

    private (long Appended, long Acked, long Pending) Events()
    {
        OutboxCounts counts = outbox.Counts;
        long appended = outbox.Appended;
        return (appended, Math.Max(0, appended - counts.Pending - counts.Refused), counts.Pending);
    }
}
