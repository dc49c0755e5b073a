using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;
using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Cameras;

/// <summary>
/// Decodes a stream and hands out frames at a wanted rate and size: one way for analysis, one for previews, since each frame has one
/// owner. Every picture is decoded (they depend on each other), only the wanted ones are converted.
/// </summary>
internal sealed class FrameSource(string cameraId, FramePool pool, Action<Frame>? analysed, Action<Frame>? previewed)
    : IPacketSink, IDisposable
{
    private readonly Way _analysis = new(cameraId, pool, analysed, ScaleQuality.Fast);
    private readonly Way _preview = new(cameraId, pool, previewed, ScaleQuality.Fast);
    private readonly FreezeDetector _freeze = new();
    private readonly Lock _gate = new();
    private StreamFormat? _format;
    private Decoder? _decoder;
    private bool _waitForKey;
    private long _decoded;
    private long _starved;
    private volatile bool _frozen;
    private bool _disposed;

    public FrameRateLimit Analysis => _analysis.Limit;

    public FrameRateLimit Preview => _preview.Limit;

    public bool Frozen => _frozen;

    public long Decoded => Interlocked.Read(ref _decoded);

    /// <summary>Frames that were wanted and not made because the pool was empty.</summary>
    public long Starved => Interlocked.Read(ref _starved);

    public unsafe void OnPacket(in StreamPacket packet)
    {
        lock (_gate)
        {
            if (_disposed || !Prepare(packet))
                return;
            _ = _decoder!.Send(packet.Packet.Pointer);
            while (_decoder.TryReceive())
                OnPicture(_decoder.Picture, packet);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _decoder?.Dispose();
            _analysis.Dispose();
            _preview.Dispose();
        }
    }

    /// <summary>A decoder for this packet's connection; false until its first key frame.</summary>
    private bool Prepare(in StreamPacket packet)
    {
        if (!ReferenceEquals(_format, packet.Format))
        {
            _format = packet.Format;
            _decoder?.Dispose();
            _decoder = null;
            _freeze.Reset(packet.CapturedMonoMs);
            _frozen = false;
            _waitForKey = true;
            try
            {
                _decoder = packet.Format.OpenDecoder();
            }
            catch (FfmpegException)
            {
                // No decoder for this codec: packets still reach the ring and viewers, and the camera shows no frames.
                return false;
            }
        }
        if (_waitForKey && packet.Key)
            _waitForKey = false;
        return _decoder is not null && !_waitForKey;
    }

    private unsafe void OnPicture(AVFrame* picture, in StreamPacket packet)
    {
        Interlocked.Increment(ref _decoded);
        _freeze.Look(picture, packet.Key, packet.CapturedMonoMs);
        _frozen = _freeze.Frozen;
        // A camera's sub-stream has no B-frames, so that the picture out is the packet in; where one has, this is a frame late.
        if (!_analysis.TryMake(picture, packet) | !_preview.TryMake(picture, packet))
            Interlocked.Increment(ref _starved);
    }

    /// <summary>One taker of frames: its rate, its size, its scaler.</summary>
    private sealed class Way(string cameraId, FramePool pool, Action<Frame>? taker, ScaleQuality quality) : IDisposable
    {
        private readonly Scaler _scaler = new(quality);
        private long _sequence;

        public FrameRateLimit Limit { get; } = new();

        /// <summary>False: a frame was due and the pool had none.</summary>
        public unsafe bool TryMake(AVFrame* picture, in StreamPacket packet)
        {
            if (taker is null || !Limit.IsDue(packet.CapturedMonoMs))
                return true;
            int width = Math.Min(Limit.MaxWidth, picture->width);
            int height = Math.Max(2, (int)Math.Round((double)picture->height * width / picture->width));
            if (pool.TryRent(width, height) is not { } frame)
                return false;
            try
            {
                _scaler.Convert(picture, frame);
            }
            catch (FfmpegException)
            {
                frame.Dispose();
                return true;
            }
            frame.CameraId = cameraId;
            frame.Sequence = _sequence++;
            frame.CapturedMonoMs = packet.CapturedMonoMs;
            frame.CapturedUnixMs = packet.CapturedUnixMs;
            taker(frame);
            return true;
        }

        public void Dispose() => _scaler.Dispose();
    }
}

/// <summary>A wanted frame rate and width, changed by one thread and asked by another.</summary>
public sealed class FrameRateLimit
{
    private volatile float _fps;
    private volatile int _maxWidth = 640;
    private double _nextMs = double.NegativeInfinity;

    /// <summary>Frames per second; 0: none.</summary>
    public float Fps
    {
        get => _fps;
        set => _fps = value;
    }

    /// <summary>Frames are scaled down to at most this width, in pixels, keeping their shape.</summary>
    public int MaxWidth
    {
        get => _maxWidth;
        set => _maxWidth = Math.Clamp(value, 16, FramePool.MaxSide);
    }

    /// <summary>By capture time, so that jitter on the way does not thin out the frames.</summary>
    internal bool IsDue(long capturedMs)
    {
        float fps = _fps;
        if (fps <= 0)
            return false;
        double step = 1000 / fps;
        // A tenth of a step early is on time: 25 fps does not divide into 10.
        if (capturedMs + step / 10 < _nextMs)
            return false;
        _nextMs = capturedMs > _nextMs + 2 * step ? capturedMs + step : _nextMs + step;
        return true;
    }
}
