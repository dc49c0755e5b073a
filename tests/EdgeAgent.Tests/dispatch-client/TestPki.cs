using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>All keys of one small world: a device CA with server and units, a list root with issuer and approvers, the centre's signer.</summary>
internal sealed class TestPki : IDisposable
{
    public static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset End = Begin.AddYears(20);

    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    public TestPki()
    {
        DeviceRoot = Root("device root");
        Server = Leaf(DeviceRoot, "centre", ServerUse, "localhost", Begin, End);
        CentreSigner = Leaf(DeviceRoot, "centre signer", null, null, Begin, End);
        ListRoot = ListCertificates.CreateRoot("list root", Begin, End);
        Issuer = ListCertificates.CreateIssuer(ListRoot, "issuer", [.. Enum.GetValues<ListCategory>().Where(c => c != ListCategory.Unspecified)], Begin, End);
        ApproverOne = ListCertificates.CreateApprover(ListRoot, "approver one", Begin, End);
        ApproverTwo = ListCertificates.CreateApprover(ListRoot, "approver two", Begin, End);
    }

    public X509Certificate2 DeviceRoot { get; }

    public X509Certificate2 Server { get; }

    public X509Certificate2 CentreSigner { get; }

    public X509Certificate2 ListRoot { get; }

    public X509Certificate2 Issuer { get; }

    public X509Certificate2 ApproverOne { get; }

    public X509Certificate2 ApproverTwo { get; }

    public static X509Certificate2 Root(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(Begin, End);
    }

    public static X509Certificate2 Leaf(X509Certificate2 root, string name, string? use, string? host, DateTimeOffset from, DateTimeOffset to)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Certify(root, new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256), use, host, from, to);
        return certificate.CopyWithPrivateKey(key);
    }

    public X509Certificate2 ServerCertificate(string host, DateTimeOffset from, DateTimeOffset to) => Leaf(DeviceRoot, "centre", ServerUse, host, from, to);

    public X509Certificate2 UnitCertificate(string unitId) => Leaf(DeviceRoot, unitId, ClientUse, null, Begin, End);

    /// <summary>Answers a certificate request as a centre does.</summary>
    public EnrolReply Enrol(string unitId, byte[] certificateRequest)
    {
        var asked = CertificateRequest.LoadSigningRequest(certificateRequest, HashAlgorithmName.SHA256);
        var request = new CertificateRequest(new X500DistinguishedName($"CN={unitId}"), asked.PublicKey, HashAlgorithmName.SHA256);
        using var certificate = Certify(DeviceRoot, request, ClientUse, null, Begin, End);
        return Reply(unitId, certificate.RawData);
    }

    /// <summary>Writes an identity directory for a unit, certified by this world's device root or by another, its key in a file or in a TPM.</summary>
    public string WriteIdentity(string directory, string unitId, Uri centre, X509Certificate2? certifiedBy = null, Tpm? tpm = null)
    {
        using var key = UnitKey.Create(tpm);
        var request = new CertificateRequest($"CN={unitId}", key.Ecdsa, HashAlgorithmName.SHA256);
        using var certificate = Certify(certifiedBy ?? DeviceRoot, request, ClientUse, null, Begin, End);
        IdentityWriter.Write(directory, key, Reply(unitId, certificate.RawData), new UnitFacts(unitId, centre.ToString(), 1));
        return directory;
    }

    public ListTrust ListTrust() => new([ListRoot]);

    public EnvelopeSigner IssuerSigner() => Signer(SignerRole.Issuer, Issuer);

    public EnvelopeSigner[] Approvers() => [Signer(SignerRole.Approver, ApproverOne), Signer(SignerRole.Approver, ApproverTwo)];

    public static EnvelopeSigner Signer(SignerRole role, X509Certificate2 certificate) =>
        new(role, certificate.GetECDsaPrivateKey()!, [certificate.RawData]);

    public void Dispose()
    {
        foreach (var certificate in (X509Certificate2[])[DeviceRoot, Server, CentreSigner, ListRoot, Issuer, ApproverOne, ApproverTwo])
            certificate.Dispose();
    }

    private EnrolReply Reply(string unitId, byte[] certificate) => new()
    {
        UnitId = unitId,
        Certificate = ByteString.CopyFrom(certificate),
        DeviceRoots = { ByteString.CopyFrom(DeviceRoot.RawData) },
        ListRoots = { ByteString.CopyFrom(ListRoot.RawData) },
        CentreSigners = { ByteString.CopyFrom(CentreSigner.RawData) },
    };

    private static X509Certificate2 Certify(
        X509Certificate2 root, CertificateRequest request, string? use, string? host, DateTimeOffset from, DateTimeOffset to)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, true, false));
        if (use is not null)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        if (host is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(host);
            names.AddIpAddress(System.Net.IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }
        return request.Create(root, from, to, RandomNumberGenerator.GetBytes(12));
    }
}
