using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>
/// The city's own sign-in by OpenID Connect (code flow with PKCE). It says who somebody is; what they may do here is the file's table.
/// Accounts of this centre stay the way in when it is away.
/// </summary>
internal sealed class CitySignIn(CitySignInFile file, AccountTable accounts, SignInDesk desk, ConsoleAccess access, CommitQueue commits, TimeProvider time)
{
    public const string Scheme = "city";
    private const string CallbackPath = "/api/sign-in/city/callback";

    public static void Configure(IServiceCollection services, AuthenticationBuilder schemes, CentreOptions options)
    {
        if (options.CitySignIn is null)
            return;
        var (file, secret) = CitySignInFile.Read(options.CitySignIn);
        services.AddSingleton(file);
        services.AddSingleton<CitySignIn>();
        schemes.AddOpenIdConnect(Scheme, connect =>
        {
            connect.SignInScheme = ConsoleAccess.Scheme;
            connect.Authority = file.Authority;
            connect.RequireHttpsMetadata = file.Authority.StartsWith("https", StringComparison.OrdinalIgnoreCase);
            connect.ClientId = file.ClientId;
            connect.ClientSecret = secret;
            connect.ResponseType = "code";
            // By address, not by a form of another site, which our cookies would not come with.
            connect.ResponseMode = "query";
            connect.CallbackPath = CallbackPath;
            connect.MapInboundClaims = false;
            connect.SaveTokens = false;
            connect.CorrelationCookie.SameSite = SameSiteMode.Lax;
            connect.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            connect.NonceCookie.SameSite = SameSiteMode.Lax;
            connect.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            connect.Scope.Clear();
            foreach (var scope in (string[])["openid", .. file.Scopes])
                connect.Scope.Add(scope);
            connect.Events.OnTicketReceived = context => context.HttpContext.RequestServices.GetRequiredService<CitySignIn>().ReceiveAsync(context);
            connect.Events.OnRemoteFailure = context =>
            {
                context.HandleResponse();
                context.Response.Redirect("/?sign-in=city_failed");
                return Task.CompletedTask;
            };
        });
    }

    /// <summary>Which ways in there are, and the one to the city.</summary>
    public static void Map(WebApplication app)
    {
        var file = app.Services.GetService<CitySignInFile>();
        app.MapGet("/api/session/ways", () => Results.Ok(new { city = file is null ? null : new { nameZh = file.NameZh, nameEn = file.NameEn } }));
        if (file is not null)
            app.MapGet("/api/sign-in/city", () => Results.Challenge(new AuthenticationProperties { RedirectUri = "/" }, [Scheme]));
    }

    /// <summary>The city said who it is. Claims that stand for nothing here are refused in words and written down.</summary>
    private async Task ReceiveAsync(TicketReceivedContext context)
    {
        context.HandleResponse();
        var (user, role, district, code) = file.Map(type => context.Principal!.FindAll(type).Select(claim => claim.Value));
        if (code.Length == 0)
            code = await TakeInAsync(user, role, district);
        if (code.Length > 0)
        {
            await access.AuditAsync(new AuditRow(user.Length > 0 ? user : "?", "sign_in_refused", "", code));
            context.Response.Redirect($"/?sign-in={code}");
            return;
        }
        await desk.IssueAsync(context.HttpContext, accounts.Find(user)!, "city");
        await access.AuditAsync(new AuditRow(user, "sign_in", "", "city"));
        context.Response.Redirect("/");
    }

    /// <summary>The account as the city says it; without a password, so that nobody signs in to it here.</summary>
    private Task<string> TakeInAsync(string user, string role, string district) => commits.CommitAsync(transaction =>
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (AccountTable.Find(transaction, user) is not { } known)
        {
            AccountTable.Put(transaction, user, role, district, "", now);
            AuditTable.Add(transaction, new AuditRow("city", "account_added", user, $"{role} {district}".Trim()), now);
            return "";
        }
        // An account of this centre of the same name is somebody else until an administrator says otherwise.
        if (known.PasswordHash.Length > 0)
            return "city_name_taken";
        if (known.LockedAt is not null)
            return "account_locked";
        if (known.Role != role || known.District != district)
        {
            AccountTable.Place(transaction, user, role, district, now);
            AuditTable.Add(transaction, new AuditRow("city", "account_placed", user, $"{role} {district}".Trim()), now);
        }
        return "";
    });
}
