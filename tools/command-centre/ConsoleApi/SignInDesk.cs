using System.Security.Claims;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using Microsoft.AspNetCore.Authentication;

namespace EdgeAgent.CommandCentre.ConsoleApi;

internal sealed record SignInBody(string? User, string? Password, string? Code);

/// <summary>Signing in with a password of this centre and, where the account has one, a code; and out.</summary>
internal sealed class SignInDesk(
    AccountTable accounts, AttemptLimit attempts, ConsoleSessions sessions, SecondFactor factor, ConsoleAccess access, CentreOptions options)
{
    private const int FreeOfAccount = 10, FreeOfAddress = 40;

    // An unknown name costs as much time as a wrong password.
    private static readonly Lazy<string> Decoy = new(() => ConsoleAccess.HashPassword("nobody", "no password"));

    public async Task<IResult> SignInAsync(SignInBody body, HttpContext context)
    {
        var user = body.User?.Trim() ?? "";
        var names = Names(user, context);
        foreach (var (name, free) in names)
        {
            if (attempts.BlockedFor(name, free) is { } wait)
                return ConsoleAccess.TooMany("too_many_attempts", wait);
        }
        var account = user.Length is > 0 and <= 64 ? accounts.Find(user) : null;
        var right = ConsoleAccess.IsPassword(user, account?.PasswordHash ?? Decoy.Value, body.Password ?? "");
        if (account is null || !right)
            return await RefusedAsync(names, user, "wrong_credentials");
        // Told only to who knows the password.
        if (account.LockedAt is not null)
            return await RefusedAsync(names, user, "account_locked");
        if (await factor.ProblemAsync(account, body.Code) is { Length: > 0 } problem)
            return problem == "code_required" ? Refusal.Of(401, problem) : await RefusedAsync(names, user, problem);
        // The address's own count goes on: one right password among many wrong ones excuses nobody.
        attempts.Succeeded(names[0].Name);
        attempts.Succeeded(names[1].Name);
        await IssueAsync(context, account);
        await access.AuditAsync(new AuditRow(account.User, "sign_in", "", ""));
        return Results.Ok(new { user = account.User, role = account.Role, district = account.District });
    }

    public async Task<IResult> SignOutAsync(HttpContext context)
    {
        if (context.User.Identity?.Name is { } user)
        {
            if (context.User.FindFirstValue(ConsoleAccess.SessionClaim) is { } session)
                _ = await sessions.EndAsync(session, user);
            await access.AuditAsync(new AuditRow(user, "sign_out", "", ""));
        }
        await context.SignOutAsync(ConsoleAccess.Scheme);
        return Results.NoContent();
    }

    /// <summary>A new session and its cookie, for a person who has proven who they are.</summary>
    public async Task IssueAsync(HttpContext context, Account account, string way = "password")
    {
        var session = await sessions.BeginAsync(account.User, context.Connection.RemoteIpAddress?.ToString() ?? "");
        List<Claim> claims =
        [
            new(ClaimTypes.Name, account.User),
            new(ClaimTypes.Role, account.Role),
            new(Visibility.DistrictClaim, account.District),
            new(ConsoleAccess.ChangedClaim, account.ChangedAt.ToString()),
            new(ConsoleAccess.SessionClaim, session),
        ];
        // Who comes by the city's own sign-in has that one's password and factors.
        if (way == "password" && Restriction(account) is { Length: > 0 } restriction)
            claims.Add(new Claim(PermissionHandler.RestrictedClaim, restriction));
        await context.SignInAsync(ConsoleAccess.Scheme, new ClaimsPrincipal(new ClaimsIdentity(claims, ConsoleAccess.Scheme)));
    }

    private string Restriction(Account account) => account.MustChange ? "password_change_required"
        : options.RequireSecondFactor && account is { Totp: null, Role: "supervisor" or "admin" } ? "second_factor_required"
        : "";

    private async Task<IResult> RefusedAsync(IReadOnlyList<(string Name, int Free)> names, string user, string code)
    {
        foreach (var (name, _) in names)
            attempts.Failed(name);
        await access.AuditAsync(new AuditRow(user.Length <= 64 ? user : "?", "sign_in_refused", "", code == "wrong_credentials" ? "" : code));
        return Refusal.Of(401, code);
    }

    /// <summary>A person from one place, a person from anywhere, and one place with any name.</summary>
    private static IReadOnlyList<(string Name, int Free)> Names(string user, HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress;
        return [($"sign-in {user} {address}", AttemptLimit.Free), ($"sign-in {user}", FreeOfAccount), ($"sign-in from {address}", FreeOfAddress)];
    }
}
