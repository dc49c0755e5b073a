using System.Diagnostics;
using System.Security.Cryptography;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Releases;

/// <summary>How closely a slot is looked at before it is started.</summary>
public enum SlotLook
{
    /// <summary>Every file is there with its size.</summary>
    Sizes,

    /// <summary>Every byte of every file.</summary>
    Bytes,
}

/// <summary>
/// The two places for the agent's own program, <c>BASE/slots/a</c> and <c>b</c>, and the file that says which one is started
/// (<c>BASE/state</c>). A slot holds its files in <c>files/</c> and, written last, the signed manifest that names them: without
/// it there is nothing in the slot.
/// </summary>
public sealed class AppSlots
{
    private const int BlockBytes = 128 << 10;
    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(20), LockPatience = TimeSpan.FromSeconds(10);

    private readonly TimeProvider time;

    /// <param name="root">Made if it is not there, for its owner alone.</param>
    /// <param name="factory">What the box was installed with: a folder with the program, outside.</param>
    /// <param name="time">Paces waiting for a lock.</param>
    public AppSlots(string root, string factory, TimeProvider time)
    {
        (Root, this.time) = (Path.GetFullPath(root), time);
        FactoryFolder = Path.GetFullPath(factory);
        foreach (string folder in (string[])[Root, Path.Combine(Root, "slots")])
        {
            if (Directory.Exists(folder))
                continue;
            _ = Directory.CreateDirectory(folder, SlotFiles.OwnerFolder);
            DirectorySync.Flush(Path.GetDirectoryName(folder)!);
        }
    }

    public string Root { get; }

    public string FactoryFolder { get; }

    /// <summary>Held by whatever was started last, until its last process has ended.</summary>
    public string RunningLock => Path.Combine(Root, "running.lock");

    /// <summary>Which slot that is, or was.</summary>
    public string RunningSlot
    {
        get => File.Exists(Path.Combine(Root, "running")) ? File.ReadAllText(Path.Combine(Root, "running")) : "";
        internal set => File.WriteAllText(Path.Combine(Root, "running"), value);
    }

    /// <summary>The lock of who writes an update.</summary>
    public string UpdateLock => Path.Combine(Root, "update.lock");

    /// <summary>Which boot of the machine the last start was in; only a hint, and worth no sync.</summary>
    public string LastStart => Path.Combine(Root, "last-start");

    private string StatePath => Path.Combine(Root, "state");

    public string Slot(string slot) => Path.Combine(Root, "slots", slot);

    public string Files(string slot) => slot == SlotState.Factory ? FactoryFolder : Path.Combine(Slot(slot), "files");

    private string ManifestPath(string slot) => Path.Combine(Slot(slot), "manifest");

    /// <summary>The state as it stands, or one that is made up from what the slots hold when its file is damaged or gone.</summary>
    public SlotState Read() => ReadFile() ?? Recovered();

    /// <summary>What was done with the slots lately, for who only looks: nothing while the state's file is damaged or gone.</summary>
    public SlotHistory ReadHistory() => ReadFile()?.History ?? SlotHistory.None;

    /// <summary>What the version in a slot calls itself, "" when that cannot be told.</summary>
    public string VersionIn(SlotState state, string slot)
    {
        if (slot != SlotState.Factory)
            return state.Of(slot)?.Version ?? "";
        string program = Path.Combine(FactoryFolder, ReleaseTrust.Agent + ".dll");
        return File.Exists(program) ? FileVersionInfo.GetVersionInfo(program).ProductVersion ?? "" : "";
    }

    /// <summary>Changes the state, notes what that means in its history; durable when this returns. Whoever else does so waits.</summary>
    /// <param name="change">The state after it, of the one before.</param>
    /// <param name="stop">Ends waiting for the lock.</param>
    /// <param name="why">For the history, where the state itself has no place for it.</param>
    /// <exception cref="ReleaseException">busy: another one held the lock for ten seconds.</exception>
    public async Task<SlotState> ChangeAsync(Func<SlotState, SlotState> change, CancellationToken stop, string why = "")
    {
        ArgumentNullException.ThrowIfNull(change);
        await using FileStream held = await HoldAsync(Path.Combine(Root, "state.lock"), LockPatience, stop)
            ?? throw new ReleaseException(ReleaseCodes.Busy, $"{Root} is being changed by another program that does not end.");
        SlotState? written = ReadFile();
        SlotState before = written ?? Recovered(), after = change(before);
        after = after with { History = after.History.Followed(before, after, why, time) };
        if (written != after)
            SlotFiles.Replace(StatePath, after.ToBytes());
        return after;
    }

    /// <summary>A lock, tried for so long; null when another program keeps it.</summary>
    public async Task<FileStream?> HoldAsync(string path, TimeSpan patience, CancellationToken stop)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            if (SlotFiles.TryLock(path) is { } held)
                return held;
            if (time.GetElapsedTime(start) >= patience)
                return null;
            await Task.Delay(LockRetry, time, stop);
        }
    }

    /// <summary>The manifest in a slot, null when there is none or its bytes make no sense. Its signature was looked at before it was put there.</summary>
    public ReleaseManifest? ManifestOf(string slot)
    {
        try
        {
            if (new FileInfo(ManifestPath(slot)) is not { Exists: true, Length: <= BundleHead.MostEnvelopeBytes })
                return null;
            ReleaseManifest manifest = ReleaseManifest.Parser.ParseFrom(SignedEnvelope.Parser.ParseFrom(File.ReadAllBytes(ManifestPath(slot))).Payload);
            return ManifestRules.Problem(manifest) is null ? manifest : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    /// <summary>What is wrong with a slot, in a sentence; null when it can be started.</summary>
    public string? Problem(string slot, SlotLook look, Action<ReleaseProgress>? progress = null) => slot == SlotState.Factory
        ? Directory.Exists(FactoryFolder) ? null : $"{FactoryFolder} is not there"
        : ManifestOf(slot) is not { } manifest ? $"slot {slot} is empty or its manifest is damaged" : Problem(Files(slot), manifest, look, progress);

    internal static string? Problem(string folder, ReleaseManifest manifest, SlotLook look, Action<ReleaseProgress>? progress)
    {
        long done = 0, total = manifest.Files.Sum(file => (long)file.SizeBytes);
        byte[] block = new byte[look == SlotLook.Bytes ? BlockBytes : 0];
        foreach (ReleaseFile file in manifest.Files)
        {
            var there = new FileInfo(Path.Combine(folder, file.Path));
            if (!there.Exists || there.LinkTarget is not null || (ulong)there.Length != file.SizeBytes)
                return $"{there.FullName} is missing, or has another size than it should";
            if (look == SlotLook.Bytes && !Holds(there.FullName, file.Sha256, block))
                return $"{there.FullName} is damaged";
            done += there.Length;
            progress?.Invoke(new ReleaseProgress("check", done, total));
        }
        return null;
    }

    private static bool Holds(string path, ByteString sha256, byte[] block)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using FileStream file = File.OpenRead(path);
        for (int read; (read = file.Read(block)) > 0;)
            hash.AppendData(block, 0, read);
        return hash.GetHashAndReset().AsSpan().SequenceEqual(sha256.Span);
    }

    /// <summary>Makes a slot empty, so that it stays empty after a power cut: its manifest goes first.</summary>
    internal void Empty(string slot)
    {
        string folder = Slot(slot);
        if (Directory.Exists(folder))
        {
            File.Delete(ManifestPath(slot));
            DirectorySync.Flush(folder);
            Directory.Delete(folder, recursive: true);
        }
        _ = Directory.CreateDirectory(Files(slot), SlotFiles.OwnerFolder);
        DirectorySync.Flush(folder);
        DirectorySync.Flush(Path.GetDirectoryName(folder)!);
    }

    /// <summary>The slot holds this release from here on: its files are on the disk already.</summary>
    internal void Seal(string slot, byte[] envelope)
    {
        SlotFiles.SyncTree(Files(slot));
        SlotFiles.Replace(ManifestPath(slot), envelope);
    }

    private SlotState? ReadFile()
    {
        try
        {
            return SlotState.Parse(File.ReadAllBytes(StatePath));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    // A version on trial is always newer than every one that was good, and is written only into the slot that is not started. So of
    // two whole versions the older one was good; a single one may be anything, and is tried again with what the box came with behind it.
    private SlotState Recovered()
    {
        (string Slot, ReleaseManifest Manifest)[] whole = [.. ((string[])["a", "b"])
            .Where(slot => Problem(slot, SlotLook.Bytes) is null)
            .Select(slot => (slot, ManifestOf(slot)!))
            .OrderBy(held => held.Item2.Number)];
        if (whole.Length == 0)
            return SlotState.New;
        (string slot, ReleaseManifest manifest) = whole[0];
        SlotStanding standing = whole.Length == 2 ? SlotStanding.Good : SlotStanding.Trial;
        SlotState state = (SlotState.New with { Current = slot }).With(slot, new SlotEntry(manifest.Version, manifest.Number, standing));
        return standing == SlotStanding.Good ? state with { Floor = manifest.Number } : state;
    }
}
