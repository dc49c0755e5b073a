namespace EdgeAgent.Tests.DispatchClient;

/// <param name="parent">Where it is to lie; else among the system's temporary files.</param>
internal sealed class TemporaryDirectory(string? parent = null) : IDisposable
{
    public string Path { get; } = parent is null
        ? Directory.CreateTempSubdirectory("dispatch-").FullName
        : Directory.CreateDirectory(System.IO.Path.Combine(parent, Guid.NewGuid().ToString("n"))).FullName;

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
