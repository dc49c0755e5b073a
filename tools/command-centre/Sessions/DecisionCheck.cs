using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
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
            && SignedByUnit(unitId, decided.Decision);
    }

    private static bool IsOfAlert(Decision decision, AlertDecided decided)
    {
        // A rejected alert past its clock is gone from the car; its hash stays in the decision.
        if (decided.Alert.IsEmpty)
            return decision.Verdict == Verdict.Rejected;
        return decision.AlertSha256.Span.SequenceEqual(SHA256.HashData(decided.Alert.Span))
            && decision.AlertId == Alert.Parser.ParseFrom(decided.Alert).Id;
    }

    /// <summary>Whether one of the signatures is the unit's, by a key that was certified here.</summary>
    public bool SignedByUnit(string unitId, SignedEnvelope envelope) =>
        envelope.Signatures.Any(signature =>
        {
            if (signature.Role != SignerRole.Unit || units.CertificateOfKey(unitId, signature.KeyId.ToByteArray()) is not { } der)
                return false;
            using var certificate = X509CertificateLoader.LoadCertificate(der);
            return Envelopes.VerifySignature(envelope, signature, certificate);
        });
}
