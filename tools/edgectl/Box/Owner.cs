using System.Globalization;
using System.Runtime.InteropServices;
using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Edgectl.Box;

/// <summary>
/// A technician is root, and the agent is a user of its own. What is written into the agent's folder must be the agent's, and root is to
/// walk through no folder that another user may change: so a command that works there becomes that user first, for good.
/// </summary>
internal static partial class Owner
{
    private const int CurrentDirectory = -100, FollowLinks = 0; // AT_FDCWD
    private const uint WantIds = 0x18; // STATX_UID | STATX_GID
    private const int StatxBytes = 256, UidAt = 20, GidAt = 24; // struct statx, linux/stat.h

    /// <summary>Becomes the user whom the agent's data folder belongs to, with that user's groups; does nothing for who is not root.</summary>
    /// <param name="folder">The data folder, or one in it; where it is not there yet, the nearest above it counts.</param>
    /// <exception cref="IOException">The system refuses it.</exception>
    public static void Become(string folder)
    {
        if (!Environment.IsPrivilegedProcess)
            return;
        string? there = Path.GetFullPath(folder);
        while (there is not null && !Directory.Exists(there))
            there = Path.GetDirectoryName(there);
        if (there is null || IdsOf(there) is not ({ } user and > 0, var group))
            return;
        string name = NameOf(user);
        bool changed = (name.Length > 0 ? InitGroups(name, group) : SetGroups(0, 0)) == 0 && SetGroup(group, group, group) == 0 && SetUser(user, user, user) == 0;
        if (!changed)
            throw new IOException($"{there} belongs to user {user}, whom this program cannot become (errno {Marshal.GetLastPInvokeError()}).");
    }

    /// <summary>The same, where the folder is named in the agent's settings.</summary>
    public static void BecomeBySettings(string config)
    {
        // What is wrong with the settings, the command says.
        if (Environment.IsPrivilegedProcess && CarOptions.Read(config).Options is { } options)
            Become(options.DataDirectory);
    }

    private static (uint User, uint Group)? IdsOf(string path)
    {
        var said = new byte[StatxBytes];
        return Statx(CurrentDirectory, path, FollowLinks, WantIds, said) == 0 ? (BitConverter.ToUInt32(said, UidAt), BitConverter.ToUInt32(said, GidAt)) : null;
    }

    private static string NameOf(uint user)
    {
        string id = user.ToString(CultureInfo.InvariantCulture);
        return File.ReadLines("/etc/passwd").Select(line => line.Split(':')).FirstOrDefault(entry => entry.Length > 2 && entry[2] == id)?[0] ?? "";
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, [Out] byte[] said);

    [LibraryImport("libc", EntryPoint = "initgroups", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int InitGroups(string user, uint group);

    [LibraryImport("libc", EntryPoint = "setgroups", SetLastError = true)]
    private static partial int SetGroups(nuint count, nint groups);

    [LibraryImport("libc", EntryPoint = "setresgid", SetLastError = true)]
    private static partial int SetGroup(uint real, uint effective, uint saved);

    [LibraryImport("libc", EntryPoint = "setresuid", SetLastError = true)]
    private static partial int SetUser(uint real, uint effective, uint saved);
}
