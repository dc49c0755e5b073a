namespace EdgeAgent.AuditVerifier;

/// <summary>What a file holds that is no audit chain.</summary>
internal sealed class FormatException(string message) : Exception(message);

/// <summary>One field of a protobuf message: its number, and its value as a number or as bytes.</summary>
internal readonly ref struct Field(int number, ulong value, ReadOnlySpan<byte> bytes)
{
    public int Number => number;

    public ulong Value => value;

    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    public string Text => System.Text.Encoding.UTF8.GetString(Bytes);
}

/// <summary>Walks over the fields of a protobuf message (protobuf.dev/programming-guides/encoding): varints, fixed numbers and bytes.</summary>
internal ref struct Fields(ReadOnlySpan<byte> message)
{
    private const int Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;

    private ReadOnlySpan<byte> rest = message;

    /// <exception cref="FormatException">The bytes are no message.</exception>
    public bool TryNext(out Field field)
    {
        field = default;
        if (rest.IsEmpty)
            return false;
        ulong key = TakeVarint();
        int number = (int)(key >> 3);
        field = (int)(key & 7) switch
        {
            Varint => new Field(number, TakeVarint(), []),
            Fixed64 => new Field(number, 0, Take(8)),
            Bytes => new Field(number, 0, Take(TakeVarint())),
            Fixed32 => new Field(number, 0, Take(4)),
            _ => throw new FormatException("a field of unknown kind"),
        };
        return true;
    }

    private ulong TakeVarint()
    {
        ulong value = 0;
        for (int i = 0; i < Math.Min(10, rest.Length); i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if ((rest[i] & 0x80) != 0)
                continue;
            rest = rest[(i + 1)..];
            return value;
        }
        throw new FormatException("a number that does not end");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)rest.Length)
            throw new FormatException("a field longer than its message");
        ReadOnlySpan<byte> taken = rest[..(int)count];
        rest = rest[(int)count..];
        return taken;
    }
}
