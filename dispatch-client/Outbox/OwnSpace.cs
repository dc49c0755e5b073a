using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>
/// Disk space that SQLite's files own before they need it, so that a program that fills the disk cannot take what the reserve gave
/// back a moment ago: the database grows by whole chunks, and the log's blocks are there from the start.
/// </summary>
internal static partial class OwnSpace
{
    private const int ChunkSize = 6; // SQLITE_FCNTL_CHUNK_SIZE
    private const int KeepSize = 1; // FALLOC_FL_KEEP_SIZE

    /// <summary>The database's file grows by so many bytes at a time from here on.</summary>
    public static void GrowBy(SqliteConnection connection, long bytes)
    {
        var chunk = checked((int)bytes);
        var result = FileControl(connection.Handle!, "main", ChunkSize, ref chunk);
        if (result != 0)
            throw new SqliteException($"SQLite does not take a chunk size ({result}).", result);
    }

    /// <summary>Blocks for a file that is there, beyond its end; where the disk has none, or the file system cannot, nothing is done.</summary>
    public static void Allocate(string path, long bytes)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(path))
            return;
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        _ = Allocate(file, KeepSize, 0, bytes);
    }

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FileControl(SafeHandle connection, string database, int operation, ref int value);

    [LibraryImport("libc", EntryPoint = "fallocate")]
    private static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);
}
