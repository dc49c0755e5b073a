using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>
/// Opaque signed bytes. What is signed is the pre-authentication encoding of DSSE (secure-systems-lab/dsse, protocol.md) over
/// payload type and payload as they stand, so nothing is ever re-serialised to check a signature.
/// </summary>
public static class Envelopes
{
    public const string WatchlistType = "application/vnd.patrol.watchlist.v1";
    public const string DecisionType = "application/vnd.patrol.decision.v1";
    public const string TimeType = "application/vnd.patrol.time.v1";
    public const string AuditType = "application/vnd.patrol.audit.v1";
    public const string OfficersType = "application/vnd.patrol.officers.v1";
    public const string ConfigurationType = "application/vnd.patrol.configuration.v1";
    public const string RetentionType = "application/vnd.patrol.retention.v1";
    public const string PatrolType = "application/vnd.patrol.patrol.v1";
    public const string BirthType = "application/vnd.patrol.birth.v1";
    public const string RollbackType = "application/vnd.patrol.release-rollback.v1";
    public const string DecommissionType = "application/vnd.patrol.decommission.v1";
    public const string ReleaseType = "application/vnd.patrol.release.v1";
    public const string ReferenceType = "application/vnd.patrol.reference.v1";
    public const string SnapshotType = "application/vnd.patrol.snapshot.v1";
    public const string DifferenceType = "application/vnd.patrol.difference.v1";

    /// <summary>ECDSA on P-256 with SHA-256; the signature is r||s, 64 bytes (IEEE P1363).</summary>
    public const string Es256 = "ES256";

    /// <summary>Bytes of an <see cref="Es256"/> signature.</summary>
    public const int SignatureBytes = 64;

    /// <summary>"DSSEv1" SP len(type) SP type SP len(payload) SP payload; lengths in bytes, decimal ASCII.</summary>
    public static byte[] PreAuthenticationEncoding(string type, ReadOnlySpan<byte> payload)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        var typeBytes = Encoding.UTF8.GetByteCount(type);
        var head = Encoding.UTF8.GetBytes($"DSSEv1 {typeBytes} {type} {payload.Length} ");
        var encoding = new byte[head.Length + payload.Length];
        head.CopyTo(encoding, 0);
        payload.CopyTo(encoding.AsSpan(head.Length));
        return encoding;
    }

    /// <summary>A new envelope with one signature of each signer, in their order.</summary>
    public static SignedEnvelope Sign(string type, byte[] payload, params EnvelopeSigner[] signers)
    {
        ArgumentNullException.ThrowIfNull(payload);
        ArgumentNullException.ThrowIfNull(signers);
        var envelope = new SignedEnvelope { PayloadType = type, Payload = ByteString.CopyFrom(payload) };
        foreach (var signer in signers)
            AddSignature(envelope, signer);
        return envelope;
    }

    /// <summary>Adds one more signature to an envelope that others may have signed already, elsewhere and earlier.</summary>
    public static Signature AddSignature(SignedEnvelope envelope, EnvelopeSigner signer)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(signer);
        var encoding = PreAuthenticationEncoding(envelope.PayloadType, envelope.Payload.Span);
        var signature = new Signature
        {
            Role = signer.Role,
            Algorithm = Es256,
            Signature_ = ByteString.CopyFrom(
                signer.Key.SignData(encoding, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)),
            KeyId = ByteString.CopyFrom(KeyId(signer.Key)),
        };
        signature.Certificates.AddRange(signer.CertificatesDer.Select(der => ByteString.CopyFrom(der)));
        envelope.Signatures.Add(signature);
        return signature;
    }

    /// <summary>
    /// Whether the signature is this key's over this envelope. False, never an exception, for another algorithm, another key's
    /// id or bytes of the wrong length.
    /// </summary>
    public static bool VerifySignature(SignedEnvelope envelope, Signature signature, ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(signature);
        ArgumentNullException.ThrowIfNull(key);
        return signature.Algorithm == Es256
            && key.KeySize == 256
            && signature.Signature_.Length == SignatureBytes
            && envelope.PayloadType.Length > 0
            && CryptographicOperations.FixedTimeEquals(signature.KeyId.Span, KeyId(key))
            && key.VerifyData(
                PreAuthenticationEncoding(envelope.PayloadType, envelope.Payload.Span),
                signature.Signature_.Span,
                HashAlgorithmName.SHA256,
                DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <inheritdoc cref="VerifySignature(SignedEnvelope, Signature, ECDsa)"/>
    public static bool VerifySignature(SignedEnvelope envelope, Signature signature, X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        using var key = certificate.GetECDsaPublicKey();
        return key is not null && VerifySignature(envelope, signature, key);
    }

    /// <summary>
    /// The payload, if the envelope is of this type and one of the trusted certificates' keys signed it in this role. For
    /// envelopes whose signers are known beforehand (signed time, rosters, configuration); lists go through
    /// <see cref="WatchlistVerifier"/>.
    /// </summary>
    public static ReadOnlyMemory<byte>? OpenTrusted(
        SignedEnvelope envelope, string type, SignerRole role, IEnumerable<X509Certificate2> trusted)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(trusted);
        if (envelope.PayloadType != type)
            return null;
        var signed = trusted.Any(certificate =>
            envelope.Signatures.Any(signature => signature.Role == role && VerifySignature(envelope, signature, certificate)));
        // Not "signed ? Payload.Memory : null": that null would become an empty payload through the conversion from byte[].
        return signed ? envelope.Payload.Memory : default(ReadOnlyMemory<byte>?);
    }

    /// <summary>SHA-256 of the key's SubjectPublicKeyInfo.</summary>
    public static byte[] KeyId(ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return SHA256.HashData(key.ExportSubjectPublicKeyInfo());
    }

    /// <inheritdoc cref="KeyId(ECDsa)"/>
    public static byte[] KeyId(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());
    }
}
