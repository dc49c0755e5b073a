using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Dapper;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>One-time codes by which a new box becomes a unit. Only their hashes are kept; a newer code ends the unit's older ones.</summary>
internal static class EnrolmentCodes
{
    // No 0/O, 1/I/L: codes are also typed by hand.
    private const string Alphabet = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";
    private const int Characters = 20;

    public static string Create(DbTransaction transaction, string unitId, TimeSpan valid, long nowUnixMs)
    {
        var code = RandomNumberGenerator.GetString(Alphabet, Characters);
        transaction.Connection!.Execute("DELETE FROM enrolment_codes WHERE unit_id = @unitId AND used_at IS NULL", new { unitId }, transaction);
        transaction.Connection!.Execute(
            "INSERT INTO enrolment_codes VALUES (@hash, @unitId, @nowUnixMs, @expires, NULL)",
            new { hash = Hash(code), unitId, nowUnixMs, expires = nowUnixMs + (long)valid.TotalMilliseconds }, transaction);
        return code;
    }

    /// <summary>The unit that the code stands for, and the code is used up; null when it is unknown, used or past its time.</summary>
    public static string? Use(DbTransaction transaction, string code, long nowUnixMs) => transaction.Connection!.QuerySingleOrDefault<string>(
        """
        UPDATE enrolment_codes SET used_at = @nowUnixMs
        WHERE code_sha256 = @hash AND used_at IS NULL AND expires_at > @nowUnixMs
          AND unit_id IN (SELECT unit_id FROM units WHERE revoked_at IS NULL)
        RETURNING unit_id
        """,
        new { hash = Hash(code), nowUnixMs }, transaction);

    private static byte[] Hash(string code) => SHA256.HashData(Encoding.UTF8.GetBytes(code.Trim().ToUpperInvariant()));
}
