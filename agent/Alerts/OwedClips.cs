using Dapper;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.DispatchClient.Outbox;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Alerts;

/// <summary>A confirmed alert whose clip is to follow. All times by the trusted clock.</summary>
internal sealed record OwedClip(
    byte[] AlertId, byte[] EventId, string CameraId, long FromUnixMs, long ToUnixMs, string OfficerId, string SessionId, string LegalReference);

/// <summary>
/// Which clips the centre has been promised by a confirmed alert: written with the decision and struck out with the event that brings
/// the clip or says why there is none, so that nobody waits for one in vain, whatever ends the host.
/// </summary>
internal sealed class OwedClips(CarOptions options, OutboxStore outbox, TrustedClock clock)
{
    /// <summary>Whether this alert is to be followed by a clip.</summary>
    public bool Wants(OpenAlert alert) =>
        options.Alerts.HasClips && options.Cameras.Any(c => c.Id == alert.Alert.CameraId && !c.PreviewOnly);

    /// <summary>From when to when, on the clock that eyes shares.</summary>
    public (long FromMonoMs, long ToMonoMs) SpanOf(OpenAlert alert) =>
        (alert.SettledMonoMs - (1000L * options.Alerts.ClipSecondsBefore), alert.SettledMonoMs + (1000L * options.Alerts.ClipSecondsAfter));

    public void Owe(SqliteConnection connection, SqliteTransaction transaction, OpenAlert alert, Event decided, DutySession session)
    {
        if (!Wants(alert))
            return;
        var (from, to) = SpanOf(alert);
        var owed = new OwedClip(
            alert.Alert.Id.ToByteArray(), decided.Id.ToByteArray(), alert.Alert.CameraId, clock.UnixMsAt(from), clock.UnixMsAt(to),
            session.OfficerId, session.SessionId, alert.Alert.LegalReference);
        _ = connection.Execute(
            "INSERT INTO clips_owed VALUES (@AlertId, @EventId, @CameraId, @FromUnixMs, @ToUnixMs, @OfficerId, @SessionId, @LegalReference)",
            owed, transaction);
    }

    public static void Settle(SqliteConnection connection, SqliteTransaction transaction, OwedClip clip) =>
        _ = connection.Execute("DELETE FROM clips_owed WHERE alert_id = @AlertId", new { clip.AlertId }, transaction);

    public IReadOnlyList<OwedClip> All() => outbox.Read(c => c.Query<OwedClip>(
        """
        SELECT alert_id AS AlertId, event_id AS EventId, camera_id AS CameraId, from_unix_ms AS FromUnixMs, to_unix_ms AS ToUnixMs,
            officer_id AS OfficerId, session_id AS SessionId, legal_reference AS LegalReference FROM clips_owed
        """).AsList());
}
