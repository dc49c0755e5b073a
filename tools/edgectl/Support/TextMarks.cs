using System.Text.RegularExpressions;

namespace EdgeAgent.Edgectl.Support;

/// <summary>Keys, tokens, PINs, people's numbers and templates by how they are written.</summary>
internal static partial class TextMarks
{
    // GB 11643: the weights of the first seventeen digits, and the eighteenth by the sum's rest.
    private static readonly int[] ResidentWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    private const string ResidentCheck = "10X98765432";

    public static void LookAt(string text, ISet<string> found)
    {
        if (Pem().IsMatch(text) || Der().IsMatch(text))
            _ = found.Add(SecretKinds.Key);
        if (Jwt().IsMatch(text) || Bearer().IsMatch(text) || Named().IsMatch(text) || InAddress().IsMatch(text))
            _ = found.Add(SecretKinds.Token);
        if (Pin().IsMatch(text))
            _ = found.Add(SecretKinds.Pin);
        if (Mobile().IsMatch(text) || Resident().Matches(text).Any(m => IsResident(m.Value)))
            _ = found.Add(SecretKinds.Person);
        if (Decimals().IsMatch(text) || SmallNumbers().IsMatch(text))
            _ = found.Add(SecretKinds.FaceTemplate);
    }

    private static bool IsResident(string number) =>
        ResidentCheck[ResidentWeights.Select((weight, i) => weight * (number[i] - '0')).Sum() % 11] == char.ToUpperInvariant(number[17]);

    [GeneratedRegex("-----BEGIN |-----END |OPENSSH PRIVATE|PuTTY-User-Key")]
    private static partial Regex Pem();

    // The first bytes of PKCS#8 and SEC1 keys on P-256, and of RSA keys, as base64.
    [GeneratedRegex("MIGHAgEA|MHcCAQEE|MIGkAgEB|MIIEv[A-Za-z]IBAD|MIIEp[A-Za-z]IBAA")]
    private static partial Regex Der();

    [GeneratedRegex(@"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}\.")]
    private static partial Regex Jwt();

    [GeneratedRegex(@"\b(bearer|basic|digest)\s+[A-Za-z0-9+/._~=-]{8,}", RegexOptions.IgnoreCase)]
    private static partial Regex Bearer();

    // "(removed)" and what is empty, a number of things or a yes and no are said on purpose.
    [GeneratedRegex("""(password|passwd|passphrase|pwd|secret|token|api[_-]?key|private[_-]?key|vault[_-]?key|authorization|cookie|session[_-]?id|enrol\w*[_-]?code|口令|密码)["']?\s*(?:[:=：]|is|为|是)\s*["']?(?!\(removed\)|null\b|true\b|false\b)[^\s"',}]{3,}""", RegexOptions.IgnoreCase)]
    private static partial Regex Named();

    [GeneratedRegex(@"[A-Za-z][A-Za-z0-9+.-]*://[^/\s""]*:[^/\s""]*@")]
    private static partial Regex InAddress();

    [GeneratedRegex(@"(\bpins?\b|PIN\s*码)[^\w\n]{0,4}(is|of|code|was|=|:|是|为)?[^\w\n]{0,4}\d{4,8}(?!\d)", RegexOptions.IgnoreCase)]
    private static partial Regex Pin();

    [GeneratedRegex(@"(?<![\d.])1[3-9]\d{9}(?!\d)")]
    private static partial Regex Mobile();

    [GeneratedRegex(@"(?<!\d)\d{17}[\dXx](?!\d)")]
    private static partial Regex Resident();

    [GeneratedRegex(@"(?:-?\d?\.\d+(?:[eE][-+]?\d+)?[\s,;]+){31}-?\d?\.\d+")]
    private static partial Regex Decimals();

    [GeneratedRegex(@"(?:-?\b\d{1,3}\b[ ,;]+){63}-?\d{1,3}")]
    private static partial Regex SmallNumbers();
}
