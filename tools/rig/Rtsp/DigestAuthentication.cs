using System.Security.Cryptography;
using System.Text;

namespace EdgeAgent.Rig.Rtsp;

internal sealed record RtspCredentials(string User, string Password);

/// <summary>HTTP digest authentication as cameras speak it over RTSP (RFC 2069: MD5, no qop).</summary>
internal sealed class DigestAuthentication(RtspCredentials credentials)
{
    private const string Realm = "bench camera";

    private readonly string nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    public string Challenge => $"Digest realm=\"{Realm}\", nonce=\"{nonce}\"";

    public bool Accepts(RtspRequest request)
    {
        const string scheme = "Digest ";
        string header = request["Authorization"];
        if (!header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            return false;

        Dictionary<string, string> fields = Fields(header[scheme.Length..]);
        string expected = Md5($"{Md5($"{credentials.User}:{Realm}:{credentials.Password}")}:{nonce}:{Md5($"{request.Method}:{fields.GetValueOrDefault("uri")}")}");
        return fields.GetValueOrDefault("username") == credentials.User
            && fields.GetValueOrDefault("nonce") == nonce
            && fields.GetValueOrDefault("response") == expected;
    }

    private static Dictionary<string, string> Fields(string text)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                fields[part[..equals]] = part[(equals + 1)..].Trim('"');
        }
        return fields;
    }

#pragma warning disable CA5351 // Cameras speak MD5 here; it guards nothing but a bench.
    private static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351
}
