using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Architecture;

/// <summary>The checkout's own sources, without what was built or fetched.</summary>
internal static class Sources
{
    private static readonly string[] Ours = ["hw", "vision", "agent", "dispatch-client", "tools", "tests"];
    private static readonly string[] NotSources = ["/node_modules/", "/dist/", "/obj/", "/bin/", "/artifacts/"];

    public static IEnumerable<string> Files(string pattern) =>
        Ours.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), pattern, SearchOption.AllDirectories))
            .Where(file => !NotSources.Any(part => file.Contains(part, StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal);

    public static string Relative(string file) => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/');
}
