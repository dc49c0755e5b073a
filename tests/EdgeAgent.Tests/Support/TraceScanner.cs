using System.Buffers.Binary;
using System.Text;

namespace EdgeAgent.Tests.Support;

/// <summary>
/// Looks for what must not be there: a text in any usual encoding, and anything that has the shape of a face template (512
/// consecutive little-endian float32 of unit length, at any byte offset), whoever's it is.
/// </summary>
internal static class TraceScanner
{
    private const int TemplateLength = 512;

    /// <summary>Every "file: what" found below the folder. Files that vanish while it looks are passed over.</summary>
    public static List<string> Scan(string folder, IReadOnlyCollection<string> texts)
    {
        var found = new List<string>();
        (string Text, string Form, byte[] Bytes)[] needles = [.. texts.SelectMany(Encodings)];
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            byte[] content;
            try
            {
                content = ReadShared(file);
            }
            catch (IOException)
            {
                continue;
            }
            found.AddRange(needles.Where(n => content.AsSpan().IndexOf(n.Bytes) >= 0).Select(n => $"{file}: {n.Text} as {n.Form}"));
            if (HoldsTemplate(content))
                found.Add($"{file}: a face template");
        }
        return found;
    }

    public static bool HoldsTemplate(ReadOnlySpan<byte> content)
    {
        for (int offset = 0; offset < 4; offset++)
        {
            int run = 0;
            double squares = 0;
            for (int at = offset; at + 4 <= content.Length; at += 4)
            {
                float value = BinaryPrimitives.ReadSingleLittleEndian(content[at..]);
                // Zeros and denormals fill empty pages; a template has neither in bulk, and no component reaches 1.
                if (!float.IsNormal(value) || MathF.Abs(value) >= 1)
                {
                    run = 0;
                    squares = 0;
                    continue;
                }
                squares += (double)value * value;
                if (++run > TemplateLength)
                {
                    float leaving = BinaryPrimitives.ReadSingleLittleEndian(content[(at - TemplateLength * 4)..]);
                    squares -= (double)leaving * leaving;
                }
                if (run >= TemplateLength && Math.Abs(squares - 1) < 1e-3)
                    return true;
            }
        }
        return false;
    }

    private static IEnumerable<(string, string, byte[])> Encodings(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        yield return (text, "UTF-8", utf8);
        yield return (text, "UTF-16", Encoding.Unicode.GetBytes(text));
        yield return (text, "base64", Encoding.ASCII.GetBytes(Convert.ToBase64String(utf8).TrimEnd('=')[..^1]));
        yield return (text, "hex", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(utf8)));
        yield return (text, "hex upper", Encoding.ASCII.GetBytes(Convert.ToHexString(utf8)));
        yield return (text, "JSON escapes", Encoding.ASCII.GetBytes(string.Concat(text.Select(c => c < 128 ? c.ToString() : $"\\u{(int)c:x4}"))));
        // The part that survives a wrong code page: letters and digits behind the province.
        yield return (text, "serial part", Encoding.ASCII.GetBytes(text[1..]));
    }

    private static byte[] ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] content = new byte[stream.Length];
        int read = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        return content[..read];
    }
}
