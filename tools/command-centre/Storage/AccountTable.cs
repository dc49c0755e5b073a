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
    public long ChangedAt { get; init; }
}

/// <summary>People who sign in at the console.</summary>
internal sealed class AccountTable(CentreDatabase database)
{
    public static readonly IReadOnlyList<string> Roles = ["dispatcher", "supervisor", "admin", "auditor", "technician"];

    public Account? Find(string user) => database.Read(c => c.QuerySingleOrDefault<Account>(
        "SELECT user AS User, role AS Role, district AS District, password_hash AS PasswordHash, changed_at AS ChangedAt FROM accounts WHERE user = @user", new { user }));

    public static void Put(DbTransaction transaction, string user, string role, string district, string passwordHash, long nowUnixMs) => transaction.Connection!.Execute(
        """
        INSERT INTO accounts (user, role, district, password_hash, created_at, changed_at) VALUES (@user, @role, @district, @passwordHash, @nowUnixMs, @nowUnixMs)
        ON CONFLICT (user) DO UPDATE SET role = excluded.role, district = excluded.district, password_hash = excluded.password_hash, changed_at = excluded.changed_at
        """,
        new { user, role, district, passwordHash, nowUnixMs }, transaction);

    public static int Remove(DbTransaction transaction, string user) => transaction.Connection!.Execute(
        "DELETE FROM accounts WHERE user = @user", new { user }, transaction);
}
