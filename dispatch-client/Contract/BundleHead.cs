using System.Buffers.Binary;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>The beginning of a release bundle: <see cref="Magic"/>, the length of the signed manifest (four bytes, big-endian), the manifest in its envelope.</summary>
public static class BundleHead
{
    public const int MostEnvelopeBytes = 8 << 20;

    public static ReadOnlySpan<byte> Magic => "EDGEAGENT-BUNDLE-1\n"u8;

    /// <summary>The envelope's bytes, the file left at what follows them; null when this does not begin as a bundle does, or ends within it.</summary>
    public static byte[]? Read(Stream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        Span<byte> head = stackalloc byte[Magic.Length + sizeof(uint)];
        if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length || !head[..Magic.Length].SequenceEqual(Magic))
            return null;
        var length = BinaryPrimitives.ReadUInt32BigEndian(head[Magic.Length..]);
        if (length is 0 or > MostEnvelopeBytes || length > file.Length - file.Position)
            return null;
        var envelope = new byte[length];
        file.ReadExactly(envelope);
        return envelope;
    }

    /// <summary>What a bundle calls itself, whoever signed it; null when it is none. To name it by, never to trust it by.</summary>
    public static string? VersionIn(Stream file)
    {
        try
        {
            return Read(file) is { } envelope ? ReleaseManifest.Parser.ParseFrom(SignedEnvelope.Parser.ParseFrom(envelope).Payload).Version : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
