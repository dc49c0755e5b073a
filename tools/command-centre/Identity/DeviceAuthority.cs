using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Identity;

/// <summary>The device CA: certificates for units and for this centre's own server, nothing else.</summary>
internal sealed class DeviceAuthority(X509Certificate2 root, TimeProvider time) : IDisposable
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";
    private const string P256 = "1.2.840.10045.3.1.7";
    private const int MostRequestBytes = 8 << 10;

    // Clocks of cars are not exactly ours.
    private static readonly TimeSpan Backdated = TimeSpan.FromHours(1);
    private static readonly TimeSpan LeafLife = TimeSpan.FromDays(398) - Backdated;

    public X509Certificate2 Root => root;

    /// <summary>SHA-256 of the root's DER, hex; the second half of an enrolment code.</summary>
    public string FingerprintHex => Convert.ToHexString(SHA256.HashData(root.RawData));

    public static DeviceAuthority Load(DataFolder folder, TimeProvider time) => new(KeyPair.Load(folder, CentreKeys.DeviceCa), time);

    public static X509Certificate2 CreateRoot(string name, DateTimeOffset from, DateTimeOffset to)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(from - Backdated, to);
    }

    /// <summary>A certificate for the key of a PKCS#10 request. Of the request only the key is taken: the name is ours to give.</summary>
    /// <exception cref="CentreException">Not a request, its signature is wrong, or its key is not EC P-256.</exception>
    public X509Certificate2 IssueUnit(string unitId, ReadOnlySpan<byte> certificateRequest)
    {
        if (certificateRequest.Length is 0 or > MostRequestBytes)
            throw new CentreException("The certificate request is empty or too large.");
        PublicKey key;
        try
        {
            key = CertificateRequest.LoadSigningRequest(certificateRequest, HashAlgorithmName.SHA256, out var read).PublicKey;
            if (read != certificateRequest.Length)
                throw new CentreException("Something follows the certificate request.");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
        {
            throw new CentreException("The certificate request is not a signed PKCS#10 request.", e);
        }
        return IsP256(key) ? Issue(unitId, key, ClientUse, []) : throw new CentreException("The key must be EC P-256.");
    }

    /// <summary>The server's certificate with a new key, for these host names and addresses.</summary>
    public X509Certificate2 IssueServer(IReadOnlyCollection<string> hosts)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Issue("Patrol command centre", new PublicKey(key), ServerUse, hosts);
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>Whether we issued it for a unit and its time has not ended. Says nothing about revocation.</summary>
    public bool IsOurClient(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientUse));
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        var ours = chain.Build(certificate);
        foreach (var element in chain.ChainElements)
            element.Certificate.Dispose();
        return ours;
    }

    public void Dispose() => root.Dispose();

    private X509Certificate2 Issue(string name, PublicKey key, string use, IReadOnlyCollection<string> hosts)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(key, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, true, false));
        if (hosts.Count > 0)
            request.CertificateExtensions.Add(Names(hosts));
        var now = time.GetUtcNow();
        var rootEnd = new DateTimeOffset(root.NotAfter.ToUniversalTime());
        var end = now + LeafLife < rootEnd ? now + LeafLife : rootEnd;
        return request.Create(root, now - Backdated, end, RandomNumberGenerator.GetBytes(16));
    }

    private static X509Extension Names(IReadOnlyCollection<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }
        return names.Build();
    }

    private static bool IsP256(PublicKey key)
    {
        if (key.Oid.Value != "1.2.840.10045.2.1" || key.EncodedParameters is null)
            return false;
        try
        {
            return AsnDecoder.ReadObjectIdentifier(key.EncodedParameters.RawData, AsnEncodingRules.DER, out _) == P256;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }
}
