using System.Buffers.Text;
using System.Text;

namespace EdgeAgent.Chaos.Canary;

/// <summary>Something found where nothing should be.</summary>
/// <param name="File">Where.</param>
/// <param name="What">A text, "face" or "crop".</param>
/// <param name="Form">As what it lies there.</param>
internal sealed record Trace(string File, string What, string Form)
{
    public override string ToString() => $"{File}: {What} as {Form}";
}

/// <summary>
/// Looks for what must not be there: texts in any usual encoding; a known face's template as numbers of any width, at any byte and any
/// scale, and anything that has the shape of a template, whoever's it is; pictures that show a known face or plate. All of it also inside
/// base64 and hexadecimal.
/// </summary>
/// <param name="texts">Plates and names.</param>
/// <param name="faces">Templates of known faces; none: only the shape of one is looked for.</param>
/// <param name="pictures">Says what a JPEG shows; null: pictures are not looked at.</param>
internal sealed class TraceScanner(IReadOnlyCollection<string> texts, IReadOnlyList<float[]> faces, Func<ReadOnlyMemory<byte>, string?>? pictures = null)
{
    /// <summary>So many characters of base64 or hexadecimal hold a quarter of a template at least.</summary>
    private const int LeastEncoded = 512;

    private readonly (string Text, string Form, byte[] Bytes)[] needles = [.. texts.SelectMany(TextForms.Of)];
    private readonly TemplateTraces[] templates = [.. faces.Select(f => new TemplateTraces(f))];

    public int Files { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Every trace below the folder. Files that vanish while it looks are passed over.</summary>
    public static List<string> Scan(string folder, IReadOnlyCollection<string> texts) => [.. new TraceScanner(texts, []).Scan(folder).Select(t => t.ToString())];

    public List<Trace> Scan(string folder)
    {
        var found = new List<Trace>();
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (TryRead(file) is not { } content)
                continue;
            (Files, Bytes) = (Files + 1, Bytes + content.Length);
            found.AddRange(In(content).Select(t => new Trace(file, t.What, t.Form)).Distinct());
        }
        return found;
    }

    /// <summary>What these bytes hold.</summary>
    public IEnumerable<(string What, string Form)> In(byte[] content) => SqlitePages.Joined(content) is { } joined ? InOne(content).Concat(InOne(joined)) : InOne(content);

    private IEnumerable<(string What, string Form)> InOne(byte[] content)
    {
        foreach (var (text, form, bytes) in needles)
        {
            if (content.AsSpan().IndexOf(bytes) >= 0)
                yield return (text, form);
        }
        foreach (var trace in InBinary(content, ""))
            yield return trace;
        foreach (var (decoded, form) in Encoded(content))
        {
            foreach (var trace in InBinary(decoded, $" in {form}"))
                yield return trace;
        }
    }

    private IEnumerable<(string What, string Form)> InBinary(byte[] content, string where)
    {
        if (TemplateTraces.HoldsAny(content))
            yield return ("face", "template of somebody" + where);
        foreach (string form in templates.SelectMany(t => t.In(content)))
            yield return ("face", form + where);
        if (pictures is null)
            yield break;
        foreach (var jpeg in JpegRuns.In(content))
        {
            if (pictures(jpeg) is { } shown)
                yield return ("crop", $"JPEG of {shown}{where}");
        }
    }

    /// <summary>Long runs of base64 and hexadecimal, as what they stand for. Base64 is tried from each of its four beginnings.</summary>
    private static IEnumerable<(byte[] Decoded, string Form)> Encoded(byte[] content)
    {
        foreach (Range run in Runs(content, b => char.IsAsciiLetterOrDigit((char)b) || b is (byte)'+' or (byte)'/' or (byte)'-' or (byte)'_'))
        {
            byte[] text = content[run];
            if (text.All(b => char.IsAsciiHexDigit((char)b)))
            {
                for (int skip = 0; skip < 2; skip++)
                    yield return (Convert.FromHexString(Encoding.ASCII.GetString(text[skip..(skip + ((text.Length - skip) / 2 * 2))])), "hexadecimal");
                continue;
            }
            for (int i = 0; i < text.Length; i++)
                text[i] = text[i] switch { (byte)'-' => (byte)'+', (byte)'_' => (byte)'/', var other => other };
            for (int skip = 0; skip < 4; skip++)
            {
                // Filled up, so that nothing of the end is lost; what comes out too much harms nothing.
                byte[] whole = [.. text[skip..], .. "AAA"u8[..((4 - ((text.Length - skip) % 4)) % 4)]], decoded = new byte[whole.Length];
                _ = Base64.DecodeFromUtf8(whole, decoded, out _, out int written);
                yield return (decoded[..written], "base64");
            }
        }
    }

    private static List<Range> Runs(byte[] content, Func<byte, bool> belongs)
    {
        var runs = new List<Range>();
        for (int at = 0; at < content.Length; at++)
        {
            int from = at;
            while (at < content.Length && belongs(content[at]))
                at++;
            if (at - from >= LeastEncoded)
                runs.Add(from..at);
        }
        return runs;
    }

    private static byte[]? TryRead(string file)
    {
        try
        {
            // Pipes and sockets have no length, and opening a pipe waits for its other end.
            if (new FileInfo(file).Length == 0)
                return null;
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] content = new byte[stream.Length];
            int read = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            return content[..read];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
