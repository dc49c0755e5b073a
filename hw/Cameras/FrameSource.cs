using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;
using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Cameras;

/// <summary>Which packets of a stream are decoded.</summary>
public enum Decoding
{
    /// <summary>None.</summary>
    None,

    /// <summary>Only pictures that stand for themselves: one a second of most cameras, at a twenty-fifth of the cost.</summary>
    KeyFrames,

    /// <summary>Every picture, since they depend on each other.</summary>
    All,
}

/// <summary>
/// Decodes a stream and hands out frames at a wanted rate and size: one way for analysis, one for previews, since each frame has one
/// owner. Only the wanted pictures are converted.
/// </summary>
internal sealed class FrameSource(
    string cameraId, FramePool pool, Action<Frame>? analysed, Action<Frame>? previewed, AllocationMeter meter,
    Decoding decoding = Decoding.All, PictureHistory? history = null)
    : IPacketSink, IDisposable
{
    private readonly FrameWay _analysis = new(cameraId, pool, analysed);
    private readonly FrameWay _preview = new(cameraId, pool, previewed);
    private readonly FreezeDetector _freeze = new();
    private readonly BlackDetector _black = new();
    private readonly MotionMeter _motion = new();
    private readonly Lock _gate = new();
    private StreamFormat? _format;
    private Decoder? _decoder;
    private bool _waitForKey;
    private long _decoded;
    private long _starved;
    private volatile bool _frozen, _isBlack;
    private bool _disposed;

    public FrameRateLimit Analysis => _analysis.Limit;

    public FrameRateLimit Preview => _preview.Limit;

    public bool Frozen => _frozen;

    public bool Black => _isBlack;

    public long Decoded => Interlocked.Read(ref _decoded);

    /// <summary>Frames that were wanted and not made because the pool was empty.</summary>
    public long Starved => Interlocked.Read(ref _starved);

    public unsafe void OnPacket(in StreamPacket packet)
    {
        lock (_gate)
        {
            if (_disposed || !Prepare(packet) || (decoding == Decoding.KeyFrames && !packet.Key))
                return;
            _ = _decoder!.Send(packet.Packet.Pointer);
            if (decoding == Decoding.KeyFrames)
            {
                // Drained, it gives the picture now and not with the next key frame.
                _ = _decoder.Send(null);
                if (_decoder.TryReceive())
                    OnPicture(_decoder.Picture, packet);
                _decoder.Flush();
                return;
            }
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
            _black.Reset(packet.CapturedMonoMs);
            (_frozen, _isBlack) = (false, false);
            _waitForKey = true;
            history?.Clear();
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
        _black.Look(picture, packet.Key, packet.CapturedMonoMs);
        (_frozen, _isBlack) = (_freeze.Frozen, _black.Black);
        history?.Keep(picture, packet);
        // A camera's sub-stream has no B-frames, so that the picture out is the packet in; where one has, this is a frame late.
        if (_analysis.IsDue(packet) && IsWanted(picture, packet) && !_analysis.TryMake(picture, packet))
            Interlocked.Increment(ref _starved);
        // A preview is a message with a JPEG of its own: not what a frame costs.
        meter.End();
        if (_preview.IsDue(packet) && !_preview.TryMake(picture, packet))
            Interlocked.Increment(ref _starved);
        meter.Begin();
    }

    private unsafe bool IsWanted(AVFrame* picture, in StreamPacket packet)
    {
        bool moving = !_analysis.Limit.SparesStill || _motion.Look(picture, packet.CapturedMonoMs);
        return _analysis.Limit.IsWanted(packet.CapturedMonoMs, moving);
    }
}

/// <summary>One taker of frames: its rate, its size, its scaler.</summary>
internal sealed class FrameWay(string cameraId, FramePool pool, Action<Frame>? taker) : IDisposable
{
    private readonly Scaler _scaler = new(ScaleQuality.Fast);
    private long _sequence;

    public FrameRateLimit Limit { get; } = new();

    public bool IsDue(in StreamPacket packet) => taker is not null && Limit.IsDue(packet.CapturedMonoMs);

    /// <summary>False: the pool had no frame.</summary>
    public unsafe bool TryMake(AVFrame* picture, in StreamPacket packet)
    {
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
        frame.Mark(new FrameStamp(cameraId, _sequence++, packet.CapturedMonoMs, packet.CapturedUnixMs));
        taker!(frame);
        return true;
    }

    public void Dispose() => _scaler.Dispose();
}
