using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace EdgeAgent.Hw.Onvif;

/// <summary>
/// WS-UsernameToken with a digest (OASIS Web Services Security, UsernameToken Profile 1.0): Base64(SHA-1(nonce + created + password)).
/// SHA-1 is what the standard demands; the nonce and the time make each header good once.
/// </summary>
internal static class OnvifSecurity
{
    private const int NonceBytes = 16;
    private const string Extension = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    private const string Utility = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
    private const string DigestType = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest";
    private const string Base64Type = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";
    private static readonly XNamespace s_extension = Extension;
    private static readonly XNamespace s_utility = Utility;

    /// <param name="createdAt">On the camera's clock: it refuses a header that is minutes off its own time.</param>
    public static XElement Header(string user, string password, DateTimeOffset createdAt)
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        string created = createdAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ");
        return new XElement(
            s_extension + "Security",
            new XElement(
                s_extension + "UsernameToken",
                new XElement(s_extension + "Username", user),
                new XElement(s_extension + "Password", new XAttribute("Type", DigestType), Digest(nonce, created, password)),
                new XElement(s_extension + "Nonce", new XAttribute("EncodingType", Base64Type), Convert.ToBase64String(nonce)),
                new XElement(s_utility + "Created", created)));
    }

    internal static string Digest(ReadOnlySpan<byte> nonce, string created, string password)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(nonce);
        hash.AppendData(Encoding.UTF8.GetBytes(created));
        hash.AppendData(Encoding.UTF8.GetBytes(password));
        return Convert.ToBase64String(hash.GetHashAndReset());
    }
}
