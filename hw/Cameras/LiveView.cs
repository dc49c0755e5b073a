using System.Threading.Channels;
using EdgeAgent.Hw.Ffmpeg;

namespace EdgeAgent.Hw.Cameras;

/// <summary>One piece of a live view: the header first, then a fragment a frame.</summary>
/// <param name="Sequence">0 for the header, then counting; a step of more than one means that fragments were dropped.</param>
/// <param name="Key">The fragment can be decoded without those before it.</param>
/// <param name="CapturedUnixMs">When the picture was captured.</param>
/// <param name="Data">fMP4 bytes.</param>
public sealed record LivePiece(long Sequence, bool Key, long CapturedUnixMs, byte[] Data);

/// <summary>
/// A stream remuxed to fMP4 while it comes, for one viewer. The viewer reads <see cref="Pieces"/>; one that falls behind by
/// <see cref="Capacity"/> pieces loses everything up to the next key frame, and never holds up the camera. The channel completes
/// when the stream changes its format or on <see cref="Dispose"/>.
/// </summary>
public sealed class LiveView : IPacketSink, IDisposable
{
    /// <summary>About four seconds at 25 fps. When full the newest is not written, and the view goes on at a key frame.</summary>
    public const int Capacity = 100;

    private readonly StreamReader _reader;
    private readonly Lock _gate = new();
    private readonly Channel<LivePiece> _pieces = Channel.CreateBounded<LivePiece>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true });
    private Mp4Muxer? _muxer;
    private long _sequence;
    private bool _waitForKey = true;
    private bool _closed;

    internal LiveView(StreamReader reader)
    {
        _reader = reader;
        var format = reader.Status.Format;
        MimeType = format?.MimeType ?? "";
        Width = format?.Width ?? 0;
        Height = format?.Height ?? 0;
        reader.Add(this);
    }

    /// <summary>For <c>addSourceBuffer</c>, such as <c>video/mp4; codecs="avc1.4D401F"</c>.</summary>
    public string MimeType { get; }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Header and fragments in order.</summary>
    public ChannelReader<LivePiece> Pieces => _pieces.Reader;

    unsafe void IPacketSink.OnPacket(in StreamPacket packet)
    {
        lock (_gate)
        {
            if (_closed || (_waitForKey && !packet.Key))
                return;
            try
            {
                if (_muxer is { } muxer && !muxer.Accepts(packet.Format))
                {
                    CloseNeedsLock("the camera's stream changed");
                    return;
                }
                if (_muxer is null && !TryBegin(packet))
                    return;
                if (!_muxer!.Write(packet.Packet.Pointer, packet.Format, packet.Key, packet.CapturedMonoMs))
                    return;
                _muxer.EndFragment();
                var piece = new LivePiece(++_sequence, packet.Key, packet.CapturedUnixMs, TakeOutput());
                _waitForKey = !_pieces.Writer.TryWrite(piece);
            }
            catch (FfmpegException e)
            {
                CloseNeedsLock(e.Message);
            }
        }
    }

    public void Dispose()
    {
        _reader.Remove(this);
        lock (_gate)
            CloseNeedsLock(null);
    }

    private bool TryBegin(in StreamPacket packet)
    {
        _muxer = new Mp4Muxer(packet.Format, Fragmentation.EveryFrame);
        return _pieces.Writer.TryWrite(new LivePiece(0, true, packet.CapturedUnixMs, TakeOutput()));
    }

    private byte[] TakeOutput()
    {
        byte[] bytes = _muxer!.Output.WrittenSpan.ToArray();
        _muxer.Output.ResetWrittenCount();
        return bytes;
    }

    private void CloseNeedsLock(string? error)
    {
        if (_closed)
            return;
        _closed = true;
        _pieces.Writer.TryComplete(error is null ? null : new FfmpegException(error));
        _muxer?.Dispose();
        _muxer = null;
        _reader.Remove(this);
    }
}
