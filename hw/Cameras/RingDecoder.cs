using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;

namespace EdgeAgent.Hw.Cameras;

/// <summary>
/// Shows single instants of the main stream, decoded on demand from the ring: from the key frame before the wanted picture up to it.
/// It remembers how far it got, so that several instants of one group of pictures, asked in order, cost one pass. Where the stream is
/// decoded all along, the picture is taken from there. Not thread-safe.
/// </summary>
public sealed class RingDecoder : IDisposable
{
    /// <summary>A decoder that reorders gives a picture up to this many packets late.</summary>
    private const int MaxDelayPackets = 4;

    /// <summary>Decoded pictures are kept every 100 ms: one is always about as near as this.</summary>
    private const long HistoryToleranceMs = 60;

    private readonly PacketRing _ring;
    private readonly PictureHistory? _history;
    private readonly PictureHandle _picture = new();
    private readonly PacketBatch _batch = new();
    private readonly Scaler _scaler = new(ScaleQuality.Exact);
    private StreamFormat? _format;
    private Decoder? _decoder;
    private long _shownSequence = -1;
    private bool _hasPicture;
    private long _fedSequence = -1;

    public RingDecoder(PacketRing ring)
        : this(ring, null)
    {
    }

    internal RingDecoder(PacketRing ring, PictureHistory? history)
    {
        ArgumentNullException.ThrowIfNull(ring);
        _ring = ring;
        _history = history;
    }

    /// <summary>Size of the picture shown, pixels; 0 before the first.</summary>
    public unsafe int Width => _hasPicture ? _picture.Pointer->width : 0;

    public unsafe int Height => _hasPicture ? _picture.Pointer->height : 0;

    /// <summary>When the picture shown was captured.</summary>
    public long CapturedMonoMs { get; private set; }

    public long CapturedUnixMs { get; private set; }

    /// <summary>Whether it holds a decoder and its pictures: some 20 MB of a 1080p stream.</summary>
    public bool IsOpen => _decoder is not null;

    /// <summary>Pictures decoded since the start: what this way of seeing costs.</summary>
    public long PicturesDecoded { get; private set; }

    /// <summary>
    /// Decodes the picture captured nearest to an instant. False: the ring holds none within <paramref name="toleranceMs"/>, its key
    /// frame is gone, or it is damaged.
    /// </summary>
    public bool TryShow(long monoMs, long toleranceMs)
    {
        if (_history is not null && _history.TryTake(monoMs, Math.Min(toleranceMs, HistoryToleranceMs), _picture, out long mono, out long unix))
        {
            (CapturedMonoMs, CapturedUnixMs, _shownSequence) = (mono, unix, -1);
            return _hasPicture = true;
        }
        if (!_ring.TryFind(monoMs, toleranceMs, out var target))
            return false;
        if (_hasPicture && target.Sequence == _shownSequence && ReferenceEquals(target.Format, _format))
            return true;
        Hide();
        try
        {
            Prepare(target);
            long from = _fedSequence >= target.KeySequence && _fedSequence < target.Sequence ? _fedSequence + 1 : target.KeySequence;
            if (from == target.KeySequence)
                _decoder!.Flush();
            // Until the end is reached the decoder stands nowhere that could be continued from.
            _fedSequence = -1;
            return _ring.TryCopy(from, target.Sequence, _batch) && Decode(target, from);
        }
        catch (FfmpegException)
        {
            // A codec that this FFmpeg cannot decode, or no memory: no crop from this stream.
            return false;
        }
        finally
        {
            _batch.Clear();
        }
    }

    /// <summary>
    /// A part of the picture shown, clamped to it, at full resolution or scaled down to <paramref name="maxWidth"/>. Null: nothing of
    /// it is in the picture, or the pool is empty.
    /// </summary>
    public unsafe Frame? Cut(int x, int y, int width, int height, FramePool pool, int maxWidth = FramePool.MaxSide)
    {
        ArgumentNullException.ThrowIfNull(pool);
        if (!_hasPicture)
            return null;
        // Chroma has half the resolution: an odd origin would shift the colours.
        int left = Math.Clamp(x, 0, Width) & ~1, top = Math.Clamp(y, 0, Height) & ~1;
        int right = Math.Clamp(x + width, left, Width), bottom = Math.Clamp(y + height, top, Height);
        if (right - left < 2 || bottom - top < 2)
            return null;
        double scale = Math.Min(1, (double)maxWidth / (right - left));
        int outWidth = Math.Max(1, (int)Math.Round((right - left) * scale));
        int outHeight = Math.Max(1, (int)Math.Round((bottom - top) * scale));
        if (pool.TryRent(outWidth, outHeight) is not { } frame)
            return null;
        try
        {
            _scaler.Convert(_picture.Pointer, left, top, right - left, bottom - top, frame);
        }
        catch
        {
            frame.Dispose();
            throw;
        }
        frame.Mark(new FrameStamp("", 0, CapturedMonoMs, CapturedUnixMs));
        return frame;
    }

    /// <summary>Frees the decoder and its pictures; the next <see cref="TryShow"/> opens one again.</summary>
    public void Release()
    {
        Hide();
        _fedSequence = -1;
        _format = null;
        _decoder?.Dispose();
        _decoder = null;
    }

    public void Dispose()
    {
        Release();
        _picture.Dispose();
        _batch.Dispose();
        _scaler.Dispose();
    }

    private void Hide()
    {
        _hasPicture = false;
        _shownSequence = -1;
        _picture.Unref();
    }

    private void Prepare(in RingTarget target)
    {
        if (ReferenceEquals(target.Format, _format) && _decoder is not null)
            return;
        Release();
        _decoder = target.Format.OpenDecoder();
        _format = target.Format;
    }

    private unsafe bool Decode(in RingTarget target, long from)
    {
        for (int i = 0; i < _batch.Count; i++)
        {
            _ = _decoder!.Send(_batch.Packet(i));
            if (Receive(target, last: from + i == target.Sequence))
            {
                _fedSequence = from + i;
                return true;
            }
        }
        return DecodeDelayed(target);
    }

    /// <summary>With B-frames the picture comes out only after later packets went in.</summary>
    private unsafe bool DecodeDelayed(in RingTarget target)
    {
        for (long next = target.Sequence + 1; next <= target.Sequence + MaxDelayPackets && _ring.TryCopy(next, next, _batch); next++)
        {
            if (_batch[0].Key)
                break;
            _ = _decoder!.Send(_batch.Packet(0));
            if (Receive(target, last: false))
                return true;
        }
        bool found = _decoder!.Send(null) && Receive(target, last: true);
        return found;
    }

    /// <summary>Takes what the decoder has; true once it is the wanted picture.</summary>
    private unsafe bool Receive(in RingTarget target, bool last)
    {
        while (_decoder!.TryReceive())
        {
            PicturesDecoded++;
            long pts = _decoder.Picture->pts;
            if (pts != target.Pts && !(last && pts == FFmpeg.AutoGen.ffmpeg.AV_NOPTS_VALUE))
                continue;
            _shownSequence = target.Sequence;
            (CapturedMonoMs, CapturedUnixMs) = (target.CapturedMonoMs, target.CapturedUnixMs);
            return _hasPicture = _picture.TryReference(_decoder.Picture);
        }
        return false;
    }
}
