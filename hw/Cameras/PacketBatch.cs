using EdgeAgent.Hw.Ffmpeg;
using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Cameras;

/// <summary>A reader's own references to some packets of a ring; its shells are reused. Not thread-safe.</summary>
internal sealed unsafe class PacketBatch : IDisposable
{
    /// <summary>Ten seconds at 30 fps: a longer group of pictures is not worth decoding for one crop.</summary>
    public const int Capacity = 300;

    private readonly List<(PacketHandle Packet, PacketRing.Entry Entry)> _items = [];
    private int _count;

    public int Count => _count;

    public PacketRing.Entry this[int index] => _items[index].Entry;

    public AVPacket* Packet(int index) => _items[index].Packet.Pointer;

    public PacketHandle Handle(int index) => _items[index].Packet;

    public void Add(in PacketRing.Entry entry)
    {
        if (_count == _items.Count)
            _items.Add((new PacketHandle(), default));
        var packet = _items[_count].Packet;
        FfmpegException.Check(ffmpeg.av_packet_ref(packet.Pointer, entry.Packet!.Pointer), "reference packet");
        // The ring's own shell must not be reachable from here: it is refilled while this batch is read.
        _items[_count] = (packet, entry with { Packet = null });
        _count++;
    }

    public void Clear()
    {
        for (int i = 0; i < _count; i++)
            _items[i].Packet.Unref();
        _count = 0;
    }

    public void Dispose()
    {
        foreach (var (packet, _) in _items)
            packet.Dispose();
        _items.Clear();
        _count = 0;
    }
}
