using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EdgeAgent.Edgectl;

/// <summary>What a web page is built from: its own sources, and the lock file of its repository.</summary>
internal sealed partial record PageSources(string Folder, string PackageLock)
{
    /// <summary>The packages that the sources import, and what these need, each with its entry in the lock file.</summary>
    public IEnumerable<(string Name, JsonNode Package)> Packages()
    {
        var locked = JsonNode.Parse(File.ReadAllText(PackageLock))!["packages"]!.AsObject();
        var due = new Queue<string>(Imported().Select(name => $"node_modules/{name}").Where(locked.ContainsKey).Order(StringComparer.Ordinal));
        var seen = new HashSet<string>(due, StringComparer.Ordinal);
        while (due.TryDequeue(out var at))
        {
            yield return (at[(at.LastIndexOf("node_modules/", StringComparison.Ordinal) + "node_modules/".Length)..], locked[at]!);
            foreach (var (needed, _) in locked[at]!["dependencies"]?.AsObject() ?? [])
            {
                // Its own copy where it has one, else the common one.
                var where = locked.ContainsKey($"{at}/node_modules/{needed}") ? $"{at}/node_modules/{needed}" : $"node_modules/{needed}";
                if (locked.ContainsKey(where) && seen.Add(where))
                    due.Enqueue(where);
            }
        }
    }

    private HashSet<string> Imported() => [.. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
        .Where(file => Path.GetExtension(file) is ".ts" or ".tsx" or ".css" or ".js")
        .SelectMany(file => ImportOf().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value))];

    [GeneratedRegex("""(?:from|import)\s*\(?\s*['"](?<name>(?:@[a-z0-9._-]+/)?[a-z0-9][a-z0-9._-]*)""")]
    private static partial Regex ImportOf();
}
