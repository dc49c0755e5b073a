using System.Globalization;
using EdgeAgent.DispatchClient.Releases;

namespace EdgeAgent.Edgectl.Flash;

/// <summary>A system to be written: its image, and what of it belongs on the other partitions.</summary>
internal sealed class SystemSource : IDisposable
{
    private static readonly string[] LoaderFiles = ["BOOTX64.EFI", "grub.cfg", "choose.cfg"];
    private readonly DirectoryInfo place;

    private SystemSource(DirectoryInfo place, string image) => (this.place, Image) = (place, image);

    /// <summary>An ext4 file system.</summary>
    public string Image { get; }

    public string Version { get; private set; } = "";

    public ulong Build { get; private set; }

    public string Compatible { get; private set; } = "";

    /// <summary>For what is made on the way; gone at the end.</summary>
    public string At(string name) => Path.Combine(place.FullName, name);

    public static IReadOnlyList<string> Loader => LoaderFiles;

    /// <summary>A bundle by its signature, or an image as it is.</summary>
    /// <param name="bundle">A RAUC bundle; null: there is an image.</param>
    /// <param name="image">An image that somebody made here; whose it is, nobody asks.</param>
    /// <param name="roots">Release roots (PEM).</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="ReleaseException">bad_system, tool_missing.</exception>
    public static async Task<SystemSource> OpenAsync(string? bundle, string? image, string roots, CancellationToken stop)
    {
        var place = Directory.CreateTempSubdirectory("flash-");
        try
        {
            if (bundle is not null)
            {
                var content = Path.Combine(place.FullName, "content");
                await Tool.RunAsync("rauc", [$"--keyring={roots}", "extract", bundle, content], stop, failure: FlashCodes.BadSystem);
                image = Path.Combine(content, "rootfs.img");
            }
            if (!File.Exists(image))
                throw new ReleaseException(FlashCodes.BadSystem, $"There is no system in {bundle ?? image}.");
            var source = new SystemSource(place, image);
            await source.LookInAsync(stop);
            return source;
        }
        catch
        {
            place.Delete(recursive: true);
            throw;
        }
    }

    public void Dispose() => place.Delete(recursive: true);

    private async Task LookInAsync(CancellationToken stop)
    {
        foreach (var file in LoaderFiles)
            await DumpAsync($"/usr/lib/edge-system/efi/{file}", file, stop);
        await DumpAsync("/usr/lib/edge-system/release-roots.pem", "release-roots.pem", stop);
        await DumpAsync("/etc/edge-system-release", "release", stop);
        var said = (await File.ReadAllLinesAsync(At("release"), stop)).Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        (Version, Compatible) = (said.GetValueOrDefault("VERSION", ""), said.GetValueOrDefault("COMPATIBLE", ""));
        Build = ulong.TryParse(said.GetValueOrDefault("BUILD"), CultureInfo.InvariantCulture, out var build) ? build
            : throw new ReleaseException(FlashCodes.BadSystem, $"The system in {Image} does not say which one it is (/etc/edge-system-release).");
    }

    // debugfs says nothing by its exit code.
    private async Task DumpAsync(string path, string to, CancellationToken stop)
    {
        await Tool.RunAsync("debugfs", ["-R", $"dump {path} {At(to)}", Image], stop, failure: FlashCodes.BadSystem);
        if (!File.Exists(At(to)) || new FileInfo(At(to)).Length == 0)
            throw new ReleaseException(FlashCodes.BadSystem, $"The image {Image} is none of a box's system: it has no {path}.");
    }
}
