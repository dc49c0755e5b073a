using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace EdgeAgent.Contract;

/// <summary>
/// Certificates of those who sign software: X.509, ECDSA P-256, under a release root that signs nothing else. The right stands in a
/// non-critical extension, <see cref="ReleaserOid"/>: NULL.
/// </summary>
public static class ReleaseCertificates
{
    /// <summary>Extension of a releaser's certificate.</summary>
    public const string ReleaserOid = ListCertificates.Arc + ".3";

    /// <summary>A new root with its key. Keep it off the centre and off every car.</summary>
    public static X509Certificate2 CreateRoot(string name, DateTimeOffset from, DateTimeOffset to) => ListCertificates.CreateRoot(name, from, to);

    /// <summary>A new releaser with its key.</summary>
    public static X509Certificate2 CreateReleaser(X509Certificate2 root, string name, DateTimeOffset from, DateTimeOffset to)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteNull();
        return ListCertificates.CreateLeaf(root, name, new X509Extension(ReleaserOid, writer.Encode(), false), from, to);
    }

    /// <summary>Whether the certificate is a releaser's.</summary>
    public static bool MayRelease(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return certificate.Extensions[ReleaserOid] is not null;
    }

    /// <inheritdoc cref="ListCertificates.LeadsTo"/>
    public static bool LeadsTo(X509Certificate2 certificate, IEnumerable<X509Certificate2> roots, DateTimeOffset at) =>
        ListCertificates.LeadsToRoot(certificate, [], roots, at);
}
