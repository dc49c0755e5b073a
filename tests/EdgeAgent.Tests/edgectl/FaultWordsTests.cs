using System.Text.RegularExpressions;
using EdgeAgent.Edgectl.Acceptance;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Edgectl;

/// <summary>The faults that are named, against the checks that find them and the guide that explains them.</summary>
public sealed partial class FaultWordsTests
{
    private static readonly string s_guide = File.ReadAllText(Path.Combine(Repository.Root, "docs", "technician.md"));

    [Fact]
    public async Task The_guides_table_is_what_the_program_prints()
    {
        var printed = await EdgectlProcess.RunAsync("faults");
        Assert.Equal(FaultWords.All.Count, printed.Output.Trim().Split('\n').Length);
        Assert.EndsWith(printed.Output.Trim(), s_guide.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void No_fault_is_without_a_check_and_no_check_finds_what_has_no_words()
    {
        var sources = string.Join('\n', Directory.EnumerateFiles(Path.Combine(Repository.Root, "tools", "edgectl", "Acceptance"), "*.cs")
            .Where(file => Path.GetFileName(file) != "FaultWords.cs").Append(Path.Combine(Repository.Root, "dispatch-client", "Uplink", "AcceptanceClient.cs")).Select(File.ReadAllText));
        Assert.All(FaultWords.All, fault => Assert.Contains($"\"{fault.Code}\"", sources, StringComparison.Ordinal));
        var known = FaultWords.All.Select(fault => fault.Code).ToHashSet();
        Assert.All(Found().Matches(sources).Select(m => m.Groups[1].Value), code => Assert.Contains(code, known));
        Assert.All(FaultWords.All, fault => Assert.True(fault.Zh.EndsWith('。') && fault.DoZh.EndsWith('。') && fault.En.EndsWith('.') && fault.DoEn.EndsWith('.'), fault.Code));
    }

    [Fact]
    public async Task Every_command_of_the_guide_is_one_of_the_programs()
    {
        var help = (await EdgectlProcess.RunAsync("--help")).Output;
        var commands = Command().Matches(s_guide).Select(m => m.Groups[1].Value).Distinct().ToList();
        Assert.True(commands.Count > 10);
        Assert.All(commands, command => Assert.Contains($"\n  {command} ", help, StringComparison.Ordinal));
    }

    [GeneratedRegex("""(?:Found\(|AcceptanceException\()"(\w+)"[,)]""")]
    private static partial Regex Found();

    [GeneratedRegex("edgectl ([a-z-]+)")]
    private static partial Regex Command();
}
