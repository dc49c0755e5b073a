using System.Globalization;
using System.Text;

namespace EdgeAgent.CommandCentre.Exports;

/// <summary>As much of SIP (RFC 3261) over UDP as GB/T 28181 needs of a lower platform: a start line, headers in order, a body.</summary>
internal sealed record SipMessage(string StartLine, IReadOnlyList<KeyValuePair<string, string>> Headers, string Body)
{
    private const int MostHeaders = 64;

    /// <summary>GB/T 28181 bodies are GB 2312.</summary>
    private static readonly Encoding Wire = Jt808Frame.Gbk;

    public bool IsResponse => StartLine.StartsWith("SIP/2.0 ", StringComparison.Ordinal);

    /// <summary>0 for a request.</summary>
    public int Status => IsResponse && int.TryParse(StartLine.Split(' ')[1], CultureInfo.InvariantCulture, out var status) ? status : 0;

    public string Method => IsResponse ? "" : StartLine.Split(' ')[0];

    /// <summary>"" when there is none; the first of several.</summary>
    public string Header(string name) =>
        Headers.FirstOrDefault(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Value ?? "";

    public byte[] ToBytes()
    {
        var body = Wire.GetBytes(Body);
        var head = new StringBuilder(StartLine).Append("\r\n");
        foreach (var (name, value) in Headers)
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head.ToString()), .. body];
    }

    /// <summary>Null for what is no SIP message.</summary>
    public static SipMessage? Parse(ReadOnlySpan<byte> datagram)
    {
        var end = datagram.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return null;
        var lines = Encoding.ASCII.GetString(datagram[..end]).Split("\r\n");
        if (lines.Length - 1 > MostHeaders || !lines[0].Contains("SIP/2.0", StringComparison.Ordinal))
            return null;
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
                return null;
            headers.Add(KeyValuePair.Create(Long(line[..colon].Trim()), line[(colon + 1)..].Trim()));
        }
        return new SipMessage(lines[0], headers, Wire.GetString(datagram[(end + 4)..]));
    }

    /// <summary>The answer to a request: its own Via, From, To, Call-ID and CSeq.</summary>
    public SipMessage Answer(string status, string tag) => new(
        $"SIP/2.0 {status}",
        [.. Headers.Where(header => header.Key is "Via" or "From" or "Call-ID" or "CSeq"),
            KeyValuePair.Create("To", Header("To").Contains("tag=", StringComparison.Ordinal) ? Header("To") : $"{Header("To")};tag={tag}")],
        "");

    private static string Long(string name) => name.ToLowerInvariant() switch
    {
        "v" => "Via",
        "f" => "From",
        "t" => "To",
        "i" => "Call-ID",
        "m" => "Contact",
        "l" => "Content-Length",
        "c" => "Content-Type",
        _ => name,
    };
}
