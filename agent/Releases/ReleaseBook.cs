using System.Security.Cryptography;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Releases;

/// <summary>
/// The release that the centre offers this car, and what has been fetched of it: one at a time, a newer offer takes the place of an
/// older one, and one that was installed is forgotten here. The bytes are held against the offered hash; whose signature the bundle
/// carries is looked at by who installs it.
/// </summary>
internal sealed partial class ReleaseBook
{
    private const int MaxVersionCharacters = 64;
    private const ulong MaxBytes = 4UL << 30;

    private readonly Lock gate = new();
    private readonly string folder;
    private readonly Ledger ledger;
    private readonly ILogger log;
    private ReleaseOffer? offer;

    public ReleaseBook(CarOptions options, Ledger ledger, ILogger<ReleaseBook> log)
    {
        (this.ledger, this.log) = (ledger, log);
        folder = Path.Combine(options.DataDirectory, "releases");
        SafeFile.CreateFolder(folder);
        try
        {
            offer = File.Exists(OfferPath) ? ReleaseOffer.Parser.ParseFrom(File.ReadAllBytes(OfferPath)) : null;
        }
        catch (InvalidProtocolBufferException)
        {
            LogLost(log);
        }
        RemoveOthers();
    }

    /// <summary>What is offered and not fetched yet.</summary>
    public ReleaseOffer? Waiting
    {
        get { lock (gate) return offer is not null && !File.Exists(BundlePath(offer)) ? offer : null; }
    }

    /// <summary>What is here whole and not installed yet.</summary>
    public ReleaseOffer? Fetched
    {
        get { lock (gate) return offer is not null && File.Exists(BundlePath(offer)) ? offer : null; }
    }

    /// <summary>Whether this is still what is offered.</summary>
    public bool Offers(ReleaseOffer waiting)
    {
        lock (gate)
            return offer == waiting;
    }

    public long BytesHeld
    {
        get { lock (gate) return offer is null ? 0 : new[] { BundlePath(offer), PartPath(offer) }.Select(p => new FileInfo(p)).FirstOrDefault(f => f.Exists)?.Length ?? 0; }
    }

    /// <summary>For the terminal; null when nothing is offered.</summary>
    public object? View()
    {
        lock (gate)
        {
            return offer is null ? null : new
            {
                offer.Version,
                offer.Required,
                offer.SizeBytes,
                bytesHeld = BytesHeld,
                state = File.Exists(BundlePath(offer)) ? "fetched" : "fetching",
            };
        }
    }

    /// <summary>Notes an offer. Durable when this returns "".</summary>
    /// <returns>"" or bad_release.</returns>
    public string Take(ReleaseOffer offered)
    {
        bool named = offered.Version.Length is > 0 and <= MaxVersionCharacters && offered.Version.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+' or '_');
        if (!named || offered.SizeBytes is 0 or > MaxBytes || offered.Sha256.Length != SHA256.HashSizeInBytes)
            return "bad_release";
        lock (gate)
        {
            SafeFile.Replace(OfferPath, offered.ToByteArray());
            offer = offered;
            RemoveOthers();
        }
        return "";
    }

    /// <summary>Opens what was fetched so far, to go on at its end.</summary>
    public FileStream OpenPart(ReleaseOffer waiting)
    {
        var part = new FileStream(PartPath(waiting), new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, UnixCreateMode = SafeFile.OwnerOnly });
        // Never longer than what was offered: such a file is none of ours.
        if ((ulong)part.Length > waiting.SizeBytes)
            part.SetLength(0);
        return part;
    }

    /// <summary>Holds the whole file against the offered hash. It is the release then, or gone.</summary>
    /// <param name="resumed">
    /// Some of it lay here before: a power cut may have left bytes that were never written. Where the hash is wrong it is fetched anew
    /// from its first byte, and dropped only if that is no better.
    /// </param>
    public async Task<bool> FinishAsync(ReleaseOffer waiting, FileStream part, bool resumed, CancellationToken stop)
    {
        part.Position = 0;
        bool right = (await SHA256.HashDataAsync(part, stop)).AsSpan().SequenceEqual(waiting.Sha256.Span);
        if (!right && resumed)
        {
            part.SetLength(0);
            LogAnew(log, waiting.Version);
            return false;
        }
        if (!right)
        {
            Drop(waiting, "wrong_hash");
            return false;
        }
        lock (gate)
        {
            if (offer != waiting)
                return false;
            // Said first: a power cut in between says it twice, not never.
            Report(waiting, ReleaseOutcome.Fetched, "");
            File.Move(PartPath(waiting), BundlePath(waiting), overwrite: true);
            SafeFile.SyncFolder(folder);
        }
        LogFetched(log, waiting.Version);
        return true;
    }

    /// <summary>Forgets an offer that is in its slot now; who wrote it there has said so.</summary>
    public void Forget(ReleaseOffer installed)
    {
        lock (gate)
        {
            if (offer == installed)
                Clear();
        }
    }

    /// <summary>Forgets an offer of this version that the centre takes back.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Withdraw(string version)
    {
        lock (gate)
        {
            if (offer is not { } waiting || waiting.Version != version)
                return false;
            Drop(waiting, "withdrawn");
            return true;
        }
    }

    /// <summary>Forgets an offer that cannot be fetched or installed.</summary>
    public void Drop(ReleaseOffer waiting, string code)
    {
        lock (gate)
        {
            if (offer != waiting)
                return;
            Report(waiting, ReleaseOutcome.Dropped, code);
            Clear();
        }
        LogDropped(log, waiting.Version, code);
    }

    private void Report(ReleaseOffer about, ReleaseOutcome outcome, string code) => ledger.Record(
        new AuditDraft(AuditKind.Configuration, AuditDraft.System, "", $"release/{about.Version}", outcome == ReleaseOutcome.Fetched ? "release_fetched" : code),
        Lane.Status, Priority.Normal, "",
        e => e.ReleaseState = new ReleaseState { Version = about.Version, Outcome = outcome, Code = code });

    private void Clear()
    {
        offer = null;
        SafeFile.Remove(OfferPath);
        RemoveOthers();
    }

    private void RemoveOthers()
    {
        string[] keep = offer is null ? [] : [OfferPath, PartPath(offer), BundlePath(offer)];
        foreach (string file in Directory.GetFiles(folder).Except(keep))
            SafeFile.Remove(file);
    }

    private string OfferPath => Path.Combine(folder, "offer");

    private string PartPath(ReleaseOffer of) => Path.Combine(folder, $"{Name(of)}.part");

    private string BundlePath(ReleaseOffer of) => Path.Combine(folder, $"{Name(of)}.bundle");

    private static string Name(ReleaseOffer of) => Convert.ToHexStringLower(of.Sha256.Span);

    [LoggerMessage(4180, LogLevel.Information, "Release {Version} is fetched and has the offered hash; it waits to be installed.")]
    private static partial void LogFetched(ILogger log, string version);

    [LoggerMessage(4181, LogLevel.Warning, "Release {Version} is dropped ({Code}).")]
    private static partial void LogDropped(ILogger log, string version, string code);

    [LoggerMessage(4184, LogLevel.Warning, "What was fetched of release {Version} before the last start is damaged; it is fetched anew.")]
    private static partial void LogAnew(ILogger log, string version);

    [LoggerMessage(4182, LogLevel.Error, "The note of an offered release cannot be read and is dropped; the centre can offer it again.")]
    private static partial void LogLost(ILogger log);
}
