using System.Text;
using System.Text.RegularExpressions;

namespace EdgeAgent.Edgectl.Support;

/// <summary>
/// Looks for what must not leave a box: in bytes as they stand, and in what is written in them as base64, hexadecimal, \u or percent
/// escapes. Errs on the side of finding.
/// </summary>
/// <param name="known">Texts that are no secret whatever they look like: hashes of models, the unit's id.</param>
internal sealed partial class SecretScan(IReadOnlyCollection<string> known)
{
    // Encoded once more within what was encoded: deeper nobody hides by accident.
    private const int Depth = 3;
    private const int OpaqueCharacters = 100, CharactersASlash = 12;
    private const int LeastDecodedBytes = 6, LeastEncoded = 8, KeyHexCharacters = 64;

    // Full-width letters and digits lie so far above the plain ones.
    private const char FirstWide = '\uff01', LastWide = '\uff5e';
    private const int WideBy = 0xFEE0;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Kinds of <see cref="SecretKinds"/> that are in it, each once; none when it may leave.</summary>
    public IReadOnlySet<string> Find(ReadOnlySpan<byte> content)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        if (Text(content) is { } text)
            LookAt(text, found, Depth);
        else
            _ = found.Add(SecretKinds.Binary);
        BinaryMarks.LookAt(content, found);
        return found;
    }

    private void LookAt(string text, SortedSet<string> found, int depth)
    {
        foreach (string harmless in known)
            text = text.Replace(harmless, " ", StringComparison.OrdinalIgnoreCase);
        string plain = Narrow(Unescaped(text));
        TextMarks.LookAt(plain, found);
        if (PlateFinder.IsIn(plain))
            _ = found.Add(SecretKinds.Plate);
        foreach (string token in Tokens(plain))
            LookInto(token, found, depth);
    }

    private void LookInto(string token, SortedSet<string> found, int depth)
    {
        if (token.Length >= OpaqueCharacters && token.Count(c => c == '/') * CharactersASlash <= token.Length)
            _ = found.Add(SecretKinds.Opaque);
        if (Hexadecimal().IsMatch(token))
        {
            if (token.Length >= KeyHexCharacters)
                _ = found.Add(SecretKinds.Key);
            Decoded(Convert.FromHexString(token[..(token.Length & ~1)]), found, depth);
        }
        else if (KeyAsBase64().IsMatch(token) && token.Any(char.IsAsciiDigit) && token.Any(char.IsAsciiLetterUpper) && token.Any(char.IsAsciiLetterLower))
        {
            _ = found.Add(SecretKinds.Key);
        }
        LookIntoBase64(token.Replace('-', '+').Replace('_', '/'), found, depth);
    }

    // What stands before encoded content without a gap moves its groups of four.
    private void LookIntoBase64(string token, SortedSet<string> found, int depth)
    {
        int padding = token.IndexOf('=', StringComparison.Ordinal);
        ReadOnlySpan<char> all = padding < 0 ? token : token.AsSpan(0, padding);
        for (int skip = 0; skip < 4 && all.Length - skip >= LeastEncoded; skip++)
        {
            ReadOnlySpan<char> rest = all[skip..];
            rest = rest.Length % 4 == 1 ? rest[..^1] : rest;
            string padded = rest.ToString().PadRight((rest.Length + 3) & ~3, '=');
            byte[] bytes = new byte[padded.Length];
            if (Convert.TryFromBase64String(padded, bytes, out int length))
                Decoded(bytes.AsSpan(0, length), found, depth);
        }
    }

    private void Decoded(ReadOnlySpan<byte> bytes, SortedSet<string> found, int depth)
    {
        if (bytes.Length < LeastDecodedBytes)
            return;
        BinaryMarks.LookAt(bytes, found);
        if (depth > 0 && Text(bytes) is { } text)
            LookAt(text, found, depth - 1);
    }

    private static string? Text(ReadOnlySpan<byte> content)
    {
        try
        {
            string text = Strict.GetString(content);
            return text.AsSpan().ContainsAnyInRange('\0', '\b') || text.AsSpan().ContainsAnyInRange('\u000e', '\u001f') ? null : text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>What may be encoded content: runs within a line, and lines that are nothing else, joined.</summary>
    private static IEnumerable<string> Tokens(string text)
    {
        foreach (Match run in Run().Matches(text))
            yield return run.Value;
        foreach (Match lines in EncodedLines().Matches(text))
            yield return White().Replace(lines.Value, "");
    }

    private static string Narrow(string text) => string.Create(text.Length, text, static (plain, wide) =>
    {
        for (int i = 0; i < plain.Length; i++)
            plain[i] = wide[i] is >= FirstWide and <= LastWide ? (char)(wide[i] - WideBy) : wide[i];
    });

    private static string Unescaped(string text) => Percents().Replace(
        Unicode().Replace(text, m => $"{(char)Convert.ToUInt16(m.Groups[1].Value, 16)}"),
        m => Encoding.UTF8.GetString(Convert.FromHexString(m.Value.Replace("%", "", StringComparison.Ordinal))));

    [GeneratedRegex(@"\\u([0-9A-Fa-f]{4})")]
    private static partial Regex Unicode();

    [GeneratedRegex("(?:%[0-9A-Fa-f]{2})+")]
    private static partial Regex Percents();

    [GeneratedRegex("[A-Za-z0-9+/_-]{8,}={0,2}")]
    private static partial Regex Run();

    [GeneratedRegex(@"(?:^[ \t]*[A-Za-z0-9+/_-]{16,}={0,2}[ \t]*\r?\n)+[ \t]*[A-Za-z0-9+/_-]+={0,2}[ \t]*$", RegexOptions.Multiline)]
    private static partial Regex EncodedLines();

    [GeneratedRegex("^[0-9A-Fa-f]{12,}$")]
    private static partial Regex Hexadecimal();

    // 32 bytes: 43 characters, padded or not.
    [GeneratedRegex("^[A-Za-z0-9+/_-]{43}=?$")]
    private static partial Regex KeyAsBase64();

    [GeneratedRegex(@"\s")]
    private static partial Regex White();
}
