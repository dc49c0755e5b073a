using EdgeAgent.Hw.Ffmpeg;
using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Cameras;

/// <summary>
/// The last few decoded pictures of a main stream, so that a crop of one of them costs no decoding. They are libav's own, referenced,
/// not copied: 3 MB each at 1080p. One writer, any number of readers.
/// </summary>
internal sealed class PictureHistory : IDisposable
{
    /// <summary>Four pictures a tenth of a second apart: looks are ordered within that time of the capture.</summary>
    private const int Pictures = 4;

    private const long ApartMs = 100;
    private readonly Lock _gate = new();
    private readonly Kept[] _kept = new Kept[Pictures];
    private int _next;
    private long _newestMonoMs = long.MinValue / 2;

    public unsafe void Keep(AVFrame* picture, in StreamPacket packet)
    {
        lock (_gate)
        {
            // A tenth early is on time: 25 fps does not divide into 10.
            if (packet.CapturedMonoMs - _newestMonoMs < ApartMs - ApartMs / 10)
                return;
            ref var oldest = ref _kept[_next];
            oldest.Picture ??= new PictureHandle();
            oldest.Valid = oldest.Picture.TryReference(picture);
            oldest.CapturedMonoMs = packet.CapturedMonoMs;
            oldest.CapturedUnixMs = packet.CapturedUnixMs;
            _newestMonoMs = packet.CapturedMonoMs;
            _next = (_next + 1) % Pictures;
        }
    }

    /// <summary>References the picture captured nearest to an instant; false when none is within <paramref name="toleranceMs"/>.</summary>
    public unsafe bool TryTake(long monoMs, long toleranceMs, PictureHandle into, out long capturedMonoMs, out long capturedUnixMs)
    {
        lock (_gate)
        {
            int nearest = -1;
            for (int i = 0; i < Pictures; i++)
                if (_kept[i].Valid && (nearest < 0 || Distance(i, monoMs) < Distance(nearest, monoMs)))
                    nearest = i;
            (capturedMonoMs, capturedUnixMs) = nearest < 0 ? default : (_kept[nearest].CapturedMonoMs, _kept[nearest].CapturedUnixMs);
            return nearest >= 0 && Distance(nearest, monoMs) <= toleranceMs && into.TryReference(_kept[nearest].Picture!.Pointer);
        }
    }

    /// <summary>The pictures of a former connection say nothing about this one.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            foreach (ref var kept in _kept.AsSpan())
            {
                kept.Picture?.Unref();
                kept.Valid = false;
            }
            _newestMonoMs = long.MinValue / 2;
        }
    }

    public void Dispose()
    {
        lock (_gate)
            foreach (ref var kept in _kept.AsSpan())
            {
                kept.Picture?.Dispose();
                kept = default;
            }
    }

    private long Distance(int index, long monoMs) => Math.Abs(_kept[index].CapturedMonoMs - monoMs);

    private struct Kept
    {
        public PictureHandle? Picture;
        public bool Valid;
        public long CapturedMonoMs;
        public long CapturedUnixMs;
    }
}
