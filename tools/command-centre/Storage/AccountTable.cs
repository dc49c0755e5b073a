using System.Data.Common;
using Dapper;

namespace EdgeAgent.CommandCentre.Storage;

internal sealed record Account
{
    public string User { get; init; } = "";
    public string Role { get; init; } = "";
    /// <summary>"": the whole city.</summary>
    public string District { get; init; } = "";
    public string PasswordHash { get; init; } = "";
    public long CreatedAt { get; init; }
    public long ChangedAt { get; init; }

    /// <summary>Somebody else set the password: its person sets their own before anything else.</summary>
    public bool MustChange { get; init; }
    public long? LockedAt { get; init; }
    public string LockReason { get; init; } = "";

    /// <summary>The second factor's secret, sealed; null: none.</summary>
    public byte[]? Totp { get; init; }

    /// <summary>The last step whose code was used.</summary>
    public long TotpStep { get; init; }
}

/// <summary>People who sign in at the console.</summary>
internal sealed class AccountTable(CentreDatabase database)
{
    public static readonly IReadOnlyList<string> Roles = ["dispatcher", "supervisor", "admin", "auditor", "technician"];

    private const string Columns = """
        SELECT "user" AS "User", role AS Role, district AS District, password_hash AS PasswordHash, created_at AS CreatedAt, changed_at AS ChangedAt,
               must_change AS MustChange, locked_at AS LockedAt, lock_reason AS LockReason, totp AS Totp, totp_step AS TotpStep FROM accounts
        """;

    public Account? Find(string user) => database.Read(c => c.QuerySingleOrDefault<Account>($"""{Columns} WHERE "user" = @user""", new { user }));

    public static Account? Find(DbTransaction transaction, string user) =>
        transaction.Connection!.QuerySingleOrDefault<Account>($"""{Columns} WHERE "user" = @user""", new { user }, transaction);

    public IReadOnlyList<Account> All() => database.Read(c => c.Query<Account>($"""{Columns} ORDER BY "user" """).AsList());

    /// <summary>Whether somebody else than this one can still administer accounts.</summary>
    public static bool HasOtherAdmin(DbTransaction transaction, string user) => transaction.Connection!.ExecuteScalar<long>(
        """SELECT count(*) FROM accounts WHERE role = 'admin' AND district = '' AND locked_at IS NULL AND "user" <> @user""", new { user }, transaction) > 0;

    /// <summary>Adds an account, or gives one a new password and role and unlocks it, which ends its sessions.</summary>
    public static void Put(DbTransaction transaction, string user, string role, string district, string passwordHash, long nowUnixMs) => transaction.Connection!.Execute(
        """
        INSERT INTO accounts ("user", role, district, password_hash, created_at, changed_at) VALUES (@user, @role, @district, @passwordHash, @nowUnixMs, @nowUnixMs)
        ON CONFLICT ("user") DO UPDATE SET role = excluded.role, district = excluded.district, password_hash = excluded.password_hash, changed_at = excluded.changed_at,
            must_change = 0, locked_at = NULL, lock_reason = ''
        """,
        new { user, role, district, passwordHash, nowUnixMs }, transaction);

    /// <param name="transaction">Of the commit.</param>
    /// <param name="user">Whose.</param>
    /// <param name="passwordHash">The new one.</param>
    /// <param name="mustChange">Set by somebody else.</param>
    /// <param name="nowUnixMs">Sessions of before end.</param>
    public static void SetPassword(DbTransaction transaction, string user, string passwordHash, bool mustChange, long nowUnixMs) => transaction.Connection!.Execute(
        """UPDATE accounts SET password_hash = @passwordHash, must_change = @must, changed_at = @nowUnixMs WHERE "user" = @user""",
        new { user, passwordHash, must = mustChange ? 1L : 0L, nowUnixMs }, transaction);

    public static void Place(DbTransaction transaction, string user, string role, string district, long nowUnixMs) => transaction.Connection!.Execute(
        """UPDATE accounts SET role = @role, district = @district, changed_at = @nowUnixMs WHERE "user" = @user""", new { user, role, district, nowUnixMs }, transaction);

    /// <param name="transaction">Of the commit.</param>
    /// <param name="user">Whose.</param>
    /// <param name="lockedAt">Null: unlocked.</param>
    /// <param name="reason">Shown to administrators.</param>
    /// <param name="nowUnixMs">Sessions of before end.</param>
    public static void Lock(DbTransaction transaction, string user, long? lockedAt, string reason, long nowUnixMs) => transaction.Connection!.Execute(
        """UPDATE accounts SET locked_at = @lockedAt, lock_reason = @reason, changed_at = @nowUnixMs WHERE "user" = @user""", new { user, lockedAt, reason, nowUnixMs }, transaction);

    /// <summary>Null takes the second factor away.</summary>
    public static void SetTotp(DbTransaction transaction, string user, byte[]? secret, long step) => transaction.Connection!.Execute(
        """UPDATE accounts SET totp = @secret, totp_step = @step WHERE "user" = @user""", new { user, secret, step }, transaction);

    /// <returns>False: this code, or a later one, was used meanwhile.</returns>
    public static bool UseStep(DbTransaction transaction, string user, long step) => transaction.Connection!.Execute(
        """UPDATE accounts SET totp_step = @step WHERE "user" = @user AND totp_step < @step""", new { user, step }, transaction) > 0;

    public static int Remove(DbTransaction transaction, string user) => transaction.Connection!.Execute(
        """DELETE FROM accounts WHERE "user" = @user""", new { user }, transaction);
}
