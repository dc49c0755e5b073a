using EdgeAgent.Hw.Clock;
using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;
using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Cameras;

/// <summary>What a stream was seen to be, not what its camera says of it.</summary>
/// <param name="Codec">h264, hevc, mjpeg.</param>
/// <param name="Fps">Pictures a second, over the time that was watched.</param>
/// <param name="KeyEverySeconds">Between pictures that stand for themselves; 0: fewer than two were seen.</param>
/// <param name="OpenMs">Until the first packet.</param>
/// <param name="Brightness">Mean of all pixels of the last picture, 0 … 255.</param>
/// <param name="Jpeg">The last picture.</param>
public sealed record StreamSeen(string Codec, int Width, int Height, double Fps, double KeyEverySeconds, int OpenMs, int Brightness, byte[] Jpeg)
{
    /// <summary>Covered, in the dark, or a broken sensor: nobody sees anything in it.</summary>
    public bool IsBlack => StreamProbe.IsBlack(Brightness);
}

/// <summary>Looks at one stream for a while, for whoever sets a camera up. Blocks the caller's thread.</summary>
public static class StreamProbe
{
    private const int OpenLimitMs = 5000, JpegQuality = 85;

    // Of the mean.
    private const int BlackBelow = 12;

    /// <summary>Whether a picture as bright as this shows nothing.</summary>
    public static bool IsBlack(int brightness) => brightness < BlackBelow;

    /// <summary>Mean of all pixels, 0 … 255.</summary>
    public static int Brightness(BgrView picture)
    {
        long sum = 0;
        for (int y = 0; y < picture.Height; y++)
            foreach (byte value in picture.Row(y))
                sum += value;
        return (int)(sum / (3L * picture.Width * picture.Height));
    }

    /// <param name="url">rtsp:// or rtsps://, with user and password where the camera wants them.</param>
    /// <param name="watch">How long pictures are counted.</param>
    /// <exception cref="IOException">It cannot be opened, ends, or gives no picture: a sentence without the address, which may hold a password.</exception>
    public static unsafe StreamSeen Look(string url, TimeSpan watch, TimeProvider time, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(time);
        long began = time.MonoMs();
        long deadline = began + OpenLimitMs;
        try
        {
            using var input = new Demuxer(url, new DemuxerOptions(Rtsp: true), () => stop.IsCancellationRequested || time.MonoMs() > Interlocked.Read(ref deadline));
            var format = StreamFormat.Of(input);
            using var decoder = format.OpenDecoder();
            using var packet = new PacketHandle();
            using var pool = new FramePool();
            using var last = new PictureHandle();
            bool any = false;
            var count = new PacketCount(format);
            long until = long.MaxValue;
            while (time.MonoMs() < until)
            {
                stop.ThrowIfCancellationRequested();
                int read = input.Read(packet);
                if (read == ffmpeg.AVERROR(ffmpeg.EAGAIN))
                    continue;
                FfmpegException.Check(read, "read");
                if (count.Packets == 0)
                {
                    until = time.MonoMs() + (long)watch.TotalMilliseconds;
                    count.OpenMs = (int)(time.MonoMs() - began);
                }
                Interlocked.Exchange(ref deadline, time.MonoMs() + OpenLimitMs);
                count.Take(packet);
                _ = decoder.Send(packet.Pointer);
                while (decoder.TryReceive())
                    any |= last.TryReference(decoder.Picture);
            }
            stop.ThrowIfCancellationRequested();
            if (!any)
                throw new IOException("the stream gives no picture");
            using var frame = PictureFile.ToFrame(last.Pointer, pool, "the stream");
            return new StreamSeen(format.CodecName, frame.Width, frame.Height, count.Fps, count.KeyEverySeconds, count.OpenMs, Brightness(frame.View), Encode(frame));
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            throw new IOException(e.Message, e);
        }
        catch (FfmpegException e)
        {
            stop.ThrowIfCancellationRequested();
            throw new IOException(time.MonoMs() > Interlocked.Read(ref deadline) ? $"no answer within {OpenLimitMs / 1000} s" : e.Message, e);
        }
    }

    private static byte[] Encode(Frame frame)
    {
        using var codec = new JpegCodec();
        return codec.Encode(frame.View, JpegQuality);
    }

    /// <summary>By the stream's own times, which a busy machine does not bend.</summary>
    private sealed class PacketCount(StreamFormat format)
    {
        private double _first = double.NaN, _last, _firstKey = double.NaN, _lastKey;
        private int _keys;

        public int Packets { get; private set; }

        public int OpenMs { get; set; }

        public double Fps => Packets > 1 && _last > _first ? (Packets - 1) * 1000.0 / (_last - _first) : 0;

        public double KeyEverySeconds => _keys > 1 ? (_lastKey - _firstKey) / 1000 / (_keys - 1) : 0;

        public unsafe void Take(PacketHandle packet)
        {
            var native = packet.Pointer;
            double at = format.ToMilliseconds(native->pts != ffmpeg.AV_NOPTS_VALUE ? native->pts : native->dts);
            (_first, _last) = (double.IsNaN(_first) ? at : _first, Math.Max(_last, at));
            Packets++;
            if ((native->flags & ffmpeg.AV_PKT_FLAG_KEY) == 0)
                return;
            (_firstKey, _lastKey) = (double.IsNaN(_firstKey) ? at : _firstKey, at);
            _keys++;
        }
    }
}
