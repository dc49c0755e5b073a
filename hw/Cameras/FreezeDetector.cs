using System.Runtime.InteropServices;
using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Cameras;

/// <summary>
/// Finds a camera that keeps sending one and the same picture. A live sensor's noise always changes something: over seconds every
/// picture, and at each key frame (coded whole) even a dark, still night. So it is frozen when all pictures have been equal for ten
/// seconds, or when three key frames in a row, over at least four, decode to the same pixels.
/// </summary>
internal sealed class FreezeDetector
{
    private const long AllEqualMs = 10_000;
    private const long KeysEqualMs = 4_000;
    private const int KeysEqual = 3;
    private const int RowStep = 8;
    private ulong _lastHash;
    private long _sameSinceMs;
    private ulong _lastKeyHash;
    private long _keySameSinceMs;
    private int _sameKeys;

    public bool Frozen { get; private set; }

    public unsafe void Look(AVFrame* picture, bool key, long monoMs)
    {
        ulong hash = Hash(picture);
        if (hash != _lastHash)
        {
            _lastHash = hash;
            _sameSinceMs = monoMs;
        }
        if (key && hash != _lastKeyHash)
        {
            _lastKeyHash = hash;
            _keySameSinceMs = monoMs;
            _sameKeys = 0;
        }
        if (key)
            _sameKeys++;
        Frozen = monoMs - _sameSinceMs >= AllEqualMs || (_sameKeys >= KeysEqual && monoMs - _keySameSinceMs >= KeysEqualMs);
    }

    public void Reset(long monoMs)
    {
        Frozen = false;
        _sameKeys = 0;
        _lastKeyHash = 0;
        _sameSinceMs = monoMs;
    }

    /// <summary>Every eighth row of the first plane: 4 µs for 640x360.</summary>
    private static unsafe ulong Hash(AVFrame* picture)
    {
        ulong hash = 14695981039346656037;
        for (int y = 0; y < picture->height; y += RowStep)
        {
            var row = new ReadOnlySpan<byte>(picture->data[0] + (long)y * picture->linesize[0], picture->width & ~7);
            foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(row))
                hash = (hash ^ word) * 1099511628211;
        }
        return hash;
    }
}
