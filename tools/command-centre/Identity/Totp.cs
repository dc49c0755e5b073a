using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace EdgeAgent.CommandCentre.Identity;

/// <summary>Time-based one-time codes: RFC 6238 with HMAC-SHA-1, thirty seconds and six digits, which is what authenticator apps know.</summary>
internal static class Totp
{
    public const int SecretBytes = 20;
    private const int Digits = 6, StepSeconds = 30;

    // A code before and one after: clocks of telephones are not exactly ours.
    private const int Tolerance = 1;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretBytes);

    public static long StepAt(DateTimeOffset now) => now.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>RFC 4226, section 5.3, over the step as counter.</summary>
    public static string Code(ReadOnlySpan<byte> secret, long step, int digits = Digits)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        // The algorithm of the standard and of every app; it keys a MAC, where SHA-1 stands.
#pragma warning disable CA5350
        var mac = HMACSHA1.HashData(secret, counter);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(mac.AsSpan(mac[^1] & 0xF)) & 0x7FFFFFFF;
        return (number % (int)Math.Pow(10, digits)).ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(digits, '0');
    }

    /// <returns>The step that the code is of; null: wrong, or no later than the last one used, so that a code seen over a shoulder is spent.</returns>
    public static long? Accept(ReadOnlySpan<byte> secret, string code, DateTimeOffset now, long lastStep)
    {
        var given = Encoding.ASCII.GetBytes(code.Replace(" ", "", StringComparison.Ordinal));
        for (var step = StepAt(now) - Tolerance; step <= StepAt(now) + Tolerance; step++)
        {
            if (step > lastStep && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Code(secret, step)), given))
                return step;
        }
        return null;
    }

    /// <summary>RFC 4648, without padding.</summary>
    public static string Base32(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder((bytes.Length * 8 + 4) / 5);
        var (held, bits) = (0, 0);
        foreach (var value in bytes)
        {
            (held, bits) = ((held << 8) | value, bits + 8);
            for (; bits >= 5; bits -= 5)
                _ = text.Append(Alphabet[(held >> (bits - 5)) & 31]);
            held &= (1 << bits) - 1;
        }
        return (bits > 0 ? text.Append(Alphabet[(held << (5 - bits)) & 31]) : text).ToString();
    }

    /// <summary>What an authenticator app reads from the picture.</summary>
    public static string Uri(string account, ReadOnlySpan<byte> secret) =>
        $"otpauth://totp/Command%20centre:{System.Uri.EscapeDataString(account)}?secret={Base32(secret)}&issuer=Command%20centre";
}
