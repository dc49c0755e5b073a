using EdgeAgent.Hw.Ffmpeg;
using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Cameras;

/// <summary>Bounds of a <see cref="PacketRing"/>.</summary>
/// <param name="Seconds">Oldest packet kept, in seconds of capture time; 1 … 600.</param>
/// <param name="Bytes">Most encoded bytes kept; at least one megabyte.</param>
public sealed record PacketRingOptions(int Seconds = 20, long Bytes = 32L << 20)
{
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Seconds, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Seconds, 600);
        ArgumentOutOfRangeException.ThrowIfLessThan(Bytes, 1L << 20);
    }
}

/// <summary>
/// The last seconds of a stream as it came: encoded, never decoded, in RAM. Bounded in seconds, bytes and packets; the oldest go.
/// Packets are references to what libav read, so that keeping and handing out copies nothing. One writer, any number of readers.
/// </summary>
public sealed class PacketRing : IPacketSink, IDisposable
{
    /// <summary>A faster camera fills the ring's slots before its seconds.</summary>
    private const int MaxPacketsPerSecond = 60;

    private readonly Lock _gate = new();
    private readonly PacketRingOptions _options;
    private readonly Entry[] _entries;
    private int _first;
    private int _count;
    private long _bytes;
    private long _nextSequence;
    private KeyRhythm _keys;
    private bool _disposed;

    public PacketRing(PacketRingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _entries = new Entry[options.Seconds * MaxPacketsPerSecond];
        // All handles at once: made one by one they would be the only thing that a packet allocates.
        foreach (ref var entry in _entries.AsSpan())
            entry = entry with { Packet = new PacketHandle() };
    }

    /// <summary>Encoded bytes held now; never above <see cref="PacketRingOptions.Bytes"/>.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
                return _bytes;
        }
    }

    public int Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    /// <summary>Capture times of the oldest and newest packet; null when empty.</summary>
    public (long OldestMonoMs, long NewestMonoMs)? Span
    {
        get
        {
            lock (_gate)
                return _count == 0 ? null : (At(0).CapturedMonoMs, At(_count - 1).CapturedMonoMs);
        }
    }

    /// <summary>When the newest key frame was captured, and how long after the one before it.</summary>
    public KeyRhythm Keys
    {
        get
        {
            lock (_gate)
                return _keys;
        }
    }

    unsafe void IPacketSink.OnPacket(in StreamPacket packet)
    {
        int size = packet.Packet.Pointer->size;
        lock (_gate)
        {
            if (_disposed)
                return;
            long oldest = packet.CapturedMonoMs - _options.Seconds * 1000L;
            while (_count > 0 && (_bytes + size > _options.Bytes || _count == _entries.Length || At(0).CapturedMonoMs < oldest))
                RemoveFirst();
            if (_bytes + size > _options.Bytes)
                return;
            ref var slot = ref At(_count);
            var own = slot.Packet!;
            if (ffmpeg.av_packet_ref(own.Pointer, packet.Packet.Pointer) < 0)
                return;
            slot = new Entry(
                own, packet.Format, _nextSequence++, packet.Key, packet.CapturedMonoMs, packet.CapturedUnixMs, size);
            _count++;
            _bytes += size;
            if (packet.Key)
                _keys = new KeyRhythm(packet.CapturedMonoMs, _keys.LastMonoMs == 0 ? 0 : packet.CapturedMonoMs - _keys.LastMonoMs);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (ref var entry in _entries.AsSpan())
            {
                entry.Packet?.Dispose();
                entry = default;
            }
            _count = 0;
            _bytes = 0;
        }
    }

    /// <summary>The packet captured nearest to an instant, if within <paramref name="toleranceMs"/>, and the key frame it hangs on.</summary>
    internal bool TryFind(long monoMs, long toleranceMs, out RingTarget target)
    {
        lock (_gate)
        {
            target = default;
            if (_count == 0)
                return false;
            int nearest = Nearest(monoMs);
            ref readonly var found = ref At(nearest);
            if (Math.Abs(found.CapturedMonoMs - monoMs) > toleranceMs || KeyAtOrBefore(nearest) is not { } key)
                return false;
            target = new RingTarget(
                found.Sequence, At(key).Sequence, found.Format, found.CapturedMonoMs, found.CapturedUnixMs, PtsOf(found));
            return true;
        }
    }

    /// <summary>References to packets from one sequence number to another, both included, into <paramref name="batch"/>.</summary>
    /// <returns>False: some are no longer, or not yet, held, or they are more than the batch may hold.</returns>
    internal bool TryCopy(long fromSequence, long toSequence, PacketBatch batch)
    {
        batch.Clear();
        lock (_gate)
        {
            if (_count == 0)
                return false;
            long firstSequence = At(0).Sequence, from = fromSequence - firstSequence, to = toSequence - firstSequence;
            if (from < 0 || to >= _count || to < from || to - from >= PacketBatch.Capacity)
                return false;
            for (int i = (int)from; i <= to; i++)
                batch.Add(At(i));
            return true;
        }
    }

    /// <summary>As <see cref="TryCopy"/>, to the newest packet; false when there is none from there on.</summary>
    internal bool TryCopyToEnd(long fromSequence, PacketBatch batch)
    {
        long newest;
        lock (_gate)
            newest = _nextSequence - 1;
        return TryCopy(fromSequence, Math.Min(newest, fromSequence + PacketBatch.Capacity - 1), batch);
    }

    /// <summary>
    /// Sequence number of the key frame at or before an instant, or, when the ring no longer goes back that far, the first one after it.
    /// </summary>
    internal long? KeyFor(long monoMs)
    {
        lock (_gate)
        {
            long? best = null;
            for (int i = 0; i < _count; i++)
            {
                ref readonly var entry = ref At(i);
                if (!entry.Key)
                    continue;
                if (entry.CapturedMonoMs > monoMs)
                    return best ?? entry.Sequence;
                best = entry.Sequence;
            }
            return best;
        }
    }

    private static unsafe long PtsOf(in Entry entry) => entry.Packet!.Pointer->pts;

    private ref Entry At(int index) => ref _entries[(_first + index) % _entries.Length];

    private void RemoveFirst()
    {
        ref var entry = ref At(0);
        entry.Packet!.Unref();
        _bytes -= entry.SizeBytes;
        _first = (_first + 1) % _entries.Length;
        _count--;
    }

    /// <summary>Capture times never go backwards within the ring, so halving works.</summary>
    private int Nearest(long monoMs)
    {
        int low = 0, high = _count - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (At(middle).CapturedMonoMs < monoMs)
                low = middle + 1;
            else
                high = middle;
        }
        return low > 0 && monoMs - At(low - 1).CapturedMonoMs <= At(low).CapturedMonoMs - monoMs ? low - 1 : low;
    }

    private int? KeyAtOrBefore(int index)
    {
        var format = At(index).Format;
        for (int i = index; i >= 0 && ReferenceEquals(At(i).Format, format); i--)
            if (At(i).Key)
                return i;
        return null;
    }

    internal readonly record struct Entry(
        PacketHandle? Packet, StreamFormat Format, long Sequence, bool Key, long CapturedMonoMs, long CapturedUnixMs, int SizeBytes);
}

/// <summary>How a stream's key frames come.</summary>
/// <param name="LastMonoMs">Capture time of the newest; 0 before the first.</param>
/// <param name="GroupMs">Since the one before it; 0 while unknown.</param>
public readonly record struct KeyRhythm(long LastMonoMs, long GroupMs)
{
    /// <summary>
    /// How long a picture captured at <paramref name="monoMs"/> waits for the next key frame, if that comes sooner than the last one
    /// lies back: it costs one picture to decode, this one the whole way from the last. 0: it is not worth waiting, or not known.
    /// </summary>
    public long WorthWaitingMs(long monoMs)
    {
        long since = monoMs - LastMonoMs, wait = GroupMs - since;
        return GroupMs > 0 && wait > 0 && wait < since ? wait : 0;
    }
}

/// <summary>A packet in the ring that somebody wants to see, and what it takes to decode it.</summary>
internal readonly record struct RingTarget(
    long Sequence, long KeySequence, StreamFormat Format, long CapturedMonoMs, long CapturedUnixMs, long Pts);
