using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text.Json;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>Something a page says: one of these.</summary>
/// <param name="Frame">Out of a binary message; the others are JSON.</param>
public sealed record VoiceWord(VoiceAskWord? Ask = null, VoiceOverWord? Over = null, IReadOnlyList<string>? Mute = null, VoiceFrame? Frame = null);

/// <summary>May I speak? Whoever serves the page adds who it is.</summary>
public sealed record VoiceAskWord(string? TalkId, string? Channel, bool Emergency = false);

/// <summary>The button was let go.</summary>
public sealed record VoiceOverWord(string? TalkId);

/// <summary>
/// Voice between a page and its server, the same for the terminal and the console. JSON texts {ask|over|mute} up and
/// {answer|begin|over} down; frames are binary both ways: 16 bytes of talk id, 4 of sequence (little endian), one Opus packet.
/// </summary>
public static class VoiceWords
{
    public const int MostBytes = 4096;
    private const int HeadBytes = Uuid7.Length + sizeof(uint);
    private static readonly JsonSerializerOptions Web = JsonSerializerOptions.Web;

    /// <returns>Null: the page went away.</returns>
    /// <exception cref="JsonException">Not one of our pages: too long, or not such a word.</exception>
    public static async Task<VoiceWord?> ReadAsync(WebSocket socket, byte[] buffer, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(socket);
        var filled = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(filled), stop);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            filled += part.Count;
            if (!part.EndOfMessage && filled < buffer.Length)
                continue;
            if (!part.EndOfMessage)
                throw new JsonException("A word is too long.");
            return part.MessageType == WebSocketMessageType.Binary
                ? new VoiceWord(Frame: FrameOf(buffer.AsSpan(0, filled)))
                : JsonSerializer.Deserialize<VoiceWord>(buffer.AsSpan(0, filled), Web) ?? throw new JsonException("Not a word.");
        }
    }

    public static async Task WriteAsync(WebSocket socket, VoiceDown word, TimeSpan within, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(word);
        var isFrame = word.BodyCase == VoiceDown.BodyOneofCase.Frame;
        var bytes = isFrame ? BytesOf(word.Frame) : JsonSerializer.SerializeToUtf8Bytes(TextOf(word), Web);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(within);
        await socket.SendAsync(bytes.AsMemory(), isFrame ? WebSocketMessageType.Binary : WebSocketMessageType.Text, true, limit.Token);
    }

    /// <summary>Empty for what is no id.</summary>
    public static ByteString IdOf(string? text) => Guid.TryParse(text, out var id) ? ByteString.CopyFrom(Uuid7.ToBytes(id)) : ByteString.Empty;

    private static VoiceFrame FrameOf(ReadOnlySpan<byte> message) => message.Length <= HeadBytes
        ? throw new JsonException("A frame is too short.")
        : new VoiceFrame
        {
            TalkId = ByteString.CopyFrom(message[..Uuid7.Length]),
            Sequence = BinaryPrimitives.ReadUInt32LittleEndian(message[Uuid7.Length..]),
            Opus = ByteString.CopyFrom(message[HeadBytes..]),
        };

    private static byte[] BytesOf(VoiceFrame frame)
    {
        var bytes = new byte[HeadBytes + frame.Opus.Length];
        frame.TalkId.Span.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Uuid7.Length), frame.Sequence);
        frame.Opus.Span.CopyTo(bytes.AsSpan(HeadBytes));
        return bytes;
    }

    private static object TextOf(VoiceDown word) => word.BodyCase switch
    {
        VoiceDown.BodyOneofCase.Answer => new { answer = new { talkId = TextOf(word.Answer.TalkId), word.Answer.Code, busyWith = word.Answer.BusyWith is { } busy ? TextOf(busy) : null } },
        VoiceDown.BodyOneofCase.Begin => new { begin = TextOf(word.Begin) },
        _ => new { over = new { talkId = TextOf(word.Over.TalkId), word.Over.Code } },
    };

    private static object TextOf(VoiceTalk talk) => new { talkId = TextOf(talk.TalkId), talk.Channel, talk.UnitId, talk.Speaker, talk.Emergency, talk.BeganAtUnixMs };

    private static string TextOf(ByteString id) => id.Length == Uuid7.Length ? Uuid7.ToGuid(id.Span).ToString() : "";
}
