using EdgeAgent.DispatchClient.Releases;

namespace EdgeAgent.Chaos.Update;

/// <summary>Unpacks a good bundle over what runs: shows that cuts find out an updater that does so.</summary>
internal static class CarelessUpdate
{
    public const string Name = "update-careless";

    public static int Run(string bundle, string roots, string to)
    {
        using Bundle opened = Bundle.Open(bundle, ReleaseTrust.OfAgent(roots));
        Directory.Delete(to, recursive: true);
        _ = Directory.CreateDirectory(to);
        opened.Extract(to);
        File.WriteAllBytes(Path.Combine(Path.GetDirectoryName(to)!, "manifest"), opened.EnvelopeBytes);
        return 0;
    }
}
