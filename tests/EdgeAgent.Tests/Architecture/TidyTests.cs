using System.Text.RegularExpressions;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Architecture;

/// <summary>Style that a machine can see (STYLE). Limits only ever go down.</summary>
public sealed partial class TidyTests
{
    private const int LongestFileLines = 400;

    [Fact]
    public void No_source_file_is_longer_than_the_ratchet()
    {
        string[] tooLong = [.. Sources.Files("*.cs").Concat(Sources.Files("*.ts")).Concat(Sources.Files("*.tsx"))
            .Select(f => (File: f, Lines: File.ReadLines(f).Count()))
            .Where(f => f.Lines > LongestFileLines)
            .Select(f => $"{Sources.Relative(f.File)}: {f.Lines} lines")];
        Assert.True(tooLong.Length == 0, string.Join('\n', tooLong));
    }

    [Fact]
    public void Nothing_is_left_for_later_in_the_sources()
    {
        string[] marks = [.. Sources.Files("*.cs").Where(f => !Sources.Relative(f).StartsWith("tests/", StringComparison.Ordinal))
            .Where(f => LeftForLater().IsMatch(File.ReadAllText(f))).Select(Sources.Relative)];
        Assert.True(marks.Length == 0, string.Join('\n', marks));
    }

    [Fact]
    public void Log_event_ids_are_unique_and_in_their_folders_range()
    {
        (string Folder, int From, int To)[] ranges =
        [
            ("hw/", 1000, 1999), ("vision/", 2000, 2999), ("agent/Eyes/", 3000, 3999), ("agent/", 4000, 4999), ("dispatch-client/", 5000, 5999),
            ("tools/command-centre/", 6000, 6999), ("tools/rig/", 7000, 7999), ("tools/edgectl/", 8000, 8999),
        ];
        var seen = new Dictionary<int, string>();
        var wrong = new List<string>();
        foreach (string file in Sources.Files("*.cs"))
        {
            string name = Sources.Relative(file);
            (string Folder, int From, int To) range = ranges.FirstOrDefault(r => name.StartsWith(r.Folder, StringComparison.Ordinal));
            if (range.Folder is null)
                continue;
            foreach (Match match in EventIds().Matches(File.ReadAllText(file)))
            {
                int id = int.Parse(match.Groups["id"].Value);
                if (id < range.From || id > range.To)
                    wrong.Add($"{name}: {id} is outside {range.From}-{range.To}");
                if (!seen.TryAdd(id, name))
                    wrong.Add($"{name}: {id} is used in {seen[id]} too");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.NotEmpty(seen);
    }

    [Fact]
    public void No_model_that_guesses_age_sex_or_mood_is_named_anywhere_in_the_product()
    {
        string[] named = [.. Sources.Files("*.cs").Concat(Sources.Files("*.ts")).Concat(Sources.Files("*.mjs"))
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "models"), "*.json"))
            .Where(f => !Sources.Relative(f).StartsWith("tests/", StringComparison.Ordinal))
            .Where(f => Guessing().IsMatch(File.ReadAllText(f))).Select(Sources.Relative)];
        Assert.True(named.Length == 0, string.Join('\n', named));
    }

    [Fact]
    public void Every_top_folder_has_a_readme()
    {
        string[] folders = ["hw", "vision", "models", "agent", "dispatch-client", "tools", "tests", "deps"];
        Assert.All(folders, f => Assert.True(File.Exists(Path.Combine(Repository.Root, f, "README.md")), f));
    }

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException|async void")]
    private static partial Regex LeftForLater();

    [GeneratedRegex(@"LoggerMessage\(\s*(?:EventId\s*=\s*)?(?<id>\d+)")]
    private static partial Regex EventIds();

    [GeneratedRegex("fr_(age|gender|expression)|emotion_|age_googlenet", RegexOptions.IgnoreCase)]
    private static partial Regex Guessing();
}
