using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Agent.Rescue;

/// <summary>
/// Destroys what a data folder is sealed with, then the rest. A file's bytes may live on in a flash disk's spare blocks after they
/// were overwritten; what was sealed to a TPM opens nowhere once its blob is gone or its TPM forgets.
/// </summary>
internal static class Erasure
{
    private static readonly string[] KeyFiles = ["vault.key", "vault.tpm"];

    /// <summary>The vault's key: without it nothing sealed in this folder opens.</summary>
    public static void Keys(string folder)
    {
        foreach (string file in KeyFiles.Select(f => Path.Combine(folder, f)).Where(File.Exists))
            Overwrite(file);
        foreach (string file in Directory.Exists(Path.Combine(folder, "lists")) ? Directory.EnumerateFiles(Path.Combine(folder, "lists"), "*.key").ToList() : [])
            Overwrite(file);
    }

    /// <summary>Overwritten on the disk, then removed for good.</summary>
    public static void Overwrite(string file)
    {
        using (FileStream stream = File.OpenWrite(file))
        {
            stream.Write(new byte[stream.Length]);
            stream.Flush(flushToDisk: true);
        }
        SafeFile.Remove(file);
    }

    /// <summary>Everything in a folder but these entries of it.</summary>
    public static void AllBut(string folder, params string[] kept)
    {
        foreach (string entry in Directory.EnumerateFileSystemEntries(folder).Where(e => !kept.Contains(Path.GetFileName(e))).ToList())
        {
            if (Directory.Exists(entry) && new DirectoryInfo(entry).LinkTarget is null)
                Directory.Delete(entry, recursive: true);
            else
                File.Delete(entry);
        }
        SafeFile.SyncFolder(folder);
    }
}
