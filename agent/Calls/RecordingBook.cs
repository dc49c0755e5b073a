using System.Collections.Concurrent;
using System.Security.Cryptography;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Retention;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Calls;

/// <summary>
/// Callers' voices, sealed on this car's disk while their call is its own and goes on. Named by their hash; what does not have it is
/// no recording and is never played.
/// </summary>
internal sealed class RecordingBook
{
    /// <summary>Above what a centre takes; more is none of a caller's.</summary>
    public const ulong MaxBytes = 32UL << 20;

    private const long DayMs = 86_400_000;

    // What a page may be told a sound is; the bytes are the centre's and a page must not be made to run them.
    private static readonly HashSet<string> Types = ["audio/ogg", "audio/wav", "audio/mpeg", "audio/mp4"];

    private readonly string folder;
    private readonly UnitVault vault;
    private readonly CallBook calls;
    private readonly PolicyBook policies;
    private readonly TrustedClock clock;

    // Why one is not here; only of recordings that are still wanted.
    private readonly ConcurrentDictionary<string, string> refused = [];

    public RecordingBook(CarOptions options, UnitVault vault, CallBook calls, PolicyBook policies, TrustedClock clock)
    {
        (this.vault, this.calls, this.policies, this.clock) = (vault, calls, policies, clock);
        folder = Path.Combine(options.DataDirectory, "recordings");
        SafeFile.CreateFolder(folder);
    }

    /// <summary>What is to be fetched, urgent and newest calls first.</summary>
    public IReadOnlyList<AttachmentRef> Missing =>
        [.. Wanted().Select(c => c.Recording).DistinctBy(NameOf).Where(r => !File.Exists(PathOf(r)) && !refused.ContainsKey(NameOf(r)))];

    /// <summary>For the page; null where the call has none for this car.</summary>
    public object? Shown(Call call)
    {
        if (call.Recording is not { } recording)
            return null;
        bool wanted = IsWanted(call);
        string why = wanted ? refused.GetValueOrDefault(NameOf(recording), "") : "over";
        string state = why.Length > 0 ? "none" : File.Exists(PathOf(recording)) ? "here" : "coming";
        long held = state == "coming" && new FileInfo(PartOf(recording)) is { Exists: true } part ? part.Length : 0;
        return new { state, why, recording.SizeBytes, heldBytes = Math.Min(held, (long)recording.SizeBytes), mediaType = TypeOf(recording) };
    }

    /// <summary>Opens it to be played; null when it is not here or not for this car any more.</summary>
    public (Stream Content, string MediaType)? Open(Call call)
    {
        if (call.Recording is not { } recording || !IsWanted(call) || !File.Exists(PathOf(recording)))
            return null;
        FileStream file = File.OpenRead(PathOf(recording));
        return (new SealedReader(file, vault, Purpose(recording), (long)recording.SizeBytes), TypeOf(recording));
    }

    /// <summary>Opens what was fetched so far, at its end.</summary>
    public FileStream OpenPart(AttachmentRef recording, out long held)
    {
        var part = new FileStream(PartOf(recording), new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, UnixCreateMode = SafeFile.OwnerOnly });
        held = SealedFile.Trim(part);
        if (held <= (long)recording.SizeBytes)
            return part;
        part.SetLength(0);
        held = 0;
        return part;
    }

    public void Append(AttachmentRef recording, FileStream part, ReadOnlySpan<byte> piece) => SealedFile.Append(part, vault, Purpose(recording), piece);

    /// <summary>Holds the whole against its hash. It can be played then, or is gone.</summary>
    public bool Finish(AttachmentRef recording, FileStream part)
    {
        bool right = HashOf(recording, part).AsSpan().SequenceEqual(recording.Sha256.Span);
        if (right)
        {
            part.Flush(flushToDisk: true);
            File.Move(PartOf(recording), PathOf(recording), overwrite: true);
            SafeFile.SyncFolder(folder);
        }
        else
        {
            SafeFile.Remove(PartOf(recording));
        }
        return right;
    }

    /// <summary>It will not come: not_here (the centre has none for this car), wrong_hash, too_large, bad_reference.</summary>
    public void Refuse(AttachmentRef recording, string why)
    {
        refused[NameOf(recording)] = why;
        if (File.Exists(PartOf(recording)))
            SafeFile.Remove(PartOf(recording));
    }

    /// <summary>What the centre may have changed its mind about is asked for again in a new session.</summary>
    public void AskAgain() => refused.Clear();

    /// <summary>Removes what no call that goes on names any more, and what is past its clock.</summary>
    /// <returns>How many.</returns>
    public int Sweep()
    {
        HashSet<string> wanted = [.. Wanted().Select(c => NameOf(c.Recording))];
        string[] gone = [.. Directory.GetFiles(folder).Where(f => !wanted.Contains(Path.GetFileNameWithoutExtension(f)))];
        foreach (string file in gone)
            SafeFile.Remove(file);
        foreach (string name in refused.Keys.Where(n => !wanted.Contains(n)))
            _ = refused.TryRemove(name, out _);
        return gone.Length;
    }

    private byte[] HashOf(AttachmentRef recording, FileStream part)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long pieces = ((long)recording.SizeBytes + SealedFile.PieceBytes - 1) / SealedFile.PieceBytes;
        try
        {
            for (long index = 0; index < pieces; index++)
                hash.AppendData(SealedFile.Read(part, vault, Purpose(recording), index));
            return hash.GetHashAndReset();
        }
        catch (Exception error) when (error is CryptographicException or InvalidDataException)
        {
            // Changed on the disk between two starts.
            return [];
        }
    }

    private IEnumerable<Call> Wanted() => calls.Calls.Where(IsWanted).OrderByDescending(c => c.Urgent);

    private bool IsWanted(Call call) =>
        call.Recording is not null && CallBook.IsOwn(call) && !CallTransitions.IsOver(call.State)
        && call.ReceivedAtUnixMs >= clock.EarliestUnixMs - (policies.Current.RecordingDays * DayMs);

    private static string TypeOf(AttachmentRef recording) => Types.Contains(recording.MediaType) ? recording.MediaType : "application/octet-stream";

    private static string NameOf(AttachmentRef recording) => Convert.ToHexStringLower(recording.Sha256.Span);

    private static string Purpose(AttachmentRef recording) => $"recording/{NameOf(recording)}";

    private string PathOf(AttachmentRef recording) => Path.Combine(folder, $"{NameOf(recording)}.sealed");

    private string PartOf(AttachmentRef recording) => Path.Combine(folder, $"{NameOf(recording)}.part");
}
