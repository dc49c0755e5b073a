using EdgeAgent.Hw.Frames;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Hw.Cameras;

/// <summary>One camera as it is to be read.</summary>
/// <param name="Id">Its name in this car.</param>
/// <param name="MainUrl">Full-resolution stream: rtsp://, rtsps:// or a file that is played in a loop.</param>
/// <param name="SubUrl">Small stream for detection and previews.</param>
/// <param name="KeepMain">Read the main stream into the ring. The cab camera has none: it is never recorded.</param>
/// <param name="Ring">Bounds of the main stream's ring.</param>
/// <param name="MainDecoding">What of the main stream is decoded as it comes.</param>
public sealed record CameraOptions(
    string Id, string MainUrl, string SubUrl, bool KeepMain, PacketRingOptions Ring, Decoding MainDecoding = Decoding.None);

/// <summary>
/// Who takes a camera's frames. Each takes and owns them, on the reader's thread: it must be quick. Null: none of this kind are made.
/// </summary>
/// <param name="Analysed">Sub-stream frames for analysis.</param>
/// <param name="Previewed">Sub-stream frames for previews.</param>
/// <param name="MainAnalysed">Main-stream frames for analysis, as far as the main stream is decoded as it comes.</param>
public sealed record FrameTakers(Action<Frame>? Analysed, Action<Frame>? Previewed = null, Action<Frame>? MainAnalysed = null);

/// <summary>What a camera is doing, at one instant.</summary>
/// <param name="Phase">The sub-stream's phase and, where it is read, the main stream's: the worse of the two.</param>
/// <param name="Detail">Why it is lost; empty otherwise.</param>
/// <param name="MainFps">Packets per second of the main stream.</param>
/// <param name="SubFps">Packets per second of the sub-stream.</param>
/// <param name="Width">Of the main stream (of the sub-stream where there is no main), pixels; 0 while unknown.</param>
/// <param name="Height">Likewise.</param>
/// <param name="Codec">h264, hevc; empty while unknown.</param>
/// <param name="LastFrameMonoMs">Arrival of the newest sub-stream packet; 0 before the first.</param>
/// <param name="Reconnects">Streams lost since the start, both together.</param>
/// <param name="Frozen">The same picture has been coming for seconds.</param>
/// <param name="Black">Nothing but black has been coming for seconds.</param>
public sealed record CameraState(
    CameraPhase Phase, string Detail, float MainFps, float SubFps, int Width, int Height, string Codec, long LastFrameMonoMs,
    long Reconnects, bool Frozen, bool Black);

/// <summary>
/// A supervised camera: a thread per stream that opens it, reads it and opens it again when it fails. The main stream fills
/// <see cref="Ring"/>; the sub-stream is decoded into frames. Both can be watched live. Frames and packets of one camera never wait
/// for another camera.
/// </summary>
public sealed class CameraReader : IDisposable
{
    private readonly FrameSource _frames;
    private readonly FrameSource? _mainFrames;
    private readonly PictureHistory? _history;
    private readonly AllocationMeter _subMeter = new();
    private readonly AllocationMeter _mainMeter = new();
    private readonly StreamReader? _main;
    private readonly StreamReader _sub;

    /// <param name="options">What to read.</param>
    /// <param name="pool">Where frames are rented; an empty pool drops frames and counts them.</param>
    /// <param name="takers">Who takes them.</param>
    /// <param name="time">Clock of captures and deadlines.</param>
    /// <param name="logger">For lost and found streams.</param>
    public CameraReader(CameraOptions options, FramePool pool, FrameTakers takers, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(takers);
        Id = options.Id;
        Ring = new PacketRing(options.Ring);
        _frames = new FrameSource(Id, pool, takers.Analysed, takers.Previewed, _subMeter);
        _sub = new StreamReader($"{Id}/sub", options.SubUrl, time, logger, _subMeter, _frames);
        if (!options.KeepMain)
            return;
        if (options.MainDecoding == Decoding.All)
            _history = new PictureHistory();
        if (options.MainDecoding != Decoding.None)
            _mainFrames = new FrameSource(Id, pool, takers.MainAnalysed, null, _mainMeter, options.MainDecoding, _history);
        _main = new StreamReader(
            $"{Id}/main", options.MainUrl, time, logger, _mainMeter, _mainFrames is null ? [Ring] : [Ring, _mainFrames]);
    }

    public string Id { get; }

    /// <summary>The main stream's last seconds; stays empty where main is not kept.</summary>
    public PacketRing Ring { get; }

    /// <summary>Rate and size of frames for analysis; none at first.</summary>
    public FrameRateLimit Analysis => _frames.Analysis;

    /// <summary>Rate and size of previews; none at first.</summary>
    public FrameRateLimit Preview => _frames.Preview;

    /// <summary>Rate and size of main-stream frames for analysis, where the main stream is decoded as it comes; none at first.</summary>
    public FrameRateLimit? MainAnalysis => _mainFrames?.Analysis;

    /// <summary>Sub-stream pictures decoded since the start.</summary>
    public long FramesDecoded => _frames.Decoded;

    /// <summary>Frames that were due while the pool was empty.</summary>
    public long FramesStarved => _frames.Starved + (_mainFrames?.Starved ?? 0);

    /// <summary>Managed bytes that both threads allocated for reading, keeping, decoding and handing out frames; previews and live views left out.</summary>
    public long AllocatedBytes => _subMeter.Bytes + _mainMeter.Bytes;

    /// <summary>Size of the main stream, pixels; zero while it is not streaming.</summary>
    public (int Width, int Height) MainSize => _main?.Status.Format is { } format ? (format.Width, format.Height) : default;

    /// <summary>A snapshot; cheap enough for once a second and more.</summary>
    public CameraState State
    {
        get
        {
            var sub = _sub.Status;
            var main = _main?.Status;
            var worse = main is not null && Severity(main.Phase) > Severity(sub.Phase) ? main : sub;
            string name = ReferenceEquals(worse, main) ? "main stream: " : "sub-stream: ";
            var shown = (main ?? sub).Format;
            return new CameraState(
                worse.Phase, worse.Detail.Length > 0 ? name + worse.Detail : "", _main?.Fps ?? 0, _sub.Fps, shown?.Width ?? 0,
                shown?.Height ?? 0, shown?.CodecName ?? "", _sub.LastPacketMonoMs, _sub.Reconnects + (_main?.Reconnects ?? 0),
                _frames.Frozen, _frames.Black);
        }
    }

    public void Start()
    {
        _sub.Start();
        _main?.Start();
    }

    /// <summary>Opens a live view: fragments begin at the stream's next key frame.</summary>
    /// <param name="main">The main stream; where it cannot be shown in a browser (HEVC) the sub-stream is taken.</param>
    /// <returns>Null: neither stream can be shown now.</returns>
    public LiveView? OpenLive(bool main)
    {
        foreach (var reader in main && _main is not null ? new[] { _main, _sub } : [_sub])
            if (reader.Status.Format?.MimeType is not null)
                return new LiveView(reader);
        return null;
    }

    /// <summary>A decoder for single instants of the main stream; the caller owns it.</summary>
    public RingDecoder NewMainDecoder() => new(Ring, _history);

    /// <summary>Tells both threads to end, without waiting for them.</summary>
    public void RequestStop()
    {
        _sub.RequestStop();
        _main?.RequestStop();
    }

    public void Dispose()
    {
        RequestStop();
        _sub.Dispose();
        _main?.Dispose();
        _frames.Dispose();
        _mainFrames?.Dispose();
        _history?.Dispose();
        Ring.Dispose();
    }

    private static int Severity(CameraPhase phase) => phase switch
    {
        CameraPhase.Streaming => 0,
        CameraPhase.Connecting => 1,
        _ => 2,
    };
}
