using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Live;
using EdgeAgent.Agent.Officers;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Calls;

/// <summary>
/// Pictures and video that an officer takes on purpose for a call. A picture leaves as the attachment of a note to the call; a clip is
/// cut out of the ring and follows the note about it. Both are in the audit chain under the officer's name.
/// </summary>
internal sealed class CallPictures(CallBook calls, StillDesk stills, ClipDesk clips, ClipRules rules)
{
    /// <summary>Takes the picture that the camera shows now. Durable, and in the audit chain, when this returns "".</summary>
    /// <returns>"" or what <see cref="CallBook.Step"/> says, unknown_camera, camera_not_leased, privacy_place, no_picture.</returns>
    public async Task<string> TakeAsync(ByteString callId, string cameraId, string text, DutySession officer, CancellationToken stop)
    {
        if (WhyNot(callId, cameraId) is { Length: > 0 } why)
            return why;
        return await stills.TakeAsync(cameraId, stop) is { } still
            ? calls.Step(callId, CallAct.Note, text, officer, picture: new CallPicture(cameraId, still.Jpeg)).Code
            : "no_picture";
    }

    /// <summary>Keeps the last minute of a camera, or as much of it as the ring holds. The note is durable when this returns "".</summary>
    /// <returns>"" or what <see cref="TakeAsync"/> says, too_many_clips.</returns>
    public string KeepLastMinute(ByteString callId, string cameraId, string text, DutySession officer)
    {
        if (WhyNot(callId, cameraId) is { Length: > 0 } why)
            return why;
        if (clips.IsBusy)
            return "too_many_clips";
        (string code, Event? note) = calls.Step(callId, CallAct.Note, text, officer);
        if (note is null)
            return code;
        (long from, long to) = rules.JustNow();
        return clips.Keep(note.Id, cameraId, from, to, officer, Convert.ToHexStringLower(callId.Span));
    }

    private string WhyNot(ByteString callId, string cameraId) =>
        calls.Find(callId) is not { } call ? "unknown_call" : !CallBook.IsOwn(call) ? "not_yours" : stills.WhyNot(cameraId);
}
