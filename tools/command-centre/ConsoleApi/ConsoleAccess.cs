using System.Data.Common;
using System.Security.Claims;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>Whether the sign-in behind a request still holds, whose it is, and what of its acts is written down.</summary>
internal sealed class ConsoleAccess(AccountTable accounts, ConsoleSessions sessions, CommitQueue commits, Visibility visibility, TimeProvider time)
{
    public const string Scheme = "console";
    public const string ChangedClaim = "account_changed";
    public const string SessionClaim = "session";
    private const int HashIterations = 210_000;
    private static readonly PasswordHasher<string> Hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = HashIterations }));

    public static string HashPassword(string user, string password) => Hasher.HashPassword(user, password);

    public static bool IsPassword(string user, string hash, string password) => Hasher.VerifyHashedPassword(user, hash, password) != PasswordVerificationResult.Failed;

    public static void Configure(IServiceCollection services, DataFolder folder, CentreOptions options)
    {
        services.AddDataProtection().SetApplicationName("command-centre").PersistKeysToFileSystem(new DirectoryInfo(folder.CookieKeys));
        var schemes = services.AddAuthentication(Scheme).AddCookie(Scheme, cookie =>
        {
            cookie.Cookie.Name = "centre";
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Strict;
            cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            cookie.ExpireTimeSpan = options.SessionLife;
            cookie.SlidingExpiration = false;
            cookie.Events.OnRedirectToLogin = context => Answer(context.Response, StatusCodes.Status401Unauthorized, "signed_out");
            cookie.Events.OnRedirectToAccessDenied = context => Answer(context.Response, StatusCodes.Status403Forbidden, "not_allowed");
            cookie.Events.OnValidatePrincipal = ValidateAsync;
        });
        CitySignIn.Configure(services, schemes, options);
        services.AddPermissions();
        services.AddSingleton<ConsoleSessions>();
        services.AddSingleton<SecondFactor>();
        services.AddSingleton<ConsoleAccess>();
        services.AddSingleton<SignInDesk>();
        services.AddSingleton<OwnAccount>();
        services.AddSingleton<StepUp>();
        services.AddConsoleLimits();
    }

    /// <summary>False once it ended (by hand, by its time, by nobody acting), or the account was changed: a new password, another role, locked.</summary>
    public bool StillHolds(ClaimsPrincipal principal) =>
        principal.Identity?.Name is { } user
        && sessions.Holds(principal.FindFirstValue(SessionClaim), user)
        && accounts.Find(user) is { LockedAt: null } account
        && principal.FindFirstValue(ChangedClaim) == account.ChangedAt.ToString();

    public bool MaySee(HttpContext viewer, string unitId) => visibility.MaySee(viewer, unitId);

    public static IResult TooMany(string code, TimeSpan wait) =>
        Results.Json(new { code, retryAfterS = (int)Math.Ceiling(wait.TotalSeconds) }, statusCode: StatusCodes.Status429TooManyRequests);

    /// <summary>An act and its audit rows, in one transaction; on disk when it returns.</summary>
    public Task<T> CommitAsync<T>(Func<DbTransaction, T> act) => commits.CommitAsync(act);

    public Task AuditAsync(params IReadOnlyList<AuditRow> rows) => commits.CommitAsync(transaction =>
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var row in rows)
            AuditTable.Add(transaction, row, now);
        return rows.Count;
    });

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var services = context.HttpContext.RequestServices;
        if (!services.GetRequiredService<ConsoleAccess>().StillHolds(context.Principal!))
            context.RejectPrincipal();
        // What a page asks by itself keeps nobody signed in; acts do, and the page says when somebody touches it.
        else if (!HttpMethods.IsGet(context.Request.Method))
            await services.GetRequiredService<ConsoleSessions>().TouchAsync(context.Principal!.FindFirstValue(SessionClaim)!);
    }

    private static Task Answer(HttpResponse response, int status, string code)
    {
        response.StatusCode = status;
        return response.WriteAsJsonAsync(new { code });
    }
}

internal static class ConsoleUser
{
    public static string Account(this HttpContext context) => context.User.Identity?.Name ?? throw new InvalidOperationException("Nobody is signed in.");

    public static string Role(this HttpContext context) => context.User.FindFirstValue(ClaimTypes.Role) ?? "";
}
