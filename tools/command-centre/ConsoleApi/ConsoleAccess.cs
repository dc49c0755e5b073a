using System.Data.Common;
using System.Security.Claims;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>Who sits at a console: passwords, the cookie, and whether it still holds.</summary>
internal sealed class ConsoleAccess(AccountTable accounts, AttemptLimit attempts, CommitQueue commits, Visibility visibility, TimeProvider time)
{
    public const string Scheme = "console";
    private const string ChangedClaim = "account_changed";
    private const int HashIterations = 210_000;
    private static readonly PasswordHasher<string> Hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = HashIterations }));

    // An unknown name costs as much time as a wrong password.
    private static readonly Lazy<string> Decoy = new(() => HashPassword("nobody", "no password"));

    public static string HashPassword(string user, string password) => Hasher.HashPassword(user, password);

    public static void Configure(IServiceCollection services, DataFolder folder)
    {
        services.AddDataProtection().SetApplicationName("command-centre").PersistKeysToFileSystem(new DirectoryInfo(folder.CookieKeys));
        services.AddAuthentication(Scheme).AddCookie(Scheme, cookie =>
        {
            cookie.Cookie.Name = "centre";
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Strict;
            cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            cookie.ExpireTimeSpan = TimeSpan.FromHours(8);
            cookie.SlidingExpiration = false;
            cookie.Events.OnRedirectToLogin = context => Answer(context.Response, StatusCodes.Status401Unauthorized, "signed_out");
            cookie.Events.OnRedirectToAccessDenied = context => Answer(context.Response, StatusCodes.Status403Forbidden, "not_allowed");
            cookie.Events.OnValidatePrincipal = context =>
            {
                if (!context.HttpContext.RequestServices.GetRequiredService<ConsoleAccess>().StillHolds(context.Principal!))
                    context.RejectPrincipal();
                return Task.CompletedTask;
            };
        });
        services.AddPermissions();
        services.AddSingleton<ConsoleAccess>();
    }

    /// <summary>False once the account was changed (a new password, another role) after the sign-in.</summary>
    public bool StillHolds(ClaimsPrincipal principal) =>
        principal.Identity?.Name is { } user
        && accounts.Find(user) is { } account
        && principal.FindFirstValue(ChangedClaim) == account.ChangedAt.ToString();

    public bool MaySee(HttpContext viewer, string unitId) => visibility.MaySee(viewer, unitId);

    public async Task<IResult> SignInAsync(SignInBody body, HttpContext context)
    {
        var user = body.User?.Trim() ?? "";
        var name = $"sign-in {user} {context.Connection.RemoteIpAddress}";
        if (attempts.BlockedFor(name) is { } wait)
        {
            var answer = new { code = "too_many_attempts", retryAfterS = (int)Math.Ceiling(wait.TotalSeconds) };
            return Results.Json(answer, statusCode: StatusCodes.Status429TooManyRequests);
        }
        var account = user.Length is > 0 and <= 64 ? accounts.Find(user) : null;
        var verdict = Hasher.VerifyHashedPassword(user, account?.PasswordHash ?? Decoy.Value, body.Password ?? "");
        if (account is null || verdict == PasswordVerificationResult.Failed)
        {
            attempts.Failed(name);
            await AuditAsync(new AuditRow(user.Length <= 64 ? user : "?", "sign_in_refused", "", ""));
            return Results.Json(new { code = "wrong_credentials" }, statusCode: StatusCodes.Status401Unauthorized);
        }
        attempts.Succeeded(name);
        var identity = new ClaimsIdentity(
            [
                new Claim(ClaimTypes.Name, account.User),
                new Claim(ClaimTypes.Role, account.Role),
                new Claim(Visibility.DistrictClaim, account.District),
                new Claim(ChangedClaim, account.ChangedAt.ToString()),
            ],
            Scheme);
        await context.SignInAsync(Scheme, new ClaimsPrincipal(identity));
        await AuditAsync(new AuditRow(account.User, "sign_in", "", ""));
        return Results.Ok(new { user = account.User, role = account.Role, district = account.District });
    }

    public async Task<IResult> SignOutAsync(HttpContext context)
    {
        if (context.User.Identity?.Name is { } user)
            await AuditAsync(new AuditRow(user, "sign_out", "", ""));
        await context.SignOutAsync(Scheme);
        return Results.NoContent();
    }

    /// <summary>An act and its audit rows, in one transaction; on disk when it returns.</summary>
    public Task<T> CommitAsync<T>(Func<DbTransaction, T> act) => commits.CommitAsync(act);

    public Task AuditAsync(params IReadOnlyList<AuditRow> rows) => commits.CommitAsync(transaction =>
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var row in rows)
            AuditTable.Add(transaction, row, now);
        return rows.Count;
    });

    private static Task Answer(HttpResponse response, int status, string code)
    {
        response.StatusCode = status;
        return response.WriteAsJsonAsync(new { code });
    }
}

internal sealed record SignInBody(string? User, string? Password);

internal static class ConsoleUser
{
    public static string Account(this HttpContext context) => context.User.Identity?.Name ?? throw new InvalidOperationException("Nobody is signed in.");

    public static string Role(this HttpContext context) => context.User.FindFirstValue(ClaimTypes.Role) ?? "";
}
