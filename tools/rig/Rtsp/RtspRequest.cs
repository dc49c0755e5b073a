using System.Buffers;
using System.Text;

namespace EdgeAgent.Rig.Rtsp;

/// <summary>One RTSP request (RFC 2326 §6).</summary>
internal sealed record RtspRequest(string Method, string Url, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>Longest request line and headers that are read, in bytes.</summary>
    public const int MaxHeadBytes = 8192;

    /// <summary>Path of the URL without slashes at its ends, "" when the URL is not absolute.</summary>
    public string Path => Uri.TryCreate(Url, UriKind.Absolute, out Uri? url) ? url.AbsolutePath.Trim('/') : "";

    public string this[string header] => Headers.GetValueOrDefault(header, "");

    public int CSeq => int.TryParse(this["CSeq"], out int number) ? number : -1;

    public int ContentLength => int.TryParse(this["Content-Length"], out int length) && length > 0 ? length : 0;

    /// <summary>Parses request line and headers, up to and without the empty line. Null when it is not RTSP.</summary>
    public static RtspRequest? Parse(ReadOnlySequence<byte> head)
    {
        string[] lines = Encoding.UTF8.GetString(head).Split("\r\n");
        string[] words = lines[0].Split(' ');
        if (words.Length != 3 || words[0].Length == 0 || !words[0].All(char.IsAsciiLetterUpper) && !words[0].Contains('_', StringComparison.Ordinal) || words[2] != "RTSP/1.0")
            return null;

        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines.Skip(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
                return null;
            headers[line[..colon].Trim()] = line[(colon + 1)..].Trim();
        }
        return new RtspRequest(words[0], words[1], headers);
    }
}
