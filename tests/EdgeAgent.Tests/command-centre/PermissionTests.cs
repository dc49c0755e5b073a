using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeAgent.CommandCentre.ConsoleApi;
using Microsoft.AspNetCore.Routing;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Who may do what: one table, and no endpoint outside it.</summary>
public sealed partial class PermissionTests : IAsyncLifetime
{
    // These three are how somebody comes to be signed in, or stops being it.
    private static readonly string[] Open = ["POST /api/session", "DELETE /api/session", "GET /api/session/ways"];

    private CentreUnderTest centre = null!;

    public async Task InitializeAsync() => centre = await CentreUnderTest.StartAsync();

    public async Task DisposeAsync() => await centre.DisposeAsync();

    [Fact]
    public void Every_endpoint_of_the_console_names_the_permission_that_it_needs()
    {
        var endpoints = Endpoints();
        Assert.InRange(endpoints.Count, 12, 1000);
        string[] without = [.. endpoints.Where(e => e.Needed is not { ByDefault: false } && !Open.Contains(e.Name) && !e.Path.StartsWith("/api/sign-in/", StringComparison.Ordinal)).Select(e => e.Name)];
        Assert.True(without.Length == 0, $"Name a permission with .Needs(Permission.X): {string.Join(", ", without)}");
    }

    [Fact]
    public void Every_permission_is_some_roles_and_an_auditor_and_a_technician_have_nothing_of_the_shift()
    {
        Assert.All(Enum.GetValues<Permission>(), permission => Assert.Contains(Permissions.Roles, role => Permissions.Has(role, permission)));
        Assert.All(Permissions.Roles, role => Assert.True(Permissions.Has(role, Permission.Own)));
        Assert.All((string[])["auditor", "technician"], role => Assert.All(
            (Permission[])[Permission.Operate, Permission.ReadIncidents, Permission.ViewLive, Permission.Instruct, Permission.ReadEntries, Permission.ApproveLists],
            permission => Assert.False(Permissions.Has(role, permission))));
        Assert.False(Permissions.Has("nobody", Permission.Own));
        Assert.Equal("approve_lists", Permissions.Word(Permission.ApproveLists));
    }

    [Theory]
    [InlineData("dispatcher")]
    [InlineData("supervisor")]
    [InlineData("admin")]
    [InlineData("auditor")]
    [InlineData("technician")]
    public async Task A_role_is_refused_at_every_endpoint_outside_its_row_of_the_table_with_code_and_words(string role)
    {
        centre.AddAccount(role, role);
        using var console = await ConsoleClient.SignedInAsync(centre.Http, role);
        var refused = 0;
        foreach (var endpoint in Endpoints().Where(e => e.Needed is { } needed && !Permissions.Has(role, needed.Permission)))
        {
            using var request = new HttpRequestMessage(new HttpMethod(endpoint.Method), Parameters().Replace(endpoint.Path, m => m.Value.Contains("guid", StringComparison.Ordinal) ? Guid.Empty.ToString() : "1"));
            if (endpoint.Method is "POST" or "PUT" or "PATCH")
                request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
            using var answer = await console.Http.SendAsync(request);
            var json = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{role} at {endpoint.Name}: {answer.StatusCode}");
            Assert.Equal(("not_allowed", Permissions.Word(endpoint.Needed!.Permission)), ((string?)json["code"], (string?)json["permission"]));
            Assert.NotEmpty((string)json["zh"]!);
            Assert.NotEmpty((string)json["en"]!);
            refused++;
        }
        Assert.True(refused > 0 || role == "admin");
    }

    [Fact]
    public async Task An_auditors_console_is_sent_nothing_of_the_shift()
    {
        centre.AddAccount("audit", "auditor");
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        _ = await session.StoreAsync(car.Decided(1));
        using var console = await ConsoleClient.SignedInAsync(centre.Http, "audit");
        await using var stream = await console.SocketAsync("/api/stream");
        for (var messages = 0; messages < 5; messages++)
        {
            var message = JsonNode.Parse((await stream.NextAsync()).Text!)!;
            // What was patrolled and cordoned is for auditors too.
            Assert.Contains((string?)message["type"], (string[])["units", "patrol", "containment"]);
            if ((string?)message["type"] == "units")
                Assert.Empty(message["data"]!.AsArray());
        }
        Assert.DoesNotContain(centre.Audit(), row => row.StartsWith("audit incident_read", StringComparison.Ordinal));
    }

    private List<(string Name, string Method, string Path, NeededPermission? Needed)> Endpoints() =>
        [.. centre.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText?.StartsWith("/api", StringComparison.Ordinal) == true)
            .SelectMany(e => (e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(method =>
                ($"{method} {e.RoutePattern.RawText}", method, e.RoutePattern.RawText!, e.Metadata.GetMetadata<NeededPermission>())))];

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameters();
}
