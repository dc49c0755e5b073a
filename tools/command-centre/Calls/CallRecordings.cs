using System.Security.Cryptography;
using EdgeAgent.CommandCentre.Attachments;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Calls;

/// <summary>Callers' voices: looked at by their first bytes, sealed like evidence, under their hash.</summary>
internal sealed class CallRecordings(EvidenceFiles files)
{
    public const int MostBytes = 20 << 20;

    /// <summary>Whose uploads these are, in the place of a unit's id; no unit can be called so.</summary>
    public const string Uploader = "console";

    /// <summary>What a console may send.</summary>
    public static readonly IReadOnlySet<string> Types = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "audio/ogg", "audio/opus", "audio/wav", "audio/x-wav", "audio/wave", "audio/mpeg", "audio/mp3", "audio/mp4", "audio/m4a", "audio/x-m4a",
    };

    /// <summary>The kind of sound by its own first bytes, whatever its sender says; null: none that is taken.</summary>
    public static string? TypeOf(ReadOnlySpan<byte> head)
    {
        if (head.Length < 12)
            return null;
        if (head.StartsWith("OggS"u8))
            return "audio/ogg";
        if (head.StartsWith("RIFF"u8) && head[8..12].SequenceEqual("WAVE"u8))
            return "audio/wav";
        if (head[4..8].SequenceEqual("ftyp"u8) && (head[8..11].SequenceEqual("M4A"u8) || head[8..12].SequenceEqual("mp42"u8) || head[8..11].SequenceEqual("iso"u8)))
            return "audio/mp4";
        // ID3, or the frame sync of MPEG audio layer III.
        return head.StartsWith("ID3"u8) || (head[0] == 0xFF && (head[1] & 0xE6) == 0xE2) ? "audio/mpeg" : null;
    }

    /// <summary>Seals it; on disk when this returns. The row that names it follows in the transaction of the call.</summary>
    /// <exception cref="IOException">Another console is sending the very same.</exception>
    public CallRecording Keep(byte[] content, string mediaType)
    {
        var hash = SHA256.HashData(content);
        using var upload = files.TryBegin(Uploader, hash) ?? throw new IOException("This recording is being stored already.");
        // What a power cut left of the same sound is gone on with: the whole is held against its hash either way.
        upload.Append(content.AsSpan((int)Math.Min(upload.Bytes, content.Length)));
        return upload.Finish()
            ? new CallRecording(hash, content.Length, mediaType)
            : throw new IOException("What was left of an earlier upload was in the way: send it again.");
    }
}
