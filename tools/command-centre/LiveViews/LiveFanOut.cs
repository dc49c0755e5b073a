using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.LiveViews;

/// <summary>What a viewer is sent, in this order: the format, the init segment, a key fragment, then what follows it.</summary>
internal enum LivePart : byte
{
    Init = 0,
    Key = 1,
    Delta = 2,
}

/// <summary>Kind, time of capture and bytes of one message to a viewer.</summary>
/// <param name="Level">How much of the view the link carries now; unspecified where the car does not say.</param>
/// <param name="LinkKbitS">What the car measured; on key fragments.</param>
internal sealed record LivePiece(
    LivePart Part, long CapturedAtUnixMs, ReadOnlyMemory<byte> Data, VideoLevel Level = VideoLevel.Unspecified, uint LinkKbitS = 0);

/// <summary>Codec and size, for the player.</summary>
internal sealed record LiveFormat(string Mime, int Width, int Height)
{
    /// <summary>The camera has a head that turns, and these places are known to it by name.</summary>
    public bool Steerable { get; init; }

    public IReadOnlyList<LivePreset> Presets { get; init; } = [];
}

internal sealed record LivePreset(string Token, string Name);

/// <summary>One picture, not decoded yet: the init segment and its group up to it; how many pictures before it, and when it was captured.</summary>
internal sealed record LiveStill(byte[] Mp4, int Before, long CapturedAtUnixMs);

/// <summary>
/// One incoming stream to any number of viewers. Whoever comes later gets the init segment and everything since the last key,
/// so a picture stands at once. Whoever cannot keep up loses the rest of the group and goes on with the next key.
/// </summary>
internal sealed class LiveFanOut
{
    private const int MostGroupPieces = 750;
    private const int MostGroupBytes = 16 << 20;
    private readonly List<LivePiece> group = [];
    private readonly List<LiveViewer> viewers = [];
    private readonly Lock gate = new();
    private LiveFormat? format;
    private LivePiece? init;
    private long groupBytes;
    private bool closed;

    /// <summary>Called when the first screen comes (true) and the last one goes.</summary>
    public Action<bool>? Audience { get; init; }

    /// <summary>Called with what the car itself sends to this gateway.</summary>
    public Action<LiveFormat, ReadOnlyMemory<byte>, VideoFragment>? Came { get; init; }

    public void Start(LiveFormat newFormat, ReadOnlyMemory<byte> initSegment)
    {
        lock (gate)
        {
            format = newFormat;
            init = new LivePiece(LivePart.Init, 0, initSegment);
            group.Clear();
            groupBytes = 0;
            foreach (var viewer in viewers)
                viewer.Restart(newFormat, init);
        }
    }

    public void Add(VideoFragment fragment, bool fromElsewhere = false)
    {
        var piece = new LivePiece(fragment.Key ? LivePart.Key : LivePart.Delta, fragment.CapturedAtUnixMs, fragment.Data.Memory, fragment.Level, fragment.LinkKbitS);
        lock (gate)
        {
            if (init is null || closed)
                return;
            if (fragment.Key)
            {
                group.Clear();
                groupBytes = 0;
            }
            // A group that is too long is not kept for those who come later: they wait for its end.
            var whole = group.Count > 0 || fragment.Key;
            if (whole && group.Count < MostGroupPieces && groupBytes + piece.Data.Length <= MostGroupBytes)
            {
                group.Add(piece);
                groupBytes += piece.Data.Length;
            }
            else
            {
                group.Clear();
                groupBytes = 0;
            }
            foreach (var viewer in viewers)
                viewer.Offer(piece);
            if (!fromElsewhere && format is not null)
                Came?.Invoke(format, init.Data, fragment);
        }
    }

    /// <summary>The picture that was captured nearest to a time, out of the group that runs; null while there is none.</summary>
    public LiveStill? Still(long atUnixMs)
    {
        lock (gate)
        {
            if (init is null || group.Count == 0)
                return null;
            var last = Enumerable.Range(0, group.Count).MinBy(at => Math.Abs(group[at].CapturedAtUnixMs - atUnixMs));
            var parts = group.Take(last + 1).Select(piece => piece.Data).Prepend(init.Data).ToList();
            var mp4 = new byte[parts.Sum(part => part.Length)];
            var filled = 0;
            foreach (var part in parts)
            {
                part.CopyTo(mp4.AsMemory(filled));
                filled += part.Length;
            }
            return new LiveStill(mp4, last, group[last].CapturedAtUnixMs);
        }
    }

    public LiveViewer Join()
    {
        var viewer = new LiveViewer();
        lock (gate)
        {
            if (closed)
                viewer.Complete();
            viewers.Add(viewer);
            if (viewers.Count == 1)
                Audience?.Invoke(true);
            if (format is not null && init is not null)
            {
                viewer.Restart(format, init);
                foreach (var piece in group)
                    viewer.Offer(piece);
            }
        }
        return viewer;
    }

    public void Leave(LiveViewer viewer)
    {
        lock (gate)
        {
            if (viewers.Remove(viewer) && viewers.Count == 0)
                Audience?.Invoke(false);
        }
    }

    public void Close()
    {
        lock (gate)
        {
            closed = true;
            group.Clear();
            foreach (var viewer in viewers)
                viewer.Complete();
        }
    }
}
