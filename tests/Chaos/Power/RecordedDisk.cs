namespace EdgeAgent.Chaos.Power;

/// <summary>How much of what was not synced the cut lets through.</summary>
internal enum Survival
{
    /// <summary>All of it: the process was killed, the kernel was not.</summary>
    Everything,

    /// <summary>None of it.</summary>
    Nothing,

    /// <summary>Of each file and folder what came first, to some point.</summary>
    Beginning,

    /// <summary>Any sector of any write or not, each by itself; of each folder's changes what came first.</summary>
    Sectors,
}

/// <summary>
/// A disk as POSIX promises it and no better: a file's bytes are safe once the file was synced, a name once its folder was, and
/// until then any part may be lost and any part not, in any order between files. Changes of a folder's names are kept in their
/// order and a rename is whole or not at all, as journalling file systems do; a write is torn only between sectors of 512 bytes.
/// </summary>
internal sealed class RecordedDisk
{
    private readonly Dictionary<string, Node> durable = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Node> live = new(StringComparer.Ordinal);
    private readonly List<NameChange> pendingNames = [];
    private readonly Dictionary<int, long> positions = [];
    private readonly string root;

    /// <summary>Begins with what lies in a folder, all of it safe.</summary>
    public RecordedDisk(string root)
    {
        this.root = root;
        foreach (string folder in Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories))
            durable[folder] = live[folder] = new Node(null);
        foreach (string file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
            durable[file] = live[file] = new Node(new StoredBytes(File.ReadAllBytes(file)));
    }

    public void Apply(DiskOperation operation)
    {
        switch (operation)
        {
            case Opened opened:
                positions[opened.Descriptor] = 0;
                if (opened.Create && !live.ContainsKey(opened.Path))
                    Name([(opened.Path, new Node(new StoredBytes([])))]);
                else if (opened.Truncate && FileAt(opened.Path) is { } emptied)
                    emptied.Resize(0);
                break;
            case Sought sought:
                positions[sought.Descriptor] = sought.Offset;
                break;
            case Written written when FileAt(written.Path) is { } file:
                long at = written.Offset ?? positions.GetValueOrDefault(written.Descriptor);
                if (written.Offset is null)
                    positions[written.Descriptor] = at + written.Data.Length;
                file.Write(at, written.Data);
                break;
            case Resized resized:
                FileAt(resized.Path)?.Resize(resized.SizeBytes);
                break;
            case Allocated allocated when FileAt(allocated.Path) is { } grown && grown.LiveLength < allocated.EndBytes:
                grown.Resize(allocated.EndBytes);
                break;
            case Synced synced:
                Sync(synced.Path);
                break;
            case Renamed renamed:
                Name([(renamed.From, null), (renamed.To, live[renamed.From])]);
                break;
            case Linked linked:
                Name([(linked.To, live[linked.From])]);
                break;
            case Unlinked unlinked:
                Name([(unlinked.Path, null)]);
                break;
            case FolderMade made:
                Name([(made.Path, new Node(null))]);
                break;
        }
    }

    /// <summary>Writes what is left of the folder after a cut at this instant.</summary>
    /// <param name="target">Made; must not be there.</param>
    /// <param name="survival">For a path below the root, as "car/events.db".</param>
    public void WriteImage(string target, Func<string, Survival> survival, Random random)
    {
        Dictionary<string, Node> names = SurvivingNames(survival, random);
        Directory.CreateDirectory(target);
        foreach ((string path, Node node) in names.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            string relative = path[(root.Length + 1)..];
            string at = Path.Combine(target, relative);
            if (node.File is not { } file)
                Directory.CreateDirectory(at);
            // A file in a folder whose own name was lost is lost with it. SQLite's shared memory is gone with the power.
            else if (Directory.Exists(Path.GetDirectoryName(at)) && !at.EndsWith("-shm", StringComparison.Ordinal))
                WritePrivate(at, file.After(survival(relative), random));
        }
    }

    // Modes are not recorded: whoever keeps secrets refuses files that others can read.
    private static void WritePrivate(string path, byte[] content)
    {
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        file.Write(content);
    }

    private Dictionary<string, Node> SurvivingNames(Func<string, Survival> survival, Random random)
    {
        var names = new Dictionary<string, Node>(durable, StringComparer.Ordinal);
        var ended = new HashSet<string>(StringComparer.Ordinal);
        var chances = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (NameChange change in pendingNames)
        {
            bool lost = change.Folders.Any(ended.Contains);
            foreach (string folder in change.Folders)
            {
                Survival here = survival(folder.Length > root.Length ? folder[(root.Length + 1)..] : "");
                if (!chances.TryGetValue(folder, out double chance))
                    chances[folder] = chance = here switch { Survival.Everything => 1, Survival.Nothing => 0, _ => random.NextDouble() };
                lost |= random.NextDouble() >= chance;
            }
            if (lost)
                ended.UnionWith(change.Folders);
            else
                Put(names, change);
        }
        return names;
    }

    private StoredBytes? FileAt(string path) => live.TryGetValue(path, out Node? node) ? node.File : null;

    private void Name((string Path, Node? Node)[] effects)
    {
        if (effects.Length > 1 && effects[1].Node?.File is null)
            throw new ScenarioException($"The power-cut disk cannot rename a folder ({effects[0].Path}).");
        var change = new NameChange(effects, [.. effects.Select(effect => Path.GetDirectoryName(effect.Path)!).Distinct()]);
        Put(live, change);
        pendingNames.Add(change);
    }

    private void Sync(string path)
    {
        if (FileAt(path) is { } file)
        {
            file.Sync();
            return;
        }
        foreach (NameChange change in pendingNames.Where(change => change.Folders.Contains(path)))
            Put(durable, change);
        _ = pendingNames.RemoveAll(change => change.Folders.Contains(path));
    }

    private static void Put(Dictionary<string, Node> names, NameChange change)
    {
        foreach ((string path, Node? node) in change.Effects)
        {
            if (node is null)
                _ = names.Remove(path);
            else
                names[path] = node;
        }
    }

    /// <summary>A folder when it holds no file.</summary>
    private sealed record Node(StoredBytes? File);

    private sealed record NameChange((string Path, Node? Node)[] Effects, string[] Folders);
}
