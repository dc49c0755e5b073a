using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Lists;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>A centre with an administrator and supervisors who hold keys of their own.</summary>
internal sealed class DraftBench : IAsyncDisposable
{
    private readonly Dictionary<string, ConsoleClient> people = [];

    private DraftBench(CentreUnderTest centre) => Centre = centre;

    public CentreUnderTest Centre { get; }

    public static string PassphraseOf(string person) => $"the passphrase of {person}";

    public static Task<DraftBench> StartAsync(params string[] supervisors) => StartOnAsync(CentreUnderTest.UsualStore, supervisors);

    public static async Task<DraftBench> StartOnAsync(CentreStore store, params string[] supervisors)
    {
        var bench = new DraftBench(await CentreUnderTest.StartAsync(store: store));
        await bench.AddAsync("root", "admin");
        foreach (var person in supervisors)
            await bench.AddApproverAsync(person);
        return bench;
    }

    public ConsoleClient this[string person] => people[person];

    public async Task AddAsync(string person, string role, string district = "")
    {
        Centre.AddAccount(person, role, district: district);
        people[person] = await ConsoleClient.SignedInAsync(Centre.Http, person);
    }

    /// <summary>A supervisor whose key the administrator certified.</summary>
    public async Task AddApproverAsync(string person)
    {
        await AddAsync(person, "supervisor");
        Assert.Equal("", await ActAsync(person, "/api/admin/approvers/own", new { passphrase = PassphraseOf(person) }));
        Assert.Equal("", await ActAsync("root", $"/api/admin/approvers/{person}/certify", new { }));
    }

    /// <returns>"" or the refusal's code.</returns>
    public async Task<string> ActAsync(string person, string path, object body)
    {
        var (status, json) = await PostAsync(person, path, body);
        return (int)status is >= 200 and < 300 ? "" : (string?)json?["code"] ?? status.ToString();
    }

    public Task<(HttpStatusCode Status, JsonNode? Json)> PostAsync(string person, string path, object body) =>
        people[person].PostAsync(path, JsonSerializer.Serialize(body, JsonSerializerOptions.Web));

    public async Task<JsonNode> GetAsync(string person, string path) =>
        JsonNode.Parse(await people[person].Http.GetStringAsync(new Uri(path, UriKind.Relative)))!;

    public async Task<(Guid Id, JsonArray Problems)> DraftAsync(string person, ListDraft draft, bool based = false, params string[] remove)
    {
        var (status, json) = await PostAsync(person, "/api/admin/drafts", new { draft = JsonSerializer.Deserialize<JsonElement>(draft.ToJson()), based, remove });
        Assert.True(status == HttpStatusCode.OK, json?.ToJsonString());
        return ((Guid)json!["draftId"]!, json["problems"]!.AsArray());
    }

    public async Task<Guid> SubmittedAsync(string person, ListDraft draft, bool based = false, params string[] remove)
    {
        var (id, problems) = await DraftAsync(person, draft, based, remove);
        Assert.True(problems.Count == 0, problems.ToJsonString());
        Assert.Equal("", await SubmitAsync(person, id));
        return id;
    }

    public Task<string> SubmitAsync(string person, Guid id) => ActAsync(person, $"/api/admin/drafts/{id}/submit", new { reason = "order 17" });

    public Task<string> ApproveAsync(string person, Guid id, string? passphrase = null) =>
        ActAsync(person, $"/api/admin/drafts/{id}/approve", new { passphrase = passphrase ?? PassphraseOf(person) });

    public long VersionInForce(string listId)
    {
        using var open = new OpenCentre(Centre.Data);
        return open.Lists.All().FirstOrDefault(list => list.ListId == listId && list.RevokedAt is null)?.Version ?? 0;
    }

    /// <summary>Takes the bench's own approvers away: what is issued from here on was approved by persons.</summary>
    public void WithoutBenchKeys()
    {
        foreach (var (file, _) in CentreKeys.Approvers)
            File.Delete(Path.Combine(Centre.Data, "keys", file + ".key"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in people.Values)
            client.Dispose();
        await Centre.DisposeAsync();
    }
}
