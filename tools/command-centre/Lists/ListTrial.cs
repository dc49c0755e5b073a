using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Lists;

/// <summary>
/// The cars' own check of a list that nobody has signed yet, with keys that live for the length of this call: what a car would refuse
/// is told before two people have spent their approval on it.
/// </summary>
internal static class ListTrial
{
    public static WatchlistVerdict Verdict(Watchlist list, DateTimeOffset now)
    {
        var end = now + TimeSpan.FromDays(1);
        using var root = ListCertificates.CreateRoot("trial root", now, end);
        using var issuer = ListCertificates.CreateIssuer(root, "trial issuer", [list.Category], now, end);
        using var first = ListCertificates.CreateApprover(root, "trial approver 1", now, end);
        using var second = ListCertificates.CreateApprover(root, "trial approver 2", now, end);
        var envelope = new SignedEnvelope { PayloadType = Envelopes.WatchlistType, Payload = list.ToByteString() };
        foreach (var (role, certificate) in new[] { (SignerRole.Issuer, issuer), (SignerRole.Approver, first), (SignerRole.Approver, second) })
        {
            using var key = certificate.GetECDsaPrivateKey()!;
            _ = Envelopes.AddSignature(envelope, new EnvelopeSigner(role, key, [certificate.RawData]));
        }
        return WatchlistVerifier.Verify(envelope.ToByteArray(), new ListTrust([root]), new ListCheck { NowUnixMs = now.ToUnixTimeMilliseconds() });
    }
}
