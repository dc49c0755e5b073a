using System.Security.Cryptography;
using System.Text.Json;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Alerts;

/// <summary>Signs what an officer decided over the very bytes that were shown, and writes event and audit record in one durable step.</summary>
internal sealed class DecisionDesk(UnitIdentity unit, IRecords records, OwedClips clips, TrustedClock clock, TimeProvider time)
{
    private const int MaxNoteCharacters = 200;

    private static readonly HashSet<string> Reasons =
        ["not_same_plate", "not_same_vehicle", "not_same_person", "listed_in_error", "already_handled", "other"];

    /// <summary>"" when the words are in order.</summary>
    public static string Problem(Verdict verdict, string reason, string note)
    {
        if (note.Length > MaxNoteCharacters)
            return "note_too_long";
        if (verdict == Verdict.Rejected && reason.Length == 0)
            return "reason_required";
        return reason.Length == 0 || Reasons.Contains(reason) ? "" : "reason_unknown";
    }

    /// <returns>The decision's id; on disk and signed.</returns>
    /// <param name="second">Officer who confirmed as well; "" if none.</param>
    public string Write(OpenAlert alert, Verdict verdict, string reason, string note, DutySession session, string second = "")
    {
        bool confirmed = verdict == Verdict.Confirmed;
        byte[] bytes = confirmed ? alert.Whole : alert.WithoutPictures;
        byte[] id = Uuid7.New(time);
        string text = Uuid7.ToGuid(id).ToString();
        SignedEnvelope signed = unit.SignEnvelope(Envelopes.DecisionType, new Decision
        {
            Id = ByteString.CopyFrom(id),
            AlertId = alert.Alert.Id,
            AlertSha256 = ByteString.CopyFrom(SHA256.HashData(bytes)),
            Verdict = verdict,
            Reason = reason,
            Note = note,
            OfficerId = session.OfficerId,
            SessionId = session.SessionId,
            DecidedAtUnixMs = clock.NowUnixMs,
            TimeTrust = clock.Trust,
            UnitId = unit.UnitId,
            SecondOfficerId = second,
        }.ToByteArray());
        AuditDraft audit = confirmed
            ? new AuditDraft(AuditKind.AlertConfirmed, session.OfficerId, session.SessionId, $"{alert.Id} {text} {second}".TrimEnd(), alert.Alert.LegalReference)
            : new AuditDraft(AuditKind.AlertRejected, session.OfficerId, session.SessionId, $"{alert.Id} {text}", reason);
        _ = records.Record(
            audit, Lane.Decisions, Priority.Urgent, session.OfficerId,
            e => e.AlertDecided = new AlertDecided { Decision = signed, Alert = ByteString.CopyFrom(bytes) },
            JsonSerializer.Serialize(new { decisionSha256 = Convert.ToHexStringLower(SHA256.HashData(signed.Payload.Span)), note }),
            also: confirmed ? (connection, transaction, happened) => clips.Owe(connection, transaction, alert, happened, session) : null);
        return text;
    }

    /// <summary>Nobody decided in time: "not seen", neither accepted nor rejected.</summary>
    public void WriteLapse(OpenAlert alert, string why) => records.Record(
        new AuditDraft(AuditKind.AlertLapsed, AuditDraft.System, "", alert.Id.ToString(), why),
        Lane.Decisions, Priority.Normal, "",
        e => e.AlertLapsed = new AlertLapsed
        {
            AlertId = alert.Alert.Id,
            ListId = alert.Alert.ListId,
            ListVersion = alert.Alert.ListVersion,
            ShownAtUnixMs = alert.ShownAtUnixMs,
        });
}
