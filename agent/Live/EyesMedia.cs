using System.Collections.Immutable;
using System.Threading.Channels;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Privacy;
using EdgeAgent.Eyes.V1;

namespace EdgeAgent.Agent.Live;

/// <summary>
/// Pictures and video from eyes to whoever watches: the host's side of Media. Eyes is asked for previews only while somebody
/// looks, and for a live stream only while somebody watches it; when eyes comes back it is asked again.
/// </summary>
internal sealed class EyesMedia(CarOptions options, EyesFacts facts, PrivacyBook privacy, PtzDesk heads)
{
    private const float PreviewFps = 4;
    private const uint PreviewWidth = 480;
    private const int MaxPreviewBytes = 256 * 1024, MaxInitBytes = 64 * 1024, MaxFragmentBytes = 8 * 1024 * 1024;
    private const int MaxStillBytes = 3 << 20;
    private const int MaxTextCharacters = 400, MaxLive = 16;

    private readonly HashSet<string> cameraIds = [.. options.Cameras.Select(c => c.Id)];
    private readonly Lock gate = new();
    private ImmutableArray<PreviewWatch> previews = [];
    private ImmutableDictionary<string, LiveWatch> live = ImmutableDictionary<string, LiveWatch>.Empty;
    private ChannelWriter<MediaRequest>? toEyes;

    /// <summary>The heads of those cameras that have one.</summary>
    public PtzDesk Heads => heads;

    /// <summary>A piece of a clip; called one after another.</summary>
    public event Action<ClipChunk>? ClipCame;

    /// <summary>A picture that was asked for, or why there is none.</summary>
    public event Action<StillPicture>? StillCame;

    /// <summary>Another eyes process answers from now on: what the one before held is gone.</summary>
    public event Action? Replaced;

    /// <summary>Whether eyes are there to be asked.</summary>
    public bool IsHeard
    {
        get
        {
            lock (gate)
                return toEyes is not null;
        }
    }

    public PreviewWatch WatchPreviews()
    {
        var watch = new PreviewWatch(options.Cameras.Count, ended =>
        {
            lock (gate)
            {
                previews = previews.Remove(ended);
                if (previews.IsEmpty)
                    AskPreviews();
            }
        });
        lock (gate)
        {
            previews = previews.Add(watch);
            if (previews.Length == 1)
                AskPreviews();
        }
        return watch;
    }

    /// <summary>"" when the camera may be watched live; unknown_camera or camera_not_leased (the cab camera) else.</summary>
    public string WhyNoLive(string cameraId) => options.Cameras.FirstOrDefault(c => c.Id == cameraId) switch
    {
        null => "unknown_camera",
        { PreviewOnly: true } => "camera_not_leased",
        _ => "",
    };

    /// <summary>As <see cref="WhyNoLive"/>, for whoever is not in the car: privacy_place besides.</summary>
    public string WhyNoLease(string cameraId) => WhyNoLive(cameraId) is { Length: > 0 } why ? why : privacy.WhyNoView(cameraId);

    /// <summary>A live stream of a camera; null when it has none or too many run already.</summary>
    public LiveWatch? WatchLive(string cameraId, bool main)
    {
        if (WhyNoLive(cameraId).Length > 0)
            return null;
        var watch = new LiveWatch(Guid.NewGuid().ToString("n"), cameraId, main, ended =>
        {
            lock (gate)
            {
                live = live.Remove(ended.StreamId);
                Ask(new MediaRequest { StopLive = new StopLive { StreamId = ended.StreamId } });
            }
        });
        lock (gate)
        {
            if (live.Count >= MaxLive)
                return null;
            live = live.Add(watch.StreamId, watch);
            AskLive(watch);
        }
        return watch;
    }

    /// <summary>Asks for a stream again that failed.</summary>
    public void Again(LiveWatch watch)
    {
        lock (gate)
        {
            if (live.ContainsKey(watch.StreamId))
                AskLive(watch);
        }
    }

    /// <summary>Asks for something about a clip, or for a picture.</summary>
    /// <returns>False when no eyes are there to hear it.</returns>
    public bool AskFor(MediaRequest request)
    {
        lock (gate)
            return toEyes?.TryWrite(request) == true;
    }

    public void Attach(ChannelWriter<MediaRequest> writer)
    {
        Replaced?.Invoke();
        lock (gate)
        {
            _ = toEyes?.TryComplete();
            toEyes = writer;
            if (!previews.IsEmpty)
                AskPreviews();
            foreach (LiveWatch watch in live.Values)
                AskLive(watch);
        }
    }

    public void Detach(ChannelWriter<MediaRequest> writer)
    {
        lock (gate)
        {
            if (toEyes == writer)
                toEyes = null;
        }
    }

    public void Take(MediaMessage message)
    {
        switch (message.BodyCase)
        {
            case MediaMessage.BodyOneofCase.Preview when IsInOrder(message.Preview):
                foreach (PreviewWatch watch in previews)
                    watch.Offer(message.Preview);
                break;
            case MediaMessage.BodyOneofCase.LiveStart when IsInOrder(message.LiveStart):
                live.GetValueOrDefault(message.LiveStart.StreamId)?.Offer(message.LiveStart, null, null);
                break;
            case MediaMessage.BodyOneofCase.LiveFragment when message.LiveFragment.Data.Length is > 0 and <= MaxFragmentBytes:
                live.GetValueOrDefault(message.LiveFragment.StreamId)?.Offer(null, message.LiveFragment, null);
                break;
            case MediaMessage.BodyOneofCase.LiveFailed when message.LiveFailed.Detail.Length <= MaxTextCharacters:
                live.GetValueOrDefault(message.LiveFailed.StreamId)?.Offer(null, null, message.LiveFailed.Detail);
                break;
            case MediaMessage.BodyOneofCase.Still when IsInOrder(message.Still):
                StillCame?.Invoke(message.Still);
                break;
            case MediaMessage.BodyOneofCase.Clip when IsInOrder(message.Clip):
                ClipCame?.Invoke(message.Clip);
                break;
            default:
                facts.Refusals.Count("media");
                break;
        }
    }

    private bool IsInOrder(Preview preview) => cameraIds.Contains(preview.CameraId) && preview.Jpeg.Length is > 0 and <= MaxPreviewBytes;

    private static bool IsInOrder(LiveStart start) => start.InitSegment.Length is > 0 and <= MaxInitBytes && start.Mime.Length <= MaxTextCharacters;

    private static bool IsInOrder(ClipChunk chunk) =>
        chunk.RequestId.Length is > 0 and <= MaxTextCharacters && chunk.Data.Length <= MaxFragmentBytes && chunk.Error.Length <= MaxTextCharacters;

    private static bool IsInOrder(StillPicture still) =>
        still.RequestId.Length is > 0 and <= MaxTextCharacters && still.Error.Length <= MaxTextCharacters && still.Jpeg.Length <= MaxStillBytes
        && (still.Error.Length > 0 || still.Jpeg.Span is [0xFF, 0xD8, 0xFF, ..]);

    private void AskPreviews() =>
        Ask(new MediaRequest { Preview = new SetPreview { Fps = previews.IsEmpty ? 0 : PreviewFps, Width = PreviewWidth } });

    private void AskLive(LiveWatch watch) =>
        Ask(new MediaRequest { StartLive = new StartLive { StreamId = watch.StreamId, CameraId = watch.CameraId, Main = watch.Main } });

    private void Ask(MediaRequest request) => _ = toEyes?.TryWrite(request);
}
