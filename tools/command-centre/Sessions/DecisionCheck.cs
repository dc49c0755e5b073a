using System.Security.Cryptography;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Sessions;

/// <summary>
/// Whether an officer's decision is what the unit signed: with a certificate of ours for this unit, over this alert. One that is
/// not is stored and shown with a flag, never hidden: it may be the sign of something worse.
/// </summary>
internal sealed class DecisionCheck(UnitTable units)
{
    public bool IsValid(string unitId, Event decidedEvent)
    {
        var decided = decidedEvent.AlertDecided;
        var decision = Decision.Parser.ParseFrom(decided.Decision.Payload);
        return decision.UnitId == unitId
            && decision.OfficerId.Length > 0
            && decision.OfficerId == decidedEvent.OfficerId
            && decision.Verdict is Verdict.Confirmed or Verdict.Rejected
            && (decision.Verdict == Verdict.Confirmed || decision.Reason.Length > 0)
            && IsOfAlert(decision, decided)
            && units.HasSigned(unitId, decided.Decision);
    }

    private static bool IsOfAlert(Decision decision, AlertDecided decided)
    {
        // A rejected alert past its clock is gone from the car; its hash stays in the decision.
        if (decided.Alert.IsEmpty)
            return decision.Verdict == Verdict.Rejected;
        return decision.AlertSha256.Span.SequenceEqual(SHA256.HashData(decided.Alert.Span))
            && decision.AlertId == Alert.Parser.ParseFrom(decided.Alert).Id;
    }
}
