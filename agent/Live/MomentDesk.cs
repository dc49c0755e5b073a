using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Positions;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Live;

/// <summary>
/// A moment that an officer marks at a camera: an event says who, where and of what time, and the video of the ring follows it. Both are in
/// the audit chain under the officer's name.
/// </summary>
internal sealed class MomentDesk(StillDesk stills, ClipDesk clips, ClipRules rules, Ledger ledger, PositionBook positions)
{
    /// <summary>Keeps what the camera has just shown. The event is durable, and the video owed, when the code is "".</summary>
    /// <returns>"" and how many seconds; else unknown_camera, camera_not_leased, privacy_place, too_many_clips.</returns>
    public (string Code, int Seconds) Mark(string cameraId, DutySession officer)
    {
        if (stills.WhyNot(cameraId) is { Length: > 0 } why)
            return (why, 0);
        if (clips.IsBusy)
            return ("too_many_clips", 0);
        (long from, long to) = rules.JustNow();
        var marked = new MomentMarked { CameraId = cameraId, FromUnixMs = from, ToUnixMs = to, Position = positions.Current };
        Event told = ledger.Record(
            new AuditDraft(AuditKind.ClipAsked, officer.OfficerId, officer.SessionId, cameraId, Purpose), Lane.Evidence, Priority.Normal, officer.OfficerId,
            e => e.MomentMarked = marked);
        return (clips.Keep(told.Id, cameraId, from, to, officer, Purpose), (int)((to - from) / 1000));
    }

    private const string Purpose = "moment";
}
