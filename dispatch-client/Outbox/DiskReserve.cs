using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>
/// Ballast: a file that holds space on the outbox's disk until the disk is full, then gives it back piece by piece, so that another
/// program that goes on filling never gets all of it at once. It holds zeros only. Not for several threads at a time.
/// </summary>
internal sealed partial class DiskReserve : IDisposable
{
    private const string FileName = "reserve";
    private const int Pieces = 8;
    private const long LeastHeadroom = 1 << 20;
    private readonly FileStream? file;
    private readonly string directory;
    private readonly long wantedBytes;

    private DiskReserve(FileStream? file, string directory, long wantedBytes)
    {
        this.file = file;
        this.directory = directory;
        this.wantedBytes = wantedBytes;
        HeldBytes = file?.Length ?? 0;
    }

    /// <summary>Bytes held back now.</summary>
    public long HeldBytes { get; private set; }

    public bool IsWhole => HeldBytes >= wantedBytes;

    /// <summary>What one piece gives; 0 without a reserve.</summary>
    public long PieceBytes => wantedBytes / Pieces;

    /// <summary>What must be free for the reserve to be whole again: what it lacks, and a quarter of it left for the work to go on.</summary>
    public long NeededBytes => wantedBytes - HeldBytes + Headroom;

    /// <summary>More than half is left: pictures may have of it. The other half is kept for rows.</summary>
    public bool IsForPictures => HeldBytes > wantedBytes / 2;

    private long Headroom => Math.Max(wantedBytes / 4, LeastHeadroom);

    /// <summary>Opens the file as a crash may have left it; it is not filled up here. No file can be made on a full disk: then nothing is held.</summary>
    public static DiskReserve Open(OutboxOptions options)
    {
        var path = Path.Combine(options.Directory, FileName);
        if (options.ReserveBytes == 0)
        {
            File.Delete(path);
            return new DiskReserve(null, options.Directory, 0);
        }
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
            if (file.Length > options.ReserveBytes)
                file.SetLength(options.ReserveBytes);
            return new DiskReserve(file, options.Directory, options.ReserveBytes);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            return new DiskReserve(null, options.Directory, options.ReserveBytes);
        }
    }

    /// <summary>Gives so many bytes back, a piece if nothing is said. On disk when this returns: a freed block serves nobody until the file system has written that down.</summary>
    /// <returns>False when nothing is left.</returns>
    public bool GiveBack(long? bytes = null)
    {
        if (file is null || HeldBytes == 0)
            return false;
        file.SetLength(Math.Max(0, HeldBytes - (bytes ?? PieceBytes)));
        HeldBytes = file.Length;
        file.Flush(flushToDisk: true);
        return true;
    }

    /// <summary>Takes back what the disk can spare, leaving the headroom.</summary>
    /// <returns>Whether anything was taken.</returns>
    public bool TakeBack()
    {
        if (file is null || IsWhole)
            return false;
        var pieces = (FreeBytes() - Headroom) / PieceBytes;
        var grown = Math.Min(wantedBytes, HeldBytes + pieces * PieceBytes);
        if (pieces <= 0 || grown <= HeldBytes || !Allocate(file, grown))
            return false;
        HeldBytes = file.Length;
        return true;
    }

    /// <summary>Whole, and the headroom is free beside it.</summary>
    public bool IsAtEase() => IsWhole && FreeBytes() >= Headroom;

    public void Dispose() => file?.Dispose();

    // The root of another file system may be mounted anywhere above: the directory itself is asked.
    private long FreeBytes() => new DriveInfo(directory).AvailableFreeSpace;

    private bool Allocate(FileStream into, long bytes)
    {
        try
        {
            // A length alone would be a hole that holds no space.
            if (OperatingSystem.IsLinux() && PosixAllocate(into.SafeFileHandle, 0, bytes) != 0)
            {
                into.SetLength(HeldBytes);
                return false;
            }
            into.SetLength(bytes);
            into.Flush(flushToDisk: true);
            return true;
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            into.SetLength(HeldBytes);
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int PosixAllocate(SafeFileHandle file, long offset, long length);
}

/// <summary>How a full disk shows.</summary>
internal static class DiskFull
{
    public const string Code = "disk_full";
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    // SQLite's index of the log, a file of its own, could not grow.
    private const int SqliteLogIndexSize = 10 | (19 << 8);

    public static bool Is(Exception fault) => fault switch
    {
        SqliteException e => e.SqliteErrorCode == SqliteError.Full || e.SqliteExtendedErrorCode == SqliteLogIndexSize,
        IOException e => e.HResult is NoSpace or QuotaExceeded or WindowsDiskFull,
        _ => false,
    };

    public static OutboxException NoRoomLeft(string directory, Exception? fault) => new(
        Code,
        $"The disk with {directory} is full and nothing is left to make room with. Delete what does not belong to the car's software from that disk; the outbox goes on by itself.",
        fault);

    public static OutboxException NotNow(string directory, long neededBytes) => new(
        Code,
        $"The disk with {directory} is full: trail, health and evidence are not taken until {neededBytes >> 20} MiB are free there. Delete what does not belong to the car's software; the outbox goes on by itself.");
}
