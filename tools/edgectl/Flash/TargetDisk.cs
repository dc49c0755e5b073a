using System.Globalization;
using System.Runtime.InteropServices;
using EdgeAgent.DispatchClient.Releases;
using Microsoft.Win32.SafeHandles;

namespace EdgeAgent.Edgectl.Flash;

/// <summary>What is to be written: a whole disk that nothing uses, or a file in its place.</summary>
internal sealed partial record TargetDisk(string Path, bool IsDevice, long Bytes, string Model)
{
    private const int ReadWrite = 2, Exclusive = 0x80, CloseOnExec = 0x80000; // O_RDWR, O_EXCL, O_CLOEXEC
    private const int DontNeed = 4; // POSIX_FADV_DONTNEED

    /// <exception cref="ReleaseException">not_a_disk, in_use.</exception>
    public static TargetDisk Find(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        var info = new FileInfo(full);
        if (!info.Exists)
            throw new ReleaseException(FlashCodes.NotADisk, $"{path} is neither a disk nor a file. A file to write to is made with: truncate -s 16G {path}");
        // What a name such as /dev/disk/by-id/… leads to.
        full = info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? full;
        // .NET does not tell a device from a file; a device elsewhere has no length, and is too small.
        if (!full.StartsWith("/dev/", StringComparison.Ordinal))
            return new TargetDisk(full, IsDevice: false, new FileInfo(full).Length, "a file");
        var block = $"/sys/class/block/{System.IO.Path.GetFileName(full)}";
        if (!Directory.Exists(block))
            throw new ReleaseException(FlashCodes.NotADisk, $"{full} is no disk.");
        if (File.Exists($"{block}/partition"))
            throw new ReleaseException(FlashCodes.NotADisk, $"{full} is a partition: name the whole disk.");
        if (Use(block) is { } use)
            throw new ReleaseException(FlashCodes.InUse, $"{full} is in use: {use}. Nothing was written.");
        var model = File.Exists($"{block}/device/model") ? File.ReadAllText($"{block}/device/model").Trim() : "no model name";
        var disk = new TargetDisk(full, IsDevice: true, 512 * long.Parse(File.ReadAllText($"{block}/size"), CultureInfo.InvariantCulture), model);
        // The kernel's own word: it lends a disk to one user alone, and to none while anything on it is mounted.
        disk.Open().Dispose();
        return disk;
    }

    /// <exception cref="ReleaseException">in_use.</exception>
    public FileStream Open()
    {
        if (!IsDevice)
            return new FileStream(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 0);
        var handle = OpenDevice(Path, ReadWrite | Exclusive | CloseOnExec);
        return handle.IsInvalid
            ? throw new ReleaseException(FlashCodes.InUse, $"{Path} cannot be had for writing (errno {Marshal.GetLastPInvokeError()}): something uses it, or it cannot be written.")
            : new FileStream(handle, FileAccess.ReadWrite, 0);
    }

    /// <summary>So that reading back comes from the disk, not from memory.</summary>
    public static void LeaveMemory(FileStream file) => _ = Advise(file.SafeFileHandle, 0, 0, DontNeed);

    // In words, null when nothing uses it.
    private static string? Use(string block)
    {
        string[] parts = [block, .. Directory.GetDirectories(block).Where(part => File.Exists(System.IO.Path.Combine(part, "partition")))];
        var mounts = File.ReadAllLines("/proc/self/mountinfo").Select(line => line.Split(' ')).ToList();
        var swaps = File.ReadAllLines("/proc/swaps").Skip(1).Select(line => System.IO.Path.GetFileName(line.Split(' ', '\t')[0])).ToHashSet(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            var (number, name) = (File.ReadAllText(System.IO.Path.Combine(part, "dev")).Trim(), System.IO.Path.GetFileName(part));
            if (mounts.Find(mount => mount[2] == number) is { } mount)
                return mount[4] == "/" ? $"this machine runs from {name}" : $"{name} is mounted at {mount[4]}";
            if (swaps.Contains(name))
                return $"this machine swaps to {name}";
            if (Directory.GetDirectories(System.IO.Path.Combine(part, "holders")).FirstOrDefault() is { } holder)
                return $"{name} is a part of {System.IO.Path.GetFileName(holder)}";
        }
        return null;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenDevice(string path, int flags);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}
