using System.Xml.Linq;

namespace EdgeAgent.Tests.Architecture;

/// <summary>References follow the data (DESIGN 2): what a project cannot name it cannot use or leak.</summary>
public sealed class ReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["EdgeAgent.Hw"] = [],
        ["EdgeAgent.Vision"] = ["EdgeAgent.Hw"],
        ["EdgeAgent.Eyes"] = ["EdgeAgent.Hw", "EdgeAgent.Vision"],
        ["EdgeAgent.Contract"] = [],
        ["EdgeAgent.DispatchClient"] = ["EdgeAgent.Contract"],
        ["EdgeAgent.Agent"] = ["EdgeAgent.Eyes", "EdgeAgent.Vision", "EdgeAgent.Hw", "EdgeAgent.DispatchClient", "EdgeAgent.Contract"],
    };

    [Fact]
    public void Each_product_project_references_only_what_comes_before_it()
    {
        foreach (string project in Sources.Files("*.csproj"))
        {
            if (!Allowed.TryGetValue(Path.GetFileNameWithoutExtension(project), out string[]? allowed))
                continue;
            string[] ours = [.. References(project).Where(name => name.StartsWith("EdgeAgent.", StringComparison.Ordinal))];
            Assert.True(ours.All(allowed.Contains), $"{Sources.Relative(project)} references {string.Join(", ", ours.Except(allowed))}");
        }
    }

    [Fact]
    public void Every_project_with_a_rule_exists()
    {
        string[] there = [.. Sources.Files("*.csproj").Select(p => Path.GetFileNameWithoutExtension(p)!)];
        Assert.Empty(Allowed.Keys.Except(there));
    }

    [Fact]
    public void The_process_that_looks_cannot_reach_keys_or_lists()
    {
        HashSet<string> reachable = Reachable("EdgeAgent.Eyes", []);
        Assert.DoesNotContain("EdgeAgent.Contract", reachable);
        Assert.DoesNotContain("EdgeAgent.DispatchClient", reachable);
        Assert.DoesNotContain("EdgeAgent.Agent", reachable);
    }

    [Fact]
    public void Every_stand_in_gives_way_to_the_public_package()
    {
        string[] always = [.. Sources.Files("*.csproj").SelectMany(p => XDocument.Load(p).Descendants("ProjectReference")
            .Where(r => ((string)r.Attribute("Include")!).Contains("/deps/", StringComparison.Ordinal))
            .Where(r => !r.AncestorsAndSelf().Any(e => ((string?)e.Attribute("Condition") ?? "").Contains("'$(PublicPackages)' != 'true'", StringComparison.Ordinal)))
            .Select(r => $"{Sources.Relative(p)}: {(string)r.Attribute("Include")!}"))];
        Assert.True(always.Length == 0, string.Join('\n', always));
    }

    private static HashSet<string> Reachable(string name, HashSet<string> seen)
    {
        if (!seen.Add(name))
            return seen;
        string? project = Sources.Files("*.csproj").FirstOrDefault(p => Path.GetFileNameWithoutExtension(p) == name);
        foreach (string next in project is null ? [] : References(project))
            _ = Reachable(next, seen);
        return seen;
    }

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(project).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(((string)r.Attribute("Include")!).Replace('\\', '/')));
}
