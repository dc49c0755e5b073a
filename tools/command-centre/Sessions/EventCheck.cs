using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Sessions;

/// <summary>Whether an event has the shape that the contract promises. What has not is refused, named and kept; the rest goes on.</summary>
internal static class EventCheck
{
    public const int MostEventBytes = 1 << 20;
    private const int MostAttachments = 32;
    private const ulong MostAttachmentBytes = 4UL << 30;
    private const int MostReason = 64;
    private const int MostStepText = 64 << 10;
    private const long MostSceneMs = 120_000;
    private const uint MostCounted = 10_000;
    private const ulong MostTombstoned = 100_000_000;

    /// <summary>Null, or the refusal's code and what exactly was wrong (never personal data).</summary>
    public static (string Code, string Detail)? Fault(Event candidate)
    {
        if (candidate.Id.Length != Uuid7.Length)
            return ("bad_id", $"The id has {candidate.Id.Length} bytes, not {Uuid7.Length}.");
        if (candidate.Lane == Lane.Unspecified || !Enum.IsDefined(candidate.Lane))
            return ("bad_lane", $"There is no lane {(int)candidate.Lane}.");
        if (candidate.Number is 0 or > long.MaxValue)
            return ("bad_number", "Numbers run from 1 within a lane.");
        if (candidate.CapturedAtUnixMs < 0)
            return ("bad_time", "The time of capture lies before 1970.");
        // No database takes it in a text, and nothing in the field's words holds one.
        if (candidate.OfficerId.Contains('\0', StringComparison.Ordinal) || candidate.Attachments.Any(a => a.MediaType.Contains('\0', StringComparison.Ordinal))
            || candidate.EvidenceReady is { } ready && (ready.CameraId + ready.Reason).Contains('\0', StringComparison.Ordinal))
            return ("bad_text", "A text holds a NUL character.");
        if (candidate.CalculateSize() > MostEventBytes)
            return ("too_large", $"An event is at most {MostEventBytes} bytes.");
        return AttachmentsFault(candidate) ?? BodyFault(candidate);
    }

    private static (string Code, string Detail)? AttachmentsFault(Event candidate)
    {
        if (candidate.Attachments.Count > MostAttachments)
            return ("bad_attachment", $"An event has at most {MostAttachments} attachments.");
        foreach (var attachment in candidate.Attachments)
        {
            if (attachment.Sha256.Length != 32)
                return ("bad_attachment", "An attachment's hash is not 32 bytes.");
            if (attachment.SizeBytes is 0 or > MostAttachmentBytes)
                return ("bad_attachment", $"An attachment has 1 to {MostAttachmentBytes} bytes.");
            if (attachment.MediaType.Length is 0 or > 100)
                return ("bad_attachment", "An attachment has no media type.");
        }
        return null;
    }

    private static (string Code, string Detail)? BodyFault(Event candidate) => candidate.BodyCase switch
    {
        Event.BodyOneofCase.None => ("no_body", "The event has no body that this centre knows."),
        Event.BodyOneofCase.AlertDecided => DecisionFault(candidate.AlertDecided),
        Event.BodyOneofCase.Tombstone => TombstoneFault(candidate),
        Event.BodyOneofCase.CallStep when CallTransitions.IsCentreOnly(candidate.CallStep.Act) =>
            ("centre_only", "This step of a call is made at the centre only."),
        Event.BodyOneofCase.CallStep => StepFault(candidate.CallStep),
        Event.BodyOneofCase.Track => TrackFault(candidate.Track),
        Event.BodyOneofCase.EvidenceReady => EvidenceFault(candidate.EvidenceReady),
        Event.BodyOneofCase.MomentMarked => MomentFault(candidate.MomentMarked),
        Event.BodyOneofCase.SceneCounts => SceneFault(candidate.SceneCounts),
        Event.BodyOneofCase.Hazard => HazardFault(candidate.Hazard),
        Event.BodyOneofCase.PatrolNote => NoteFault(candidate.PatrolNote),
        Event.BodyOneofCase.CaseRecord when RecordRules.Problem(candidate.CaseRecord) is { Length: > 0 } code => ("bad_record", $"The case record is not whole: {code}."),
        Event.BodyOneofCase.ServiceRequest when RecordRules.Problem(candidate.ServiceRequest) is { Length: > 0 } code => ("bad_request", $"The request is not whole: {code}."),
        Event.BodyOneofCase.Sos when candidate.Sos.SosId.Length != Uuid7.Length => ("bad_sos", "A call for help has an id of its own."),
        _ => null,
    };

    private static (string Code, string Detail)? DecisionFault(AlertDecided decided)
    {
        if (decided.Decision is null || decided.Decision.PayloadType != Envelopes.DecisionType)
            return ("bad_decision", "The decision is not an envelope of a decision.");
        try
        {
            _ = Decision.Parser.ParseFrom(decided.Decision.Payload);
            _ = Alert.Parser.ParseFrom(decided.Alert);
            return null;
        }
        catch (InvalidProtocolBufferException)
        {
            return ("bad_decision", "The decision or its alert cannot be read.");
        }
    }

    private static (string Code, string Detail)? StepFault(CallStep step) =>
        step.Text.Length <= MostStepText && step.ToUnitId.Length <= 64 && step.OfficerId.Length <= 64 && step.AtUnixMs >= 0
            ? null
            : ("bad_call_step", $"A step of a call has at most {MostStepText} characters of text, short ids, and a time after 1970.");

    private static (string Code, string Detail)? TombstoneFault(Event candidate)
    {
        var stone = candidate.Tombstone;
        return stone.Lane == candidate.Lane && stone.FromNumber > 0 && stone.FromNumber <= stone.ToNumber
            && stone.ToNumber <= long.MaxValue && stone.ToNumber - stone.FromNumber < MostTombstoned
            ? null
            : ("bad_tombstone", "A tombstone names numbers of its own lane, from the lower to the higher.");
    }

    private static (string Code, string Detail)? EvidenceFault(EvidenceReady ready) =>
        ready.AboutEventId.Length is 0 or Uuid7.Length && ready.CameraId.Length <= 64 && ready.Reason.Length <= MostReason
            && ready.FromUnixMs >= 0 && ready.FromUnixMs <= ready.ToUnixMs
            ? null
            : ("bad_evidence", "Evidence names an event, a camera, a time from the earlier to the later, and a short reason.");

    private static (string Code, string Detail)? MomentFault(MomentMarked moment) =>
        moment.CameraId.Length is > 0 and <= 64 && !moment.CameraId.Contains('\0', StringComparison.Ordinal) && moment.FromUnixMs >= 0 && moment.FromUnixMs <= moment.ToUnixMs
            ? null
            : ("bad_moment", "A moment names a camera and a time from the earlier to the later.");

    private static (string Code, string Detail)? SceneFault(SceneCounts scene) =>
        scene.CameraId.Length is > 0 and <= 64 && scene.FromUnixMs < scene.ToUnixMs && scene.ToUnixMs - scene.FromUnixMs <= MostSceneMs
            && scene.HeadsMedian <= scene.HeadsMax && scene.HeadsMax <= MostCounted && scene.Vehicles <= MostCounted
            ? null
            : ("bad_scene", "Counts name a camera, a time of at most two minutes, and possible numbers.");

    // A kind that only a later car knows is no fault: the board shows its code.
    private static (string Code, string Detail)? HazardFault(Hazard hazard) =>
        hazard.HazardId.Length == Uuid7.Length && hazard.Kind.Length is > 0 and <= 32 && hazard.Kind.All(c => char.IsAsciiLetterLower(c) || c == '_')
            && hazard.Note.Length <= HazardKinds.MostNote && hazard.State != HazardState.Unspecified && Enum.IsDefined(hazard.State)
            ? null
            : ("bad_hazard", "A hazard has an id, a kind, a state and at most 500 characters of words.");

    private static (string Code, string Detail)? NoteFault(PatrolNote note) =>
        note.PlanId.Length is > 0 and <= PatrolCheck.MostId && note.ItemId.Length is > 0 and <= PatrolCheck.MostId && note.ShiftFromUnixMs > 0
            && note.NoteCase != PatrolNote.NoteOneofCase.None && (note.HandOver?.RelievedBy.Length ?? 0) <= PatrolCheck.MostName && (note.HandOver?.ToUnitId.Length ?? 0) <= PatrolCheck.MostId
            && (note.Missed?.Words.Length ?? 0) <= PatrolReasons.MostWords && (note.Missed?.Reason.Length ?? 0) <= PatrolCheck.MostId
            && !(note.PlanId + note.ItemId).Contains('\0', StringComparison.Ordinal)
            ? null
            : ("bad_patrol_note", "A word about a plan names its item and shift, and is short.");

    private static (string Code, string Detail)? TrackFault(TrackSegment track)
    {
        var points = track.TimeDelta.Count;
        return track.Base is not null && points <= 3600
            && track.LatitudeDelta.Count == points && track.LongitudeDelta.Count == points
            && track.SpeedDelta.Count == points && track.HeadingDelta.Count == points
            ? null
            : ("bad_track", "A track has a base and arrays of one length, at most 3600 points.");
    }
}
