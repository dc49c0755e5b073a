using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.DispatchClient.Releases;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Edgectl;

/// <summary>
/// What a release was made from, as CycloneDX 1.6 (cyclonedx.org/docs/1.6/json): NuGet packages by the programs' own deps.json, the
/// stand-ins that the repository compiles in place of some (deps/), the .NET runtime beside them, npm packages that the page's sources
/// import and what these need by the lock file, models by their list. Every part with the hash that its source gives; the files
/// themselves stand in the signed manifest.
/// </summary>
internal static class PartsList
{
    /// <returns>How many parts it names.</returns>
    public static int Write(string folder, string to, ReleaseManifest about, PageSources? page)
    {
        File.Delete(to);
        try
        {
            JsonObject[] parts = [.. NuGet(folder).Concat(Runtimes(folder)).Concat(Models(folder)).Concat(page is null ? [] : Npm(page))
                .DistinctBy(part => (string)part["bom-ref"]!).OrderBy(part => (string)part["bom-ref"]!, StringComparer.Ordinal)];
            var list = new JsonObject
            {
                ["bomFormat"] = "CycloneDX",
                ["specVersion"] = "1.6",
                ["version"] = 1,
                ["metadata"] = new JsonObject
                {
                    ["timestamp"] = DateTimeOffset.FromUnixTimeMilliseconds(about.IssuedAtUnixMs).ToString("yyyy-MM-ddTHH:mm:ssZ"),
                    ["component"] = new JsonObject
                    {
                        ["type"] = "application",
                        ["bom-ref"] = about.Product,
                        ["name"] = about.Product,
                        ["version"] = about.Version,
                        ["licenses"] = License("Apache-2.0"),
                    },
                },
                ["components"] = new JsonArray([.. parts]),
            };
            File.WriteAllText(to, list.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
            return parts.Length;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new ReleaseException(ReleaseCodes.BadManifest, $"The list of parts cannot be made: a deps.json, models.json or lock file is not as expected ({e.Message}).", e);
        }
    }

    private static IEnumerable<JsonObject> NuGet(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*.deps.json", SearchOption.AllDirectories).Where(file => !Within(folder, file, "dotnet")))
        {
            foreach (var (name, library) in JsonNode.Parse(File.ReadAllText(file))!["libraries"]?.AsObject() ?? [])
            {
                if (name.Split('/') is not [var id, var version])
                    continue;
                if ((string?)library!["type"] != "package")
                {
                    if (StandIn(folder, id, version) is { } standIn)
                        yield return standIn;
                    continue;
                }
                var part = Part("library", id, version, $"pkg:nuget/{id}@{version}");
                if ((string?)library["sha512"] is { Length: > 7 } sha512)
                    part["hashes"] = Hash("SHA-512", Convert.FromBase64String(sha512["sha512-".Length..]));
                yield return part;
            }
        }
    }

    // Named as the package whose place it takes; its bytes are this repository's build, so they are what is hashed.
    private static JsonObject? StandIn(string folder, string id, string version)
    {
        var file = Path.Combine(folder, id + ".dll");
        if (id == ReleaseTrust.Agent || id.StartsWith("EdgeAgent.", StringComparison.Ordinal) || !File.Exists(file))
            return null;
        using var bytes = File.OpenRead(file);
        var part = Part("library", id, version, $"stand-in:{id}@{version}", purl: false);
        part["description"] = "compiled in this repository in the package's place, see deps/README.md";
        part["hashes"] = Hash("SHA-256", SHA256.HashData(bytes));
        return part;
    }

    private static IEnumerable<JsonObject> Runtimes(string folder)
    {
        var shared = Path.Combine(folder, "dotnet", "shared");
        return !Directory.Exists(shared) ? [] : Directory.EnumerateDirectories(shared)
            .SelectMany(Directory.EnumerateDirectories)
            .Select(at => Part("framework", Path.GetFileName(Path.GetDirectoryName(at)!), Path.GetFileName(at), $"pkg:generic/{Path.GetFileName(Path.GetDirectoryName(at)!)}@{Path.GetFileName(at)}"));
    }

    // The lock file calls all of them "dev", since the page is bundled; what builds and tests it is no part of it.
    private static IEnumerable<JsonObject> Npm(PageSources page)
    {
        foreach (var (name, package) in page.Packages())
        {
            var version = (string)package["version"]!;
            var part = Part("library", name, version, $"pkg:npm/{name.Replace("@", "%40", StringComparison.Ordinal)}@{version}");
            if ((string?)package["integrity"] is { } integrity && integrity.StartsWith("sha512-", StringComparison.Ordinal))
                part["hashes"] = Hash("SHA-512", Convert.FromBase64String(integrity["sha512-".Length..]));
            if ((string?)package["license"] is { } license)
                part["licenses"] = License(license);
            yield return part;
        }
    }

    private static IEnumerable<JsonObject> Models(string folder)
    {
        var list = Path.Combine(folder, "models", "models.json");
        if (!File.Exists(list))
            yield break;
        foreach (var model in JsonNode.Parse(File.ReadAllText(list))!["models"]!.AsArray())
        {
            var file = Path.Combine(folder, "models", (string)model!["file"]!);
            if (!File.Exists(file))
                continue;
            using var bytes = File.OpenRead(file);
            var part = Part("machine-learning-model", (string)model["name"]!, (string?)model["version"] ?? "", $"model:{(string)model["name"]!}", purl: false);
            part["hashes"] = Hash("SHA-256", SHA256.HashData(bytes));
            if ((string?)model["licence"] is { } license)
                part["licenses"] = License(license);
            yield return part;
        }
    }

    private static JsonObject Part(string type, string name, string version, string reference, bool purl = true)
    {
        var part = new JsonObject { ["type"] = type, ["bom-ref"] = reference, ["name"] = name };
        if (version.Length > 0)
            part["version"] = version;
        if (purl)
            part["purl"] = reference;
        return part;
    }

    private static JsonArray Hash(string algorithm, byte[] value) => [new JsonObject { ["alg"] = algorithm, ["content"] = Convert.ToHexStringLower(value) }];

    private static JsonArray License(string expression) => [new JsonObject { ["license"] = new JsonObject { ["name"] = expression } }];

    private static bool Within(string folder, string file, string inner) => Path.GetRelativePath(folder, file).StartsWith(inner + "/", StringComparison.Ordinal);
}
