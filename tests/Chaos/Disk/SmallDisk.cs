using System.ComponentModel;
using System.Diagnostics;

namespace EdgeAgent.Chaos.Disk;

/// <summary>A real file system of some mebibytes: ext4 in a loop device as a car has it, or a tmpfs where that is refused. Needs root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const string Filler = "foreign";
    private readonly string folder;

    private SmallDisk(string folder, string kind) => (this.folder, Kind) = (folder, kind);

    /// <summary>ext4 or tmpfs.</summary>
    public string Kind { get; }

    public string Root => Path.Combine(folder, "disk");

    public long FreeBytes => new DriveInfo(Root).AvailableFreeSpace;

    private string FillerPath => Path.Combine(Root, Filler);

    /// <summary>"" where one can be mounted.</summary>
    public static string WhyNot()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return "A file system of its own needs Linux and root.";
        try
        {
            using SmallDisk disk = Mount(4 << 20);
            return "";
        }
        catch (ScenarioException e)
        {
            return e.Message;
        }
    }

    public static SmallDisk Mount(long bytes)
    {
        string folder = Directory.CreateTempSubdirectory("disk-").FullName;
        string root = Directory.CreateDirectory(Path.Combine(folder, "disk")).FullName, image = Path.Combine(folder, "image");
        using (FileStream file = File.Create(image))
            file.SetLength(bytes);
        // No share for root: what is free is what anybody may use. Blocks as large as a memory page, as on any disk above 512 MiB:
        // SQLite maps its log index and touches one byte a page to be sure of it.
        if (Run("mkfs.ext4", "-q", "-b", "4096", "-m", "0", image).Length == 0 && Run("mount", "-o", "loop", image, root).Length == 0)
            return new SmallDisk(folder, "ext4");
        File.Delete(image);
        string problem = Run("mount", "-t", "tmpfs", "-o", $"size={bytes}", "none", root);
        if (problem.Length == 0)
            return new SmallDisk(folder, "tmpfs");
        Directory.Delete(folder, recursive: true);
        throw new ScenarioException($"No small file system can be mounted here: {problem} Run this as root on a machine that may mount.");
    }

    /// <summary>Another program's file takes everything but so many bytes; called again it takes what came free.</summary>
    public void Fill(long leaveBytes = 0)
    {
        long before = FreeBytes;
        if (before <= leaveBytes)
            return;
        using var file = new FileStream(FillerPath, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        foreach (int size in (int[])[1 << 20, 1 << 16, 1 << 12, 1 << 9])
        {
            byte[] block = new byte[size];
            try
            {
                while (leaveBytes == 0 || FreeBytes - leaveBytes >= size)
                    file.Write(block);
            }
            catch (IOException)
            {
                // Full to within this size; smaller ones may fit.
            }
        }
        try
        {
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            // A full disk is what is wanted.
        }
    }

    /// <summary>Somebody tidies up.</summary>
    public void Free() => File.Delete(FillerPath);

    public void Dispose()
    {
        // Lazily: a process that was killed a moment ago may still hold a file.
        _ = Run("umount", "-l", Root);
        Directory.Delete(folder, recursive: true);
    }

    /// <returns>What went wrong, or "".</returns>
    private static string Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            string said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? "" : $"{program}: {said.Trim()}";
        }
        catch (Win32Exception e)
        {
            return $"{program}: {e.Message}";
        }
    }
}
