using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Signing in by the city's own OpenID provider: a real one, in a process of its own.</summary>
public sealed partial class CitySignInTests
{
    private const string Users = """
        {"wang":{"preferred_username":"wang","groups":["east-leads"],"district":"D1"},"guest":{"preferred_username":"guest","groups":["visitors"],"district":"D1"},
         "far":{"preferred_username":"far","groups":["east-leads"],"district":"D9"},"local":{"preferred_username":"local","groups":["east-leads"],"district":"D1"}}
        """;

    [OidcFact]
    public async Task Who_the_city_knows_comes_in_with_the_role_and_district_that_the_file_gives_and_nobody_else()
    {
        await using var centre = await CentreUnderTest.StartAsync();
        centre.AddAccount("local", "admin");
        var port = new Uri(centre.Http, "/").Port;
        using var provider = Node.Start("city-sign-in.mjs", Users);
        try
        {
            await provider.StandardInput.WriteLineAsync($"http://127.0.0.1:{port}/api/sign-in/city/callback");
            var issuer = await provider.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The provider did not start.");
            await File.WriteAllTextAsync(Path.Combine(centre.Folder, "secret"), "a secret of the bench\n");
            var file = Path.Combine(centre.Folder, "city.json");
            await File.WriteAllTextAsync(file, $$"""
                {"authority":"{{issuer}}","clientId":"centre","clientSecretFile":"secret","roles":{"east-leads":"supervisor"},"districtClaim":"district","districts":{"D1":"east"} }
                """);
            await centre.RestartWithAsync(options => options with { CitySignIn = file, Http = new(IPAddress.Loopback, port) });

            using (var wang = new ConsoleClient(centre.Http))
            {
                Assert.NotNull(JsonNode.Parse(await wang.Http.GetStringAsync(new Uri("/api/session/ways", UriKind.Relative)))!["city"]);
                Assert.Equal("/", await ThroughAsync(wang, "wang"));
                var me = JsonNode.Parse(await wang.Http.GetStringAsync(new Uri("/api/me", UriKind.Relative)))!;
                Assert.Equal(("wang", "supervisor", "east"), ((string)me["user"]!, (string)me["role"]!, (string)me["district"]!));
                Assert.Equal(HttpStatusCode.Unauthorized, (await wang.SignInAsync("wang", "")).Status);
            }
            foreach (var (user, code) in new[] { ("guest", "city_no_role"), ("far", "city_no_district"), ("local", "city_name_taken") })
            {
                using var refused = new ConsoleClient(centre.Http);
                Assert.Equal($"/?sign-in={code}", await ThroughAsync(refused, user));
                Assert.Equal(HttpStatusCode.Unauthorized, await refused.GetAsync("/api/me"));
            }
            Assert.Contains("wang sign_in  city", centre.Audit());
            Assert.Contains("guest sign_in_refused  city_no_role", centre.Audit());
        }
        finally
        {
            provider.Kill();
        }
        // The city's sign-in is away: the centre's own accounts are the way in.
        using var local = await ConsoleClient.SignedInAsync(centre.Http, "local");
        Assert.Equal(HttpStatusCode.OK, await local.GetAsync("/api/units"));
    }

    [Fact]
    public void A_file_that_lacks_something_is_refused_with_all_that_it_lacks()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, """{"authority":"http://city.example","clientSecretFile":"nowhere","roles":{"a":"king"}}""");
            var words = Assert.Throws<CentreException>(() => CitySignInFile.Read(path)).Message;
            Assert.All((string[])["authority", "clientId", "king", "nowhere"], part => Assert.Contains(part, words, StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>What a browser does: follows addresses, fills in the provider's own forms, until it is back at the page.</summary>
    private static async Task<string> ThroughAsync(ConsoleClient console, string user)
    {
        var cookies = new CookieContainer();
        using var browser = new HttpClient(new HttpClientHandler { CookieContainer = cookies, AllowAutoRedirect = false });
        var at = new Uri(console.Http.BaseAddress!, "/api/sign-in/city");
        for (var step = 0; step < 20; step++)
        {
            var own = at.Authority == console.Http.BaseAddress!.Authority;
            using var answer = await (own ? console.Http : browser).GetAsync(at);
            var next = answer;
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                var html = await answer.Content.ReadAsStringAsync();
                var prompt = html.Contains("name=\"login\"", StringComparison.Ordinal) ? "login" : "consent";
                var action = new Uri(at, FormAction().Match(html).Groups[1].Value);
                using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["prompt"] = prompt, ["login"] = user, ["password"] = "bench" });
                next = await browser.PostAsync(action, form);
            }
            Assert.True(next.Headers.Location is not null, $"{next.StatusCode} at {at}: {await next.Content.ReadAsStringAsync()}");
            var location = next.Headers.Location!;
            if (own && location.OriginalString.StartsWith('/') && !location.OriginalString.StartsWith("/api", StringComparison.Ordinal))
                return location.OriginalString;
            at = new Uri(at, location);
        }
        throw new InvalidOperationException("The way through the sign-in does not end.");
    }

    [GeneratedRegex("<form[^>]*action=\"([^\"]+)\"")]
    private static partial Regex FormAction();
}

/// <summary>Skipped by name where the provider's package is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OidcFactAttribute : FactAttribute
{
    public OidcFactAttribute()
    {
        if (!Directory.Exists(Path.Combine(Repository.Root, "node_modules", "oidc-provider")))
            Skip = "npm's oidc-provider is not here (npm ci).";
    }
}
