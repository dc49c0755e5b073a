using System.Diagnostics;

namespace EdgeAgent.Rig.Clips;

/// <summary>
/// The pictures of people that anybody may use, out of Debian packages. Only the picture is kept; nothing is installed. Both
/// are works of the United States government and in the public domain: see the README.
/// </summary>
internal static class FreePictures
{
    private sealed record Source(string Id, string Package, string File, FaceIn Face, bool Listed);

    private static readonly Source[] Sources =
    [
        // NASA's portrait of Eileen Collins.
        new("astronaut", "python3-skimage", "usr/lib/python3/dist-packages/skimage/data/astronaut.png", new FaceIn(0.436f, 0.262f, 0.18f), Listed: true),
        // The US Navy's portrait of Grace Hopper.
        new("hopper", "python-matplotlib-data", "usr/share/matplotlib/mpl-data/sample_data/grace_hopper.jpg", new FaceIn(0.52f, 0.345f, 0.33f), Listed: false),
    ];

    /// <exception cref="RigException">A package could not be had.</exception>
    public static async Task<IReadOnlyList<Person>> GetAsync(string cacheFolder, IProgress<string> progress, CancellationToken stop)
    {
        string folder = Path.Combine(cacheFolder, "pictures");
        Directory.CreateDirectory(folder);
        var persons = new List<Person>();
        foreach (Source source in Sources)
        {
            string file = Path.Combine(folder, source.Id + Path.GetExtension(source.File));
            if (!File.Exists(file))
                await FetchAsync(source, file, progress, stop);
            persons.Add(new Person(source.Id, file, file, source.Face, source.Listed));
        }
        return persons;
    }

    private static async Task FetchAsync(Source source, string file, IProgress<string> progress, CancellationToken stop)
    {
        string installed = "/" + source.File;
        string work = Directory.CreateTempSubdirectory("rig-picture-").FullName;
        try
        {
            if (!File.Exists(installed))
            {
                progress.Report($"picture {source.Id}: downloading the Debian package {source.Package}");
                await RunAsync("apt-get", ["-qq", "download", source.Package], work, source, stop);
                string package = Directory.EnumerateFiles(work, "*.deb").Single();
                await RunAsync("dpkg-deb", ["-x", package, work], work, source, stop);
                installed = Path.Combine(work, source.File);
            }
            // Another process may do the same at this moment: the last rename wins, whole.
            string partial = $"{file}.{Environment.ProcessId}.part";
            File.Copy(installed, partial, overwrite: true);
            File.Move(partial, file, overwrite: true);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static async Task RunAsync(string program, IEnumerable<string> arguments, string folder, Source source, CancellationToken stop)
    {
        var info = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true };
        using Process process = Process.Start(info)!;
        Task<string> complaints = process.StandardError.ReadToEndAsync(stop);
        await process.StandardOutput.ReadToEndAsync(stop);
        await process.WaitForExitAsync(stop);
        if (process.ExitCode != 0)
            throw new RigException($"The Debian package {source.Package} (picture of {source.Id}) could not be had: run apt-get update, or name a folder of your own with --pictures. {program} said: {(await complaints).Trim()}");
    }
}
