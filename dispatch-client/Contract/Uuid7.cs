using System.Buffers.Binary;

namespace EdgeAgent.Contract;

/// <summary>Ids of the contract: UUIDv7 (RFC 9562) as 16 bytes, big endian, so that byte order is age order.</summary>
public static class Uuid7
{
    /// <summary>Length of an id on the wire.</summary>
    public const int Length = 16;

    /// <summary>A new id whose first 48 bits are the clock's Unix milliseconds.</summary>
    public static byte[] New(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        var id = new byte[Length];
        RandomPool.Fill(id);
        var random = BinaryPrimitives.ReadUInt16BigEndian(id.AsSpan(6));
        BinaryPrimitives.WriteUInt64BigEndian(id, ((ulong)time.GetUtcNow().ToUnixTimeMilliseconds() << 16) | 0x7000u | (uint)(random & 0x0FFF));
        id[8] = (byte)(0x80 | (id[8] & 0x3F));
        return id;
    }

    /// <summary>The id as 16 bytes, big endian.</summary>
    public static byte[] ToBytes(Guid id) => id.ToByteArray(bigEndian: true);

    /// <summary>The id as a <see cref="Guid"/>, for text and dictionary keys.</summary>
    /// <exception cref="ArgumentException">Not 16 bytes.</exception>
    public static Guid ToGuid(ReadOnlySpan<byte> id) => id.Length == Length
        ? new Guid(id, bigEndian: true)
        : throw new ArgumentException($"An id is {Length} bytes, this one has {id.Length}.", nameof(id));

    /// <summary>Unix milliseconds written into the id, as far as its writer's clock could be believed.</summary>
    public static long UnixMs(ReadOnlySpan<byte> id) =>
        id.Length == Length
            ? (long)(BinaryPrimitives.ReadUInt64BigEndian(id) >> 16)
            : throw new ArgumentException($"An id is {Length} bytes, this one has {id.Length}.", nameof(id));
}
