namespace EdgeAgent.CommandCentre.Storage;

/// <summary>Files and folders that only the centre's own account may read.</summary>
internal static class PrivateFiles
{
    private const UnixFileMode FileMode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderMode700 = FileMode600 | UnixFileMode.UserExecute;

    public static void CreateFolder(string path) => Directory.CreateDirectory(path, FolderMode700);

    /// <summary>The whole file or none of it: written beside, synced, renamed.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using (FileStream file = Beside(path))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        PutInPlace(path);
    }

    /// <inheritdoc cref="Write"/>
    public static void Copy(Stream from, string path)
    {
        using (FileStream file = Beside(path))
        {
            from.CopyTo(file);
            file.Flush(flushToDisk: true);
        }
        PutInPlace(path);
    }

    private static string NameBeside(string path) => $"{path}.{Environment.MachineName}-{Environment.ProcessId}.new";

    private static FileStream Beside(string path) =>
        new(NameBeside(path), new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = FileMode600 });

    private static void PutInPlace(string path)
    {
        File.Move(NameBeside(path), path, overwrite: true);
        FolderSync.Sync(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }
}
