using System.Net;
using System.Text.Json;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>
/// How the city's own sign-in is reached, and what its claims mean here. Roles and districts are named one by one: whoever has none of
/// them does not come in.
/// </summary>
internal sealed record CitySignInFile
{
    /// <summary>Issuer of the OpenID provider; https, or http on loopback.</summary>
    public string Authority { get; init; } = "";
    public string ClientId { get; init; } = "";

    /// <summary>File with the client's secret on its first line; a relative path starts at this file.</summary>
    public string ClientSecretFile { get; init; } = "";

    /// <summary>What the button says.</summary>
    public string NameZh { get; init; } = "统一身份认证";
    public string NameEn { get; init; } = "City sign-in";

    /// <summary>Claim that becomes the user name. Default preferred_username.</summary>
    public string UserClaim { get; init; } = "preferred_username";

    /// <summary>Claim whose values <see cref="Roles"/> names. Default groups.</summary>
    public string RoleClaim { get; init; } = "groups";
    public IReadOnlyDictionary<string, string> Roles { get; init; } = new Dictionary<string, string>();

    /// <summary>Claim whose values <see cref="Districts"/> names; "" as the district is the whole city. Empty claim name: everybody is of the city.</summary>
    public string DistrictClaim { get; init; } = "";
    public IReadOnlyDictionary<string, string> Districts { get; init; } = new Dictionary<string, string>();

    /// <summary>Scopes beside openid.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = ["profile"];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow, ReadCommentHandling = JsonCommentHandling.Skip };

    /// <exception cref="CentreException">Not readable, or something is missing; all that is wrong in one message.</exception>
    public static (CitySignInFile File, string Secret) Read(string path)
    {
        try
        {
            var file = JsonSerializer.Deserialize<CitySignInFile>(File.ReadAllText(path), Json) ?? throw new CentreException($"{path} is empty.");
            var faults = file.Faults().ToList();
            var secretPath = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, file.ClientSecretFile);
            var secret = File.Exists(secretPath) ? File.ReadLines(secretPath).FirstOrDefault()?.Trim() ?? "" : "";
            if (secret.Length == 0)
                faults.Add($"clientSecretFile {secretPath} is not there or empty.");
            return faults.Count == 0 ? (file, secret) : throw new CentreException($"{path}: {string.Join(' ', faults)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new CentreException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>The account that the claims stand for; a code where they stand for none.</summary>
    public (string User, string Role, string District, string Code) Map(Func<string, IEnumerable<string>> claims)
    {
        var user = claims(UserClaim).FirstOrDefault()?.Trim() ?? "";
        if (!Admin.UnitAdmin.IsId(user))
            return ("", "", "", "city_no_name");
        // Somebody in two groups has the first that the file names: its order says which.
        var groups = claims(RoleClaim).ToHashSet(StringComparer.Ordinal);
        if (Roles.FirstOrDefault(pair => groups.Contains(pair.Key)).Value is not { } role)
            return (user, "", "", "city_no_role");
        if (DistrictClaim.Length == 0)
            return (user, role, "", "");
        var places = claims(DistrictClaim).ToHashSet(StringComparer.Ordinal);
        return Districts.FirstOrDefault(pair => places.Contains(pair.Key)).Value is { } district ? (user, role, district, "") : (user, role, "", "city_no_district");
    }

    private IEnumerable<string> Faults()
    {
        if (!Uri.TryCreate(Authority, UriKind.Absolute, out var authority) || !(authority.Scheme == "https" || (authority.Scheme == "http" && authority.IsLoopback)))
            yield return "authority is no https address.";
        if (ClientId.Length == 0)
            yield return "clientId is missing.";
        if (Roles.Count == 0)
            yield return "roles names no role: nobody could sign in.";
        foreach (var role in Roles.Values.Where(role => !AccountTable.Roles.Contains(role)))
            yield return $"'{role}' is no role. There are: {string.Join(", ", AccountTable.Roles)}.";
        foreach (var district in Districts.Values.Where(district => district.Length > 0 && !Admin.UnitAdmin.IsId(district)))
            yield return $"'{district}' cannot be a district.";
    }
}
