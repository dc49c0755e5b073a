using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf.Reflection;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>
/// Certificates of those who issue and approve lists: X.509, ECDSA P-256, under a list root that signs nothing else. What a
/// person may do stands in a non-critical extension of their certificate:
/// <see cref="CategoriesOid"/>, an issuer: SEQUENCE OF UTF8String, names of <see cref="ListCategory"/> without their prefix;
/// <see cref="ApproverOid"/>, an approver: NULL.
/// </summary>
public static class ListCertificates
{
    // X.667: anyone may use 2.25.(a UUID as a number). Ours is 9399cde4-d2e6-4bd4-bb2e-699a583e164f.
    internal const string Arc = "2.25.196195112822998526891408306351965607503";
    private const string CategoryPrefix = "LIST_CATEGORY_";

    /// <summary>Extension of an issuer's certificate: the categories it may use.</summary>
    public const string CategoriesOid = Arc + ".1";

    /// <summary>Extension of an approver's certificate.</summary>
    public const string ApproverOid = Arc + ".2";

    // The clocks of those who verify are not exactly ours.
    private static readonly TimeSpan Backdated = TimeSpan.FromHours(1);

    /// <summary>A new root with its key. Keep it off the centre.</summary>
    public static X509Certificate2 CreateRoot(string name, DateTimeOffset from, DateTimeOffset to)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(from - Backdated, to);
    }

    /// <summary>A new issuer with its key, allowed to issue lists of these categories.</summary>
    /// <exception cref="ArgumentException">No category, or one outside the closed set.</exception>
    public static X509Certificate2 CreateIssuer(
        X509Certificate2 root, string name, IReadOnlyCollection<ListCategory> categories, DateTimeOffset from, DateTimeOffset to)
    {
        ArgumentNullException.ThrowIfNull(categories);
        if (categories.Count == 0)
            throw new ArgumentException("An issuer needs at least one category.", nameof(categories));
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var category in categories)
                writer.WriteCharacterString(UniversalTagNumber.UTF8String, CategoryName(category));
        }
        return CreateLeaf(root, name, new X509Extension(CategoriesOid, writer.Encode(), false), from, to);
    }

    /// <summary>A new approver with its key.</summary>
    public static X509Certificate2 CreateApprover(X509Certificate2 root, string name, DateTimeOffset from, DateTimeOffset to)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteNull();
        return CreateLeaf(root, name, new X509Extension(ApproverOid, writer.Encode(), false), from, to);
    }

    /// <summary>An approver's certificate for a key that its holder keeps.</summary>
    public static X509Certificate2 CertifyApprover(X509Certificate2 root, PublicKey key, string name, DateTimeOffset from, DateTimeOffset to)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteNull();
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        return Certify(root, new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256), new X509Extension(ApproverOid, writer.Encode(), false), from, to);
    }

    /// <summary>Whether the certificate leads to this root at this time.</summary>
    public static bool LeadsTo(X509Certificate2 certificate, X509Certificate2 root, DateTimeOffset at) => LeadsToRoot(certificate, [], [root], at);

    /// <summary>The categories that a certificate may issue; empty for any other certificate and for an extension that cannot be read.</summary>
    public static IReadOnlyList<ListCategory> AllowedCategories(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (certificate.Extensions[CategoriesOid] is not { } extension)
            return [];
        try
        {
            var reader = new AsnReader(extension.RawData, AsnEncodingRules.DER);
            var sequence = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            var categories = new List<ListCategory>();
            while (sequence.HasData)
            {
                if (Category(sequence.ReadCharacterString(UniversalTagNumber.UTF8String)) is { } category)
                    categories.Add(category);
            }
            return categories;
        }
        catch (AsnContentException)
        {
            return [];
        }
    }

    /// <summary>Whether the certificate is an approver's.</summary>
    public static bool IsApprover(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return certificate.Extensions[ApproverOid] is not null;
    }

    /// <summary>Whether the certificate leads to one of the roots at this time through no more than the others given.</summary>
    internal static bool LeadsToRoot(
        X509Certificate2 certificate, IEnumerable<X509Certificate2> others, IEnumerable<X509Certificate2> roots, DateTimeOffset at)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.VerificationTime = at.UtcDateTime;
        foreach (var root in roots)
            chain.ChainPolicy.CustomTrustStore.Add(root);
        foreach (var other in others)
            chain.ChainPolicy.ExtraStore.Add(other);
        try
        {
            return chain.Build(certificate);
        }
        catch (CryptographicException)
        {
            // OpenSSL gives up on some malformed certificates instead of calling them untrusted.
            return false;
        }
        finally
        {
            foreach (var element in chain.ChainElements)
                element.Certificate.Dispose();
        }
    }

    internal static string CategoryName(ListCategory category)
    {
        var value = WatchlistReflection.Descriptor.FindTypeByName<EnumDescriptor>(nameof(ListCategory)).FindValueByNumber((int)category);
        return value is null || category == ListCategory.Unspecified
            ? throw new ArgumentException($"{category} is not a category of lists.", nameof(category))
            : value.Name[CategoryPrefix.Length..];
    }

    private static ListCategory? Category(string name)
    {
        var value = WatchlistReflection.Descriptor.FindTypeByName<EnumDescriptor>(nameof(ListCategory)).FindValueByName(CategoryPrefix + name);
        return value is null || value.Number == 0 ? null : (ListCategory)value.Number;
    }

    internal static X509Certificate2 CreateLeaf(
        X509Certificate2 root, string name, X509Extension right, DateTimeOffset from, DateTimeOffset to)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Certify(root, Request(name, key), right, from, to);
        return certificate.CopyWithPrivateKey(key);
    }

    private static X509Certificate2 Certify(X509Certificate2 root, CertificateRequest request, X509Extension right, DateTimeOffset from, DateTimeOffset to)
    {
        ArgumentNullException.ThrowIfNull(root);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, true, false));
        request.CertificateExtensions.Add(right);
        var earliest = from - Backdated;
        var rootFrom = new DateTimeOffset(root.NotBefore.ToUniversalTime());
        var rootTo = new DateTimeOffset(root.NotAfter.ToUniversalTime());
        return request.Create(root, earliest < rootFrom ? rootFrom : earliest, to > rootTo ? rootTo : to, RandomNumberGenerator.GetBytes(16));
    }

    private static CertificateRequest Request(string name, ECDsa key)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        return new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
    }
}
