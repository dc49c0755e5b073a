namespace EdgeAgent.CommandCentre.Storage;

/// <summary>Files and folders that only the centre's own account may read.</summary>
internal static class PrivateFiles
{
    private const UnixFileMode FileMode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderMode700 = FileMode600 | UnixFileMode.UserExecute;

    public static void CreateFolder(string path) => Directory.CreateDirectory(path, FolderMode700);

    /// <summary>The whole stream or none of it: written beside, synced, renamed.</summary>
    public static void Copy(Stream from, string path)
    {
        var beside = $"{path}.{Environment.ProcessId}.new";
        using (var file = new FileStream(beside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = FileMode600 }))
        {
            from.CopyTo(file);
            file.Flush(flushToDisk: true);
        }
        File.Move(beside, path, overwrite: true);
        FolderSync.Sync(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>The whole file or none of it: written beside, synced, renamed.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var beside = $"{path}.{Environment.ProcessId}.new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = FileMode600,
        };
        using (var file = new FileStream(beside, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(beside, path, overwrite: true);
        FolderSync.Sync(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }
}
