using System.Text;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Requests;

/// <summary>What a person wrote, from a file or standard input: arguments are seen by every user of the machine and kept by shells.</summary>
internal static class RequestText
{
    private const int MostBytes = 64 << 10;

    /// <exception cref="CentreException">Empty, too long, or not UTF-8.</exception>
    public static string Read(string? path)
    {
        using var from = path is null ? Console.OpenStandardInput() : File.OpenRead(path);
        var bytes = new byte[MostBytes + 1];
        var length = from.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var where = path ?? "Standard input";
        if (length > MostBytes)
            throw new CentreException($"{where} holds more than {MostBytes} bytes.");
        var text = Decode(bytes.AsSpan(0, length), where).Trim('\uFEFF', '\n', ' ');
        return text.Length > 0 ? text : throw new CentreException($"{where} holds no text.");
    }

    /// <summary>A request as a letter: how the person can be reached, an empty line, the person's own words.</summary>
    /// <exception cref="CentreException">It has not both parts.</exception>
    public static (string Contact, string Words) ReadRequest(string? path)
    {
        var text = Read(path);
        var parted = text.IndexOf("\n\n", StringComparison.Ordinal);
        return parted > 0
            ? (text[..parted].Trim(), text[parted..].Trim())
            : throw new CentreException("The text needs two parts: name and contact, an empty line, the person's own words.");
    }

    /// <summary>What strangers wrote must not steer the terminal of whoever reads it.</summary>
    public static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? '\uFFFD' : c));

    private static string Decode(ReadOnlySpan<byte> bytes, string where)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes).ReplaceLineEndings("\n");
        }
        catch (DecoderFallbackException)
        {
            throw new CentreException($"{where} is not UTF-8 text.");
        }
    }
}
