using System.Text.RegularExpressions;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Architecture;

/// <summary>What documents promise is there.</summary>
public sealed partial class DocumentTests
{
    [Fact]
    public void Every_test_that_lawful_use_names_exists()
    {
        var types = typeof(DocumentTests).Assembly.GetTypes();
        string[] named = [.. NamedTest().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "lawful-use.md"))).Select(m => m.Groups[1].Value).Distinct()];
        Assert.InRange(named.Length, 30, 200);
        Assert.All(named, name =>
        {
            string[] parts = name.Split('.');
            Assert.True(
                types.Any(t => t.Name == parts[0] && (parts.Length == 1 || t.GetMethod(parts[1]) is not null)), $"there is no test {name}");
        });
    }

    [Fact]
    public void The_unit_file_keeps_memory_out_of_swap_cores_and_diagnostic_pipes()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Repository.Root, "agent", "edge-agent.service"));
        foreach (string wanted in (string[])["MemorySwapMax=0", "LimitCORE=0", "LimitMEMLOCK=infinity", "NoNewPrivileges=yes", "UMask=0077"])
            Assert.Contains(wanted, lines);
        Assert.Contains(lines, l => l.StartsWith("Environment=", StringComparison.Ordinal) && l.Contains("DOTNET_EnableDiagnostics=0", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"`(\w+Tests(?:\.\w+)?)`")]
    private static partial Regex NamedTest();
}
