using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>
/// Decides whether a list may be used. The order is that of trust: first who signed which bytes, then what the bytes claim, then
/// each entry; the first fault found is the answer. The centre runs the same check before it offers a list.
/// </summary>
public static class WatchlistVerifier
{
    /// <summary>Checks a serialised <see cref="SignedEnvelope"/>. Never throws for bad input.</summary>
    public static WatchlistVerdict Verify(ReadOnlyMemory<byte> serialisedEnvelope, ListTrust trust, ListCheck check)
    {
        ArgumentNullException.ThrowIfNull(trust);
        ArgumentNullException.ThrowIfNull(check);
        if (serialisedEnvelope.Length > check.MaxEnvelopeBytes)
            return ListRefusals.Refuse(ListRefusals.OverSize, $"{serialisedEnvelope.Length} > {check.MaxEnvelopeBytes} B");

        SignedEnvelope envelope;
        try
        {
            envelope = SignedEnvelope.Parser.ParseFrom(serialisedEnvelope.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            return ListRefusals.Refuse(ListRefusals.NotAnEnvelope);
        }
        if (envelope.PayloadType != Envelopes.WatchlistType)
            return ListRefusals.Refuse(ListRefusals.NotAnEnvelope);

        using var signers = new SignerSet();
        if (CheckSignatures(envelope, trust, check, signers) is { } untrusted)
            return untrusted;

        Watchlist list;
        try
        {
            list = Watchlist.Parser.ParseFrom(envelope.Payload);
        }
        catch (InvalidProtocolBufferException)
        {
            return ListRefusals.Refuse(ListRefusals.NotAnEnvelope);
        }
        return CheckClaims(list, ListCertificates.AllowedCategories(signers.Issuer!), check)
            ?? WatchlistEntries.Check(list, check)
            ?? new WatchlistVerdict(list, "accepted", "名单有效。", "The list is valid.");
    }

    private static WatchlistVerdict? CheckSignatures(SignedEnvelope envelope, ListTrust trust, ListCheck check, SignerSet signers)
    {
        // Another algorithm is not ours to judge: an envelope may carry a newer one beside ES256.
        var known = envelope.Signatures.Where(signature => signature.Algorithm == Envelopes.Es256).ToList();
        if (!known.Any(signature => signature.Role == SignerRole.Issuer))
            return ListRefusals.Refuse(ListRefusals.NoSignature);
        var at = DateTimeOffset.FromUnixTimeMilliseconds(check.NowUnixMs);
        foreach (var signature in known)
        {
            var leaf = signers.Read(signature);
            var issuing = signature.Role == SignerRole.Issuer;
            var trusted = leaf is not null
                && ListCertificates.LeadsToRoot(leaf, signers.Others(signature), trust.Roots, at)
                && (issuing ? ListCertificates.AllowedCategories(leaf).Count > 0 : signature.Role == SignerRole.Approver && ListCertificates.IsApprover(leaf));
            if (!trusted && issuing)
                return ListRefusals.Refuse(ListRefusals.UnknownIssuer);
            if (!trusted)
                continue;
            if (!Envelopes.VerifySignature(envelope, signature, leaf!))
                return ListRefusals.Refuse(ListRefusals.BadSignature);
            if (!signers.Add(leaf!, signature.Role))
                return ListRefusals.Refuse(ListRefusals.NoSignature, "2 issuers");
        }
        return signers.Approvers < trust.ApproversRequired
            ? ListRefusals.Refuse(ListRefusals.TooFewApprovers, $"{signers.Approvers} / {trust.ApproversRequired}")
            : null;
    }

    private static WatchlistVerdict? CheckClaims(Watchlist list, IReadOnlyList<ListCategory> allowed, ListCheck check)
    {
        if (list.Kind is not (ListKind.Plates or ListKind.Faces))
            return ListRefusals.Refuse(ListRefusals.NoKind);
        if (list.Category == ListCategory.Unspecified || !Enum.IsDefined(list.Category))
            return ListRefusals.Refuse(ListRefusals.NoCategory);
        if (!allowed.Contains(list.Category))
            return ListRefusals.Refuse(ListRefusals.IssuerNotAllowedCategory);
        if (string.IsNullOrWhiteSpace(list.Authority))
            return ListRefusals.Refuse(ListRefusals.NoAuthority);
        if (string.IsNullOrWhiteSpace(list.LegalReference))
            return ListRefusals.Refuse(ListRefusals.NoLegalReference);
        if (string.IsNullOrWhiteSpace(list.Purpose))
            return ListRefusals.Refuse(ListRefusals.NoPurpose);
        var platesOnly = list.Category is ListCategory.StolenVehicle or ListCategory.NamedIncidentVehicle;
        if (platesOnly && (list.Kind == ListKind.Faces || list.Faces.Count > 0))
            return ListRefusals.Refuse(ListRefusals.FacesInPlateCategory);
        return CheckTimes(list, check)
            ?? (list.Kind == ListKind.Faces ? CheckFaceTerms(list, check) : null)
            ?? CheckVersion(list, check);
    }

    private static WatchlistVerdict? CheckTimes(Watchlist list, ListCheck check)
    {
        if (list.ValidToUnixMs <= check.NowUnixMs || list.ValidToUnixMs <= list.ValidFromUnixMs)
            return ListRefusals.Refuse(ListRefusals.Expired);
        var latestStart = check.NowUnixMs + (long)check.ClockTolerance.TotalMilliseconds;
        if (list.ValidFromUnixMs > latestStart || list.IssuedAtUnixMs > latestStart)
            return ListRefusals.Refuse(ListRefusals.NotYetValid);
        var longest = list.Kind == ListKind.Faces ? check.MaxFaceValidity
            : list.Category == ListCategory.NamedIncidentVehicle ? check.MaxNamedIncidentValidity
            : check.MaxPlateValidity;
        // Counted from the issue: a start in the future would otherwise stretch the list.
        return list.IssuedAtUnixMs <= 0 || list.ValidToUnixMs - list.IssuedAtUnixMs > (long)longest.TotalMilliseconds
            ? ListRefusals.Refuse(ListRefusals.TooLongValidity, $"> {longest.TotalHours:0} h")
            : null;
    }

    private static WatchlistVerdict? CheckFaceTerms(Watchlist list, ListCheck check)
    {
        var authorisation = list.FaceAuthorisation;
        if (authorisation is null || string.IsNullOrWhiteSpace(authorisation.AuthorisedBy)
            || string.IsNullOrWhiteSpace(authorisation.Reference) || string.IsNullOrWhiteSpace(authorisation.Purpose))
            return ListRefusals.Refuse(ListRefusals.NoFaceAuthorisation);
        if (check.NowUnixMs >= authorisation.ToUnixMs
            || list.ValidFromUnixMs < authorisation.FromUnixMs
            || list.ValidToUnixMs > authorisation.ToUnixMs)
            return ListRefusals.Refuse(ListRefusals.FaceAuthorisationOutside);
        var model = check.EmbeddingModelSha256.Span;
        return list.EmbeddingModelSha256.Length != SHA256.HashSizeInBytes
            || (!model.IsEmpty && !list.EmbeddingModelSha256.Span.SequenceEqual(model))
            ? ListRefusals.Refuse(ListRefusals.WrongModel)
            : null;
    }

    private static WatchlistVerdict? CheckVersion(Watchlist list, ListCheck check)
    {
        if (list.Version < check.HeldVersion || list.Version == 0)
            return ListRefusals.Refuse(ListRefusals.OlderThanHeld, $"{list.Version} < {Math.Max(check.HeldVersion, 1)}");
        return list.DeltaFromVersion != 0 && (list.DeltaFromVersion != check.HeldVersion || list.Version == check.HeldVersion)
            ? ListRefusals.Refuse(ListRefusals.DeltaWithoutBase, $"{list.DeltaFromVersion} ≠ {check.HeldVersion}")
            : null;
    }

    /// <summary>Those who signed, each counted once: a second certificate for the same key or the same name adds nobody.</summary>
    private sealed class SignerSet : IDisposable
    {
        private readonly Dictionary<Signature, List<X509Certificate2>> read = new(ReferenceEqualityComparer.Instance);
        private readonly HashSet<string> approverKeys = [];
        private readonly HashSet<string> approverNames = [];
        private readonly List<X509Certificate2> approvers = [];

        public X509Certificate2? Issuer { get; private set; }

        /// <summary>Approvers that are neither the issuer nor one another.</summary>
        public int Approvers
        {
            get
            {
                approverKeys.Clear();
                approverNames.Clear();
                if (Issuer is not null)
                {
                    approverKeys.Add(Key(Issuer));
                    approverNames.Add(Issuer.SubjectName.Name);
                }
                return approvers.Count(approver => approverKeys.Add(Key(approver)) & approverNames.Add(approver.SubjectName.Name));
            }
        }

        public X509Certificate2? Read(Signature signature)
        {
            var certificates = new List<X509Certificate2>();
            read.Add(signature, certificates);
            // A leaf and at most two between it and the root: more is not how these certificates are made.
            if (signature.Certificates.Count is 0 or > 3)
                return null;
            try
            {
                foreach (var der in signature.Certificates)
                    certificates.Add(X509CertificateLoader.LoadCertificate(der.Span));
                return certificates[0];
            }
            catch (CryptographicException)
            {
                return null;
            }
        }

        public IEnumerable<X509Certificate2> Others(Signature signature) => read[signature].Skip(1);

        /// <returns>False when there is an issuer already.</returns>
        public bool Add(X509Certificate2 leaf, SignerRole role)
        {
            if (role == SignerRole.Issuer)
            {
                if (Issuer is not null)
                    return false;
                Issuer = leaf;
            }
            else
            {
                approvers.Add(leaf);
            }
            return true;
        }

        public void Dispose()
        {
            foreach (var certificate in read.Values.SelectMany(certificates => certificates))
                certificate.Dispose();
        }

        private static string Key(X509Certificate2 certificate) => Convert.ToHexString(Envelopes.KeyId(certificate));
    }
}
