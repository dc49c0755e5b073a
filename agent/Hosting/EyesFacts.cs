using System.Collections.Immutable;
using System.Threading.Channels;
using EdgeAgent.Eyes.V1;

namespace EdgeAgent.Agent.Hosting;

/// <summary>A camera's last word and when it came.</summary>
internal sealed record CameraWord(CameraStatus Status, long HeardMonoMs);

/// <summary>
/// What eyes last said and what it is to be told: the host's side of Attach, whichever process is attached. Visits wait in a
/// bounded queue; when matching falls behind, the oldest is forgotten and counted.
/// </summary>
internal sealed class EyesFacts
{
    private const int VisitCapacity = 256;

    /// <summary>Eight cameras and eight minutes of a disk that does not answer; then the oldest minute is lost.</summary>
    private const int SceneCapacity = 64;

    private readonly VisitGate visitGate;
    private readonly TrustedClock clock;
    private readonly Channel<Visit> visits;
    private readonly Channel<SceneMinute> scenes;
    private readonly ImmutableHashSet<string> cameraIds;
    private readonly Lock gate = new();
    private EyesCounters before = new();
    private ImmutableDictionary<string, CameraWord> cameras = ImmutableDictionary<string, CameraWord>.Empty;
    private EyesCounters counters = new();
    private ChannelWriter<HostMessage>? toEyes;
    private SetSeeing seeing = new();
    private LookAtCab cab = new();
    private EyesHello? hello;
    private long attachments, dropped;

    public EyesFacts(CarOptions options, CameraLogins logins, VisitGate visitGate, TrustedClock clock, TimeProvider time, ILogger<EyesFacts> log)
    {
        this.visitGate = visitGate;
        this.clock = clock;
        Assist = new AssistViews(Account, clock);
        Refusals = new RefusalLog("eyes", time, log);
        cameraIds = [.. options.Cameras.Select(c => c.Id)];
        Configuration = ConfigurationOf(options, logins);
        visits = Channel.CreateBounded<Visit>(
            new BoundedChannelOptions(VisitCapacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            old =>
            {
                old.Forget();
                Account.Deleted(old);
                _ = Interlocked.Increment(ref dropped);
            });
        scenes = Channel.CreateBounded<SceneMinute>(
            new BoundedChannelOptions(SceneCapacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    }

    public RefusalLog Refusals { get; }

    /// <summary>What became of the visits that came.</summary>
    public VisitAccount Account { get; } = new();

    /// <summary>Faces that an officer's Assist keeps for its minute.</summary>
    public AssistViews Assist { get; }

    /// <summary>Age of the oldest visit that waits to be compared, milliseconds; 0: none waits.</summary>
    public long OldestWaitingMs => visits.Reader.TryPeek(out Visit? first) ? Math.Max(1, clock.MonoMs - first.SettledMonoMs) : 0;

    public Configure Configuration { get; }

    /// <summary>For the one that matches.</summary>
    public ChannelReader<Visit> Visits => visits.Reader;

    /// <summary>Minutes in numbers, for the one that keeps them.</summary>
    public ChannelReader<SceneMinute> Scenes => scenes.Reader;

    /// <summary>Visits forgotten because matching fell behind.</summary>
    public long VisitsDropped => Interlocked.Read(ref dropped);

    public bool Attached
    {
        get { lock (gate) return toEyes is not null; }
    }

    /// <summary>How often eyes came back after the first time.</summary>
    public long Returns => Math.Max(0, Interlocked.Read(ref attachments) - 1);

    public IReadOnlyDictionary<string, CameraWord> Cameras
    {
        get { lock (gate) return cameras; }
    }

    public EyesHello? Hello
    {
        get { lock (gate) return hello; }
    }

    /// <summary>Summed over every eyes process of this run, except what is of the moment.</summary>
    public EyesCounters Counters
    {
        get { lock (gate) return Sum(before, counters); }
    }

    /// <summary>A look into the cab that was asked for; called one after another. Whoever takes it overwrites what it holds.</summary>
    public event Action<CabFrame>? CabSeen;

    /// <summary>Raised when eyes attached or went.</summary>
    public event Action? Changed;

    /// <summary>A new eyes process attached; what it is to be told goes into the writer from now on.</summary>
    public void Attach(EyesHello said, ChannelWriter<HostMessage> writer)
    {
        lock (gate)
        {
            _ = toEyes?.TryComplete();
            toEyes = writer;
            hello = said;
            _ = Interlocked.Increment(ref attachments);
            _ = writer.TryWrite(new HostMessage { Configure = Configuration });
            _ = writer.TryWrite(new HostMessage { Seeing = seeing });
            _ = writer.TryWrite(new HostMessage { Cab = cab });
        }
        Changed?.Invoke();
    }

    public void Detach(ChannelWriter<HostMessage> writer)
    {
        lock (gate)
        {
            if (toEyes != writer)
                return;
            toEyes = null;
            // What is of the moment stays as last said: a process that ended well gave every frame back.
            before = Sum(before, counters);
            counters = new EyesCounters { FramesOutstanding = counters.FramesOutstanding };
            cameras = ImmutableDictionary<string, CameraWord>.Empty;
        }
        Changed?.Invoke();
    }

    public void SetSeeing(bool faces, bool plates, TimeSpan plateMemory)
    {
        lock (gate)
            TellNeedsLock(new SetSeeing { Faces = faces, Plates = plates, PlateMemoryMs = (uint)plateMemory.TotalMilliseconds, Share = seeing.Share });
    }

    /// <summary>Analyses a share of the configured frames from now on, above 0 to 1.</summary>
    public void SetShare(float share)
    {
        lock (gate)
            TellNeedsLock(new SetSeeing(seeing) { Share = share });
    }

    private void TellNeedsLock(SetSeeing asked)
    {
        if (seeing.Equals(asked))
            return;
        seeing = asked;
        _ = toEyes?.TryWrite(new HostMessage { Seeing = seeing });
    }

    /// <summary>What eyes is to look for in the cab from now on.</summary>
    public void LookAtCab(LookAtCab asked)
    {
        lock (gate)
        {
            cab = asked;
            _ = toEyes?.TryWrite(new HostMessage { Cab = cab });
        }
    }

    /// <summary>Asks eyes to end by itself, giving every frame back.</summary>
    public void Stop()
    {
        lock (gate)
            _ = toEyes?.TryWrite(new HostMessage { Stop = new StopEyes() });
    }

    public void Take(EyesMessage message)
    {
        switch (message.BodyCase)
        {
            case EyesMessage.BodyOneofCase.Hello:
                lock (gate)
                    hello = message.Hello;
                break;
            case EyesMessage.BodyOneofCase.Camera:
                TakeCamera(message.Camera);
                break;
            case EyesMessage.BodyOneofCase.Counters:
                lock (gate)
                    counters = message.Counters;
                break;
            case EyesMessage.BodyOneofCase.Plate:
                TakeVisit(visitGate.Refusal(message.Plate, clock.MonoMs), () => new PlateSighting(message.Plate));
                break;
            case EyesMessage.BodyOneofCase.Face:
                TakeVisit(visitGate.Refusal(message.Face, clock.MonoMs), () => new FaceSighting(message.Face));
                break;
            case EyesMessage.BodyOneofCase.Scene:
                if (visitGate.Refusal(message.Scene, clock.MonoMs) is { Length: > 0 } why)
                    Refusals.Count(why);
                else
                    _ = scenes.Writer.TryWrite(message.Scene);
                break;
            case EyesMessage.BodyOneofCase.Cab:
                if (visitGate.Refusal(message.Cab, clock.MonoMs) is { Length: > 0 } bad)
                    Refusals.Count(bad);
                else
                    CabSeen?.Invoke(message.Cab);
                break;
            default:
                Refusals.Count("message");
                break;
        }
    }

    private void TakeVisit(string refusal, Func<Visit> visit)
    {
        if (refusal.Length > 0)
        {
            Refusals.Count(refusal);
            return;
        }
        Visit came = visit();
        Account.Seen(came);
        _ = visits.Writer.TryWrite(came);
    }

    private void TakeCamera(CameraStatus status)
    {
        if (!cameraIds.Contains(status.CameraId) || status.Detail.Length > 400 || status.Codec.Length > 32)
        {
            Refusals.Count("camera_status");
            return;
        }
        lock (gate)
            cameras = cameras.SetItem(status.CameraId, new CameraWord(status, clock.MonoMs));
    }

    private static EyesCounters Sum(EyesCounters a, EyesCounters b) => new()
    {
        FramesDecoded = a.FramesDecoded + b.FramesDecoded,
        FramesAnalysed = a.FramesAnalysed + b.FramesAnalysed,
        FramesDropped = a.FramesDropped + b.FramesDropped,
        FaceTracks = a.FaceTracks + b.FaceTracks,
        FaceEmbeddings = a.FaceEmbeddings + b.FaceEmbeddings,
        PlateTracks = a.PlateTracks + b.PlateTracks,
        PlateReads = a.PlateReads + b.PlateReads,
        CpuSeconds = a.CpuSeconds + b.CpuSeconds,
        FrameBytes = a.FrameBytes + b.FrameBytes,
        QuietFrames = a.QuietFrames + b.QuietFrames,
        QuietFrameBytes = a.QuietFrameBytes + b.QuietFrameBytes,
        ReaderBytes = a.ReaderBytes + b.ReaderBytes,
        AllocatedBytes = a.AllocatedBytes + b.AllocatedBytes,
        LooksTaken = a.LooksTaken + b.LooksTaken,
        LooksDropped = a.LooksDropped + b.LooksDropped,
        MainPictures = a.MainPictures + b.MainPictures,
        FramesOutstanding = b.FramesOutstanding,
        RssBytes = b.RssBytes,
        OldestFaceMs = b.OldestFaceMs,
        OldestPlateMs = b.OldestPlateMs,
    };

    private static Configure ConfigurationOf(CarOptions options, CameraLogins logins)
    {
        Configure configure = options.Vision.ToConfigure();
        configure.Cameras.AddRange(options.Cameras.Select(logins.Into).Select(c =>
            new Camera { Id = c.Id, MainUrl = c.Main, SubUrl = c.Sub, PreviewOnly = c.PreviewOnly }));
        return configure;
    }
}
