using System.Data.Common;
using Dapper;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>The video to an event, or why there is none.</summary>
/// <param name="Sha256">Its content; null when there is none.</param>
/// <param name="SizeBytes">Null while it is on its way.</param>
internal sealed record Clip(string CameraId, long FromUnixMs, long ToUnixMs, string Reason, byte[]? Sha256, long? SizeBytes);

/// <summary>Which video belongs to which event.</summary>
internal sealed class ClipTable(CentreDatabase database)
{
    private const string Mp4 = "video/mp4";

    /// <summary>Notes what an event says of another one's video. What names none, or a form that is not shown, is kept as an event only.</summary>
    public static void Note(DbTransaction transaction, string unitId, Event happened)
    {
        if (happened.EvidenceReady is not { } ready || ready.AboutEventId.Length != Uuid7.Length)
            return;
        var video = happened.Attachments.FirstOrDefault(a => a.Role == AttachmentRole.Clip && a.MediaType == Mp4);
        if (video is null && ready.Reason.Length == 0)
            return;
        _ = transaction.Connection!.Execute(
            "INSERT INTO clips VALUES (@id, @unitId, @about, @CameraId, @FromUnixMs, @ToUnixMs, @Reason, @sha256)",
            new
            {
                id = happened.Id.ToByteArray(),
                unitId,
                about = ready.AboutEventId.ToByteArray(),
                ready.CameraId,
                ready.FromUnixMs,
                ready.ToUnixMs,
                ready.Reason,
                sha256 = video?.Sha256.ToByteArray(),
            },
            transaction);
    }

    /// <summary>The video to this event as its own unit told of it, one that is here first; null while nothing was told.</summary>
    public Clip? Of(string unitId, Guid eventId) => database.Read(c => c.QueryFirstOrDefault<Clip>(
        """
        SELECT k.camera_id AS CameraId, k.from_at AS FromUnixMs, k.to_at AS ToUnixMs, k.reason AS Reason, k.sha256 AS Sha256, e.size_bytes AS SizeBytes
        FROM clips k LEFT JOIN evidence e ON e.sha256 = k.sha256
        WHERE k.about_event_id = @about AND k.unit_id = @unitId
        ORDER BY e.sha256 IS NULL, k.sha256 IS NULL, k.event_id LIMIT 1
        """,
        new { about = Uuid7.ToBytes(eventId), unitId }));
}
