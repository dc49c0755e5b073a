using System.Reflection;

namespace EdgeAgent.Tests.Support;

/// <summary>Where this checkout and what was built from it lie.</summary>
internal static class Repository
{
    public static string Root { get; } = Path.GetFullPath(Metadata("RepositoryRoot"));

    public static string ArtifactsPath { get; } = Path.GetFullPath(Metadata("ArtifactsPath"));

    private static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
