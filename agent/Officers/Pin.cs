using System.Security.Cryptography;
using System.Text;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Officers;

/// <summary>PIN verifiers: PBKDF2-HMAC-SHA256, compared in constant time.</summary>
internal static class Pin
{
    // Fewer make a stolen roster quick to try; more would let a roster stall the terminal.
    public const uint FewestIterations = 10_000, MostIterations = 5_000_000;

    public static bool IsUsable(Officer officer) =>
        officer.PinIterations is >= FewestIterations and <= MostIterations
        && officer.PinSalt.Length >= 16 && officer.PinHash.Length is >= 32 and <= 64;

    public static bool Matches(Officer officer, string pin)
    {
        byte[] given = Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(pin), officer.PinSalt.Span, (int)officer.PinIterations, HashAlgorithmName.SHA256, officer.PinHash.Length);
        return CryptographicOperations.FixedTimeEquals(given, officer.PinHash.Span);
    }
}
