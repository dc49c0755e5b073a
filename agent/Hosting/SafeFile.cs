using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeAgent.Agent.Hosting;

/// <summary>Small files that survive a power cut: written beside, synced, renamed, and the folder synced.</summary>
internal static partial class SafeFile
{
    private const int KeepSize = 1; // FALLOC_FL_KEEP_SIZE
    private const int NoSpace = 28, QuotaExceeded = 122;

    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode OwnerFolder = OwnerOnly | UnixFileMode.UserExecute;

    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string beside = path + ".new";
        File.Delete(beside);
        using (var stream = new FileStream(beside, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        }))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }
        File.Move(beside, path, overwrite: true);
        SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Whether a write failed because the disk had no room for it.</summary>
    public static bool IsDiskFull(IOException error) => error.HResult is NoSpace or QuotaExceeded;

    /// <summary>
    /// Blocks beyond a file's end, which it owns before it needs them: a program that fills the disk cannot take them. Where the disk
    /// has none, or the file system cannot, nothing is done.
    /// </summary>
    public static void Allocate(FileStream file, long offset, long bytes) => _ = fallocate(file.SafeFileHandle, KeepSize, offset, bytes);

    /// <summary>Removes the file so that it stays removed after a power cut.</summary>
    public static void Remove(string path)
    {
        File.Delete(path);
        SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>The folder's name is durable too: a power cut would take one that its parent does not know yet, with all that was synced in it.</summary>
    public static void CreateFolder(string path)
    {
        _ = Directory.CreateDirectory(path, OwnerFolder);
        File.SetUnixFileMode(path, OwnerFolder);
        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path).TrimEnd('/'))!);
    }

    public static void SyncFolder(string folder)
    {
        int descriptor = open(folder, OpenDirectory);
        if (descriptor < 0)
            throw new IOException($"{folder} cannot be opened (errno {Marshal.GetLastPInvokeError()}).");
        int result = fsync(descriptor);
        int error = Marshal.GetLastPInvokeError();
        _ = close(descriptor);
        if (result != 0)
            throw new IOException($"{folder} cannot be synced (errno {error}).");
    }

    // O_RDONLY | O_DIRECTORY | O_CLOEXEC; O_DIRECTORY's bit differs on arm64.
    private static int OpenDirectory => 0x80000 | (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int fallocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
