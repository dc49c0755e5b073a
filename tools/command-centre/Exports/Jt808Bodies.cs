using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Exports;

/// <summary>The bodies of JT/T 808-2019 messages that a unit's position needs. Numbers are big endian.</summary>
internal static class Jt808Bodies
{
    private const byte BluePlate = 1;
    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    /// <summary>0x0100: province, city, maker (11), model (30), terminal (30), colour of the plate, plate.</summary>
    public static byte[] Register(string terminalId, string plate)
    {
        var body = new byte[76];
        Encoding.ASCII.GetBytes("EDGEAGENT").CopyTo(body, 4);
        Encoding.ASCII.GetBytes("PATROL").CopyTo(body, 15);
        Encoding.ASCII.GetBytes(terminalId[..Math.Min(30, terminalId.Length)]).CopyTo(body, 45);
        body[75] = BluePlate;
        return [.. body, .. Jt808Frame.Gbk.GetBytes(plate)];
    }

    /// <summary>0x0102: the code that registering gave, IMEI (15), software version (20).</summary>
    public static byte[] Authenticate(string code, string phone)
    {
        var bytes = Jt808Frame.Gbk.GetBytes(code);
        var body = new byte[1 + bytes.Length + 15 + 20];
        body[0] = (byte)bytes.Length;
        bytes.CopyTo(body, 1);
        Encoding.ASCII.GetBytes(phone.PadLeft(15, '0')[^15..]).CopyTo(body, 1 + bytes.Length);
        Encoding.ASCII.GetBytes("1").CopyTo(body, 16 + bytes.Length);
        return body;
    }

    /// <summary>0x0200: alarm, state, latitude and longitude in 1e-6 degrees, height in m, speed in 0.1 km/h, heading in degrees, time in Beijing.</summary>
    /// <param name="sos">An officer of this unit calls for help: the standard's emergency alarm.</param>
    public static byte[] Location(Position position, bool sos)
    {
        var body = new byte[28];
        var span = body.AsSpan();
        BinaryPrimitives.WriteUInt32BigEndian(span, sos ? 1u : 0u);
        var located = Sessions.Fleet.HasFix(position) && !position.Stale && !position.Suspect;
        var state = 1u | (located ? 2u : 0u) | (position.LatitudeDegrees < 0 ? 4u : 0u) | (position.LongitudeDegrees < 0 ? 8u : 0u);
        BinaryPrimitives.WriteUInt32BigEndian(span[4..], state);
        BinaryPrimitives.WriteUInt32BigEndian(span[8..], Micro(position.LatitudeDegrees));
        BinaryPrimitives.WriteUInt32BigEndian(span[12..], Micro(position.LongitudeDegrees));
        BinaryPrimitives.WriteUInt16BigEndian(span[18..], (ushort)Math.Clamp(position.SpeedMps * 36, 0, 65_535));
        BinaryPrimitives.WriteUInt16BigEndian(span[20..], (ushort)(((int)Math.Round(position.HeadingDegrees) % 360 + 360) % 360));
        var at = DateTimeOffset.FromUnixTimeMilliseconds(position.AtUnixMs).ToOffset(Beijing).ToString("yyMMddHHmmss", CultureInfo.InvariantCulture);
        Jt808Frame.WriteBcd(at, span[22..]);
        return body;
    }

    /// <summary>0x8001 or 0x8100: which serial it answers, and the result; 0 is success.</summary>
    public static (ushort Serial, byte Result)? Answer(Jt808Message message) => message switch
    {
        { Id: Jt808Frame.GeneralAnswer, Body.Length: >= 5 } => (BinaryPrimitives.ReadUInt16BigEndian(message.Body), message.Body[4]),
        { Id: Jt808Frame.RegisterAnswer, Body.Length: >= 3 } => (BinaryPrimitives.ReadUInt16BigEndian(message.Body), message.Body[2]),
        _ => null,
    };

    public static string AuthenticationCode(Jt808Message registered) => Jt808Frame.Gbk.GetString(registered.Body.AsSpan(3));

    private static uint Micro(double degrees) => (uint)Math.Round(Math.Abs(degrees) * 1e6);
}
