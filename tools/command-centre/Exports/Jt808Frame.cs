using System.Buffers.Binary;
using System.Text;

namespace EdgeAgent.CommandCentre.Exports;

/// <summary>A message of JT/T 808-2019: what it is, whose, its serial number, and its body.</summary>
internal sealed record Jt808Message(ushort Id, string Phone, ushort Serial, byte[] Body);

/// <summary>
/// Frames of JT/T 808-2019 (道路运输车辆卫星定位系统 终端通讯协议): 0x7E, header, body, XOR of both, 0x7E; 0x7D and 0x7E inside are
/// escaped. Header: id, attributes (bits 0-9 body length, bit 14 set for 2019), version 1, the terminal's number in 10 BCD bytes, serial.
/// </summary>
internal static class Jt808Frame
{
    public const ushort GeneralAnswer = 0x8001, RegisterAnswer = 0x8100;
    public const ushort Heartbeat = 0x0002, Register = 0x0100, Authenticate = 0x0102, Location = 0x0200;
    public const byte Flag = 0x7E;
    public const int MostFrame = 4096;
    private const byte Escape = 0x7D;
    private const int HeaderBytes = 17, PhoneBytes = 10, MostBody = 0x3FF;
    private const ushort Is2019 = 1 << 14;

    /// <summary>Plates are in GBK on this wire.</summary>
    public static Encoding Gbk { get; } = MakeGbk();

    public static byte[] Encode(Jt808Message message)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Body.Length, MostBody);
        var plain = new byte[HeaderBytes + message.Body.Length + 1];
        BinaryPrimitives.WriteUInt16BigEndian(plain, message.Id);
        BinaryPrimitives.WriteUInt16BigEndian(plain.AsSpan(2), (ushort)(Is2019 | message.Body.Length));
        plain[4] = 1;
        WriteBcd(message.Phone, plain.AsSpan(5, PhoneBytes));
        BinaryPrimitives.WriteUInt16BigEndian(plain.AsSpan(15), message.Serial);
        message.Body.CopyTo(plain, HeaderBytes);
        plain[^1] = Sum(plain.AsSpan(0, plain.Length - 1));
        var framed = new List<byte>(plain.Length + 8) { Flag };
        foreach (var value in plain)
        {
            if (value is Flag or Escape)
                framed.AddRange([Escape, value == Flag ? (byte)2 : (byte)1]);
            else
                framed.Add(value);
        }
        framed.Add(Flag);
        return [.. framed];
    }

    /// <summary>What lies between two flags; null for what is no message (cut off, wrong sum, broken escape).</summary>
    public static Jt808Message? Decode(ReadOnlySpan<byte> between)
    {
        var plain = new byte[between.Length];
        var length = 0;
        for (var at = 0; at < between.Length; at++)
        {
            var value = between[at];
            if (value == Escape)
            {
                if (++at == between.Length || between[at] is not (1 or 2))
                    return null;
                value = between[at] == 2 ? Flag : Escape;
            }
            plain[length++] = value;
        }
        if (length < HeaderBytes + 1 || Sum(plain.AsSpan(0, length - 1)) != plain[length - 1])
            return null;
        var body = BinaryPrimitives.ReadUInt16BigEndian(plain.AsSpan(2)) & MostBody;
        return length != HeaderBytes + body + 1
            ? null
            : new Jt808Message(
                BinaryPrimitives.ReadUInt16BigEndian(plain), Convert.ToHexString(plain.AsSpan(5, PhoneBytes)).TrimStart('0'),
                BinaryPrimitives.ReadUInt16BigEndian(plain.AsSpan(15)), plain[HeaderBytes..(HeaderBytes + body)]);
    }

    /// <summary>Two digits a byte, zeros before.</summary>
    public static void WriteBcd(string digits, Span<byte> to) => Convert.FromHexString(digits.PadLeft(to.Length * 2, '0'), to, out _, out _);

    private static byte Sum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (var value in bytes)
            sum ^= value;
        return sum;
    }

    private static Encoding MakeGbk()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        return Encoding.GetEncoding("GBK");
    }
}
