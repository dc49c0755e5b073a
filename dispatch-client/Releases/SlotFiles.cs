using System.Runtime.InteropServices;
using EdgeAgent.DispatchClient.Outbox;
using Microsoft.Win32.SafeHandles;

namespace EdgeAgent.DispatchClient.Releases;

/// <summary>Files of the slots, so that a power cut leaves either what was or what is.</summary>
internal static partial class SlotFiles
{
    public const UnixFileMode OwnerFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const int DontNeed = 4; // POSIX_FADV_DONTNEED
    private const int SetDescriptorFlags = 2; // F_SETFD
    private const int NoSpace = 28, QuotaExceeded = 122;
    private const UnixFileMode ReadOnly = UnixFileMode.UserRead, ReadWrite = ReadOnly | UnixFileMode.UserWrite;

    /// <summary>A file that is written once and read ever after.</summary>
    public static FileStream CreateNew(string path, bool executable) => new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        UnixCreateMode = executable ? ReadOnly | UnixFileMode.UserExecute : ReadOnly,
    });

    /// <summary>Replaces a small file: beside, synced, renamed, and the folder synced.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string beside = path + ".new";
        File.Delete(beside);
        using (var file = new FileStream(beside, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = ReadWrite }))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(beside, path, overwrite: true);
        DirectorySync.Flush(Path.GetDirectoryName(path)!);
    }

    /// <summary>A lock that ends with the process that holds it; null while another one holds it.</summary>
    public static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = ReadWrite,
                BufferSize = 0,
            });
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    /// <summary>From here on a lock belongs to the programs that this process becomes or starts, too, until the last of them has ended.</summary>
    public static void PassOn(FileStream held) => _ = SetFlags(held.SafeFileHandle, SetDescriptorFlags, 0);

    /// <summary>So that reading back comes from the disk, not from memory.</summary>
    public static void LeaveCache(FileStream file) => _ = Advise(file.SafeFileHandle, 0, 0, DontNeed);

    public static bool IsDiskFull(IOException error) => error.HResult is NoSpace or QuotaExceeded;

    public static void SyncTree(string folder)
    {
        foreach (string inner in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories))
            DirectorySync.Flush(inner);
        DirectorySync.Flush(folder);
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int SetFlags(SafeFileHandle file, int command, int flags);
}
