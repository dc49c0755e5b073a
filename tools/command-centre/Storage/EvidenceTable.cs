using System.Data.Common;
using Dapper;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>Which attachments were announced by stored events, and which are here whole.</summary>
internal sealed class EvidenceTable(CentreDatabase database)
{
    /// <summary>The size that a stored event of this unit announced for this content; null when none did.</summary>
    public long? AnnouncedSize(string unitId, byte[] eventId, byte[] sha256) => database.Read(c => c.QuerySingleOrDefault<long?>(
        """
        SELECT a.size_bytes FROM event_attachments a JOIN events e USING (event_id)
        WHERE a.sha256 = @sha256 AND a.event_id = @eventId AND e.unit_id = @unitId
        """,
        new { unitId, eventId, sha256 }));

    /// <summary>Whether any stored event of this unit announced this content: others' evidence is none of its business.</summary>
    public bool IsOf(string unitId, byte[] sha256) => database.Read(c => c.ExecuteScalar<bool>(
        "SELECT EXISTS (SELECT 1 FROM event_attachments a JOIN events e USING (event_id) WHERE a.sha256 = @sha256 AND e.unit_id = @unitId)",
        new { unitId, sha256 }));

    public long? CompleteSize(byte[] sha256) => database.Read(c => c.QuerySingleOrDefault<long?>(
        "SELECT size_bytes FROM evidence WHERE sha256 = @sha256", new { sha256 }));

    /// <summary>Notes that an attachment has been announced and is not here; nothing when it is.</summary>
    public static void Await(DbTransaction transaction, byte[] sha256, string unitId, long nowUnixMs) =>
        transaction.Connection!.Execute(
            "INSERT INTO awaited SELECT @sha256, @unitId, @nowUnixMs WHERE NOT EXISTS (SELECT 1 FROM evidence WHERE sha256 = @sha256) ON CONFLICT (sha256, unit_id) DO NOTHING",
            new { sha256, unitId, nowUnixMs }, transaction);

    public static int Complete(DbTransaction transaction, byte[] sha256, long sizeBytes, string mediaType, string unitId, long nowUnixMs)
    {
        _ = transaction.Connection!.Execute("DELETE FROM awaited WHERE sha256 = @sha256", new { sha256 }, transaction);
        return transaction.Connection!.Execute(
            "INSERT INTO evidence VALUES (@sha256, @sizeBytes, @mediaType, @unitId, @nowUnixMs) ON CONFLICT (sha256) DO NOTHING",
            new { sha256, sizeBytes, mediaType, unitId, nowUnixMs }, transaction);
    }
}
