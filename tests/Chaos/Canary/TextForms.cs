using System.Text;

namespace EdgeAgent.Chaos.Canary;

/// <summary>A text as programs write it.</summary>
internal static class TextForms
{
    public static IEnumerable<(string Text, string Form, byte[] Bytes)> Of(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text), utf16 = Encoding.Unicode.GetBytes(text);
        yield return (text, "UTF-8", utf8);
        yield return (text, "UTF-16", utf16);
        yield return (text, "UTF-16 big endian", Encoding.BigEndianUnicode.GetBytes(text));
        foreach (byte[] inner in Base64Inners(utf8))
            yield return (text, "base64", inner);
        foreach (byte[] inner in Base64Inners(utf16))
            yield return (text, "base64 of UTF-16", inner);
        yield return (text, "hex", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(utf8)));
        yield return (text, "hex upper", Encoding.ASCII.GetBytes(Convert.ToHexString(utf8)));
        yield return (text, "JSON escapes", Encoding.ASCII.GetBytes(string.Concat(text.Select(c => c < 128 ? c.ToString() : $"\\u{(int)c:x4}"))));
        yield return (text, "per cent", Encoding.ASCII.GetBytes(Uri.EscapeDataString(text)));
        // The part that survives a wrong code page: letters and digits behind the province.
        if (text[0] >= 128 && text.Length > 5)
        {
            yield return (text, "serial part", Encoding.ASCII.GetBytes(text[1..]));
            yield return (text, "serial part in UTF-16", Encoding.Unicode.GetBytes(text[1..]));
        }
    }

    /// <summary>What of the text's base64 does not depend on its neighbours, wherever in a group of three bytes it begins.</summary>
    private static IEnumerable<byte[]> Base64Inners(byte[] bytes)
    {
        for (int before = 0; before < 3; before++)
        {
            string whole = Convert.ToBase64String([.. new byte[before], .. bytes]).TrimEnd('=');
            yield return Encoding.ASCII.GetBytes(whole[(before == 0 ? 0 : before + 1)..^1]);
        }
    }
}
