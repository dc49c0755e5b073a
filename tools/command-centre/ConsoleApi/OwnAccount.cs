using System.Collections.Concurrent;
using System.Security.Claims;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi;

internal sealed record PasswordBody(string? Current, string? Next);

internal sealed record FactorBody(string? Password, string? Code);

/// <summary>What everybody may do with their own account: password, second factor, and a look at where they are signed in.</summary>
internal sealed class OwnAccount(AccountTable accounts, ConsoleSessions sessions, SecondFactor factor, SignInDesk desk, StepUp stepUp, CommitQueue commits)
{
    // A secret that no app has proven yet; bounded by the accounts that there are.
    private readonly ConcurrentDictionary<string, byte[]> unproven = new(StringComparer.Ordinal);

    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapGet("/me/sessions", (HttpContext context) => Results.Json(Sessions(context), ConsoleJson.Options)).Needs(Permission.Own);
        _ = api.MapPost("/me/sessions/{key}/end", EndAsync).Needs(Permission.Own);
        // The answer is nothing; being asked is what counts.
        _ = api.MapPost("/session/seen", () => Results.NoContent()).Needs(Permission.Own);
        _ = api.MapPost("/me/password", ChangePasswordAsync).Needs(Permission.Own).Costly();
        _ = api.MapPost("/me/second-factor/begin", BeginFactorAsync).Needs(Permission.Own);
        _ = api.MapPost("/me/second-factor/confirm", ConfirmFactorAsync).Needs(Permission.Own);
    }

    private object Sessions(HttpContext context)
    {
        var account = accounts.Find(context.Account());
        return new
        {
            secondFactor = account?.Totp is not null,
            sessions = sessions.Of(context.Account()).Select(session => new
            {
                key = ConsoleSessions.Key(session.SessionId),
                beganAtUnixMs = session.BeganAt,
                seenAtUnixMs = session.SeenAt,
                session.Address,
                own = ConsoleSessions.Key(session.SessionId) == context.User.FindFirstValue(ConsoleAccess.SessionClaim),
            }),
        };
    }

    private async Task<IResult> EndAsync(string key, HttpContext context) =>
        await sessions.EndAsync(key, context.Account()) ? Results.NoContent() : Refusal.Of(404, "unknown_session");

    private async Task<IResult> ChangePasswordAsync(PasswordBody body, HttpContext context, TimeProvider time)
    {
        var (user, next) = (context.Account(), body.Next ?? "");
        if (stepUp.Blocked(user) is { } wait)
            return wait;
        if (accounts.Find(user) is not { } account || !ConsoleAccess.IsPassword(user, account.PasswordHash, body.Current ?? ""))
            return await stepUp.FailedAsync(context, "wrong_password", "password_change_refused");
        stepUp.Succeeded(user);
        if (PasswordRules.Problem(user, next) is { Length: > 0 } problem)
            return Refusal.Of(400, problem);
        if (ConsoleAccess.IsPassword(user, account.PasswordHash, next))
            return Refusal.Of(400, "password_same");
        var hash = ConsoleAccess.HashPassword(user, next);
        // Later than the last change whatever the clock says: sessions of before must end.
        var now = Math.Max(time.GetUtcNow().ToUnixTimeMilliseconds(), account.ChangedAt + 1);
        _ = await commits.CommitAsync(transaction =>
        {
            AccountTable.SetPassword(transaction, user, hash, mustChange: false, now);
            AuditTable.Add(transaction, new AuditRow(user, "password_changed", user, ""), now);
            return 0;
        });
        await sessions.EndAllOfAsync(user);
        await desk.IssueAsync(context, accounts.Find(user)!);
        return Results.NoContent();
    }

    private async Task<IResult> BeginFactorAsync(FactorBody body, HttpContext context)
    {
        var user = context.Account();
        if (stepUp.Blocked(user) is { } wait)
            return wait;
        if (accounts.Find(user) is not { } account || !ConsoleAccess.IsPassword(user, account.PasswordHash, body.Password ?? ""))
            return await stepUp.FailedAsync(context, "wrong_password", "second_factor_refused");
        // A stolen session must not replace the factor that it lacks.
        if (account.Totp is not null)
            return Refusal.Of(409, "second_factor_set");
        var secret = unproven[user] = Totp.NewSecret();
        return Results.Json(new { secret = Totp.Base32(secret), uri = Totp.Uri(user, secret) }, ConsoleJson.Options);
    }

    private async Task<IResult> ConfirmFactorAsync(FactorBody body, HttpContext context, TimeProvider time)
    {
        var user = context.Account();
        if (!unproven.TryGetValue(user, out var secret) || accounts.Find(user) is not { Totp: null })
            return Refusal.Of(409, "second_factor_not_begun");
        if (factor.Proven(secret, body.Code ?? "") is not { } step)
            return Refusal.Of(400, "wrong_code");
        _ = unproven.TryRemove(user, out _);
        _ = await commits.CommitAsync(transaction =>
        {
            AccountTable.SetTotp(transaction, user, factor.Seal(secret), step);
            AuditTable.Add(transaction, new AuditRow(user, "second_factor_set", user, ""), time.GetUtcNow().ToUnixTimeMilliseconds());
            return 0;
        });
        // The session may have been waiting for just this.
        await sessions.EndAllOfAsync(user);
        await desk.IssueAsync(context, accounts.Find(user)!);
        return Results.NoContent();
    }
}

/// <summary>What a password must be: long; not the name; not one character over and over, and not what everybody takes first.</summary>
internal static class PasswordRules
{
    public const int Least = 10, Most = 256;
    private static readonly string[] First = ["password", "123456", "qwerty", "abc123", "111111", "admin"];

    /// <summary>"" or password_short, password_long, password_easy.</summary>
    public static string Problem(string user, string password) =>
        password.Length < Least ? "password_short"
        : password.Length > Most ? "password_long"
        : password.Distinct().Count() < 5 || (user.Length > 3 && password.Contains(user, StringComparison.OrdinalIgnoreCase))
            || First.Any(first => password.StartsWith(first, StringComparison.OrdinalIgnoreCase) && password.Length < first.Length + 6) ? "password_easy"
        : "";
}
