namespace EdgeAgent.Tests.Support;

/// <summary>Data that lies beside the checkout and is not part of it: real faces and plates, for measuring only.</summary>
internal static class SharedData
{
    public static string At(string path) => Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", path));
}

/// <summary>A test that needs shared data; skipped by name where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute(string path)
    {
        DataPath = path;
        if (!Directory.Exists(SharedData.At(path)))
            Skip = $"there is no ../shared/{path}";
    }

    public string DataPath { get; }
}
