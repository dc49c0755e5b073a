using System.Security.Cryptography;

namespace EdgeAgent.Vision.Tracking;

/// <summary>
/// One identity per visit: follows boxes from frame to frame, for one camera and one kind of thing. Greedy, best pair first,
/// against the place predicted from each track's velocity. Used by one thread.
/// </summary>
public sealed class Tracker
{
    private const string Letters = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int VisitIdLength = 13;

    /// <summary>Share of the newest step in the velocity; the rest is memory, so that a jittering box does not throw the prediction.</summary>
    private const float VelocityGain = 0.5f;

    private readonly TrackerOptions _options;
    private readonly List<Track> _tracks = [];
    private readonly List<(float Cost, int Track, int Box)> _pairs = [];

    /// <summary>Tracks that nobody holds: those that nobody was told of, and those given back.</summary>
    private readonly Stack<Track> _spare = new();
    private readonly bool[] _trackTaken;
    private bool[] _boxTaken = new bool[64];
    private long _lastMonoMs = long.MinValue;

    public Tracker(TrackerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ConfirmHits, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxGapMs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Capacity, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxCentreDistance);
        if (options.MinOverlap is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(options), options.MinOverlap, "MinOverlap is a share, 0 … 1");
        _options = options;
        _trackTaken = new bool[options.Capacity];
    }

    /// <summary>Tracks held now, confirmed or not.</summary>
    public int Count => _tracks.Count;

    /// <summary>Capture time of the newest frame taken; the least possible one before the first.</summary>
    public long LastMonoMs => _lastMonoMs;

    /// <summary>Something was seen that has to be seen again before it counts.</summary>
    public bool HasUnconfirmed
    {
        get
        {
            foreach (var track in _tracks)
                if (!track.Confirmed)
                    return true;
            return false;
        }
    }

    /// <summary>Takes the boxes of one frame.</summary>
    /// <param name="boxes">What the detector found, empty for nothing. Unusable boxes (NaN, no area) are passed over.</param>
    /// <param name="monoMs">When the frame was captured, monotonic; a frame older than the last one is ignored.</param>
    /// <param name="confirmedOrUpdated">Cleared, then filled with confirmed tracks seen in this frame.</param>
    /// <param name="ended">Cleared, then filled with confirmed tracks whose visit is over; unconfirmed ones vanish.</param>
    public void Update(ReadOnlySpan<TrackBox> boxes, long monoMs, List<Track> confirmedOrUpdated, List<Track> ended)
    {
        ArgumentNullException.ThrowIfNull(confirmedOrUpdated);
        ArgumentNullException.ThrowIfNull(ended);
        confirmedOrUpdated.Clear();
        ended.Clear();
        if (monoMs < _lastMonoMs)
            return;
        _lastMonoMs = monoMs;
        EndGone(monoMs, ended);
        FindPairs(boxes, monoMs);
        TakePairs(boxes, monoMs, confirmedOrUpdated);
        StartNew(boxes, monoMs, confirmedOrUpdated);
    }

    /// <summary>Ends every visit, as when the camera is lost.</summary>
    public void EndAll(List<Track> ended)
    {
        ArgumentNullException.ThrowIfNull(ended);
        ended.Clear();
        ended.AddRange(_tracks.Where(t => t.Confirmed));
        _tracks.Clear();
    }

    /// <summary>Takes back ended tracks, which the caller no longer holds, to be used for others. Clears the list.</summary>
    public void GiveBack(List<Track> ended)
    {
        ArgumentNullException.ThrowIfNull(ended);
        foreach (var track in ended)
        {
            track.Tag = null;
            _spare.Push(track);
        }
        ended.Clear();
    }

    /// <summary>What this track follows turned out to be another thing: from now on it is a visit with a name of its own.</summary>
    public static void BeginVisit(Track track)
    {
        ArgumentNullException.ThrowIfNull(track);
        Confirm(track);
    }

    private void EndGone(long monoMs, List<Track> ended)
    {
        for (int i = _tracks.Count - 1; i >= 0; i--)
        {
            if (monoMs - _tracks[i].LastMonoMs <= _options.MaxGapMs)
                continue;
            if (_tracks[i].Confirmed)
                ended.Add(_tracks[i]);
            else
                _spare.Push(_tracks[i]);
            _tracks.RemoveAt(i);
        }
    }

    private void FindPairs(ReadOnlySpan<TrackBox> boxes, long monoMs)
    {
        _pairs.Clear();
        if (_boxTaken.Length < boxes.Length)
            _boxTaken = new bool[boxes.Length];
        _boxTaken.AsSpan().Clear();
        _trackTaken.AsSpan().Clear();
        for (int t = 0; t < _tracks.Count; t++)
        {
            var track = _tracks[t];
            float elapsed = monoMs - track.LastMonoMs;
            var predicted = track.Box.Shift(track.VelocityX * elapsed, track.VelocityY * elapsed);
            for (int b = 0; b < boxes.Length; b++)
            {
                float cost = boxes[b].IsUsable ? Cost(predicted, boxes[b]) : float.PositiveInfinity;
                if (float.IsFinite(cost))
                    _pairs.Add((cost, t, b));
            }
        }
        _pairs.Sort(static (a, b) => a.Cost.CompareTo(b.Cost));
    }

    /// <summary>0 … 1 for overlap, 1 and up for mere nearness, infinite for neither.</summary>
    private float Cost(TrackBox predicted, TrackBox box)
    {
        float overlap = Overlap(predicted, box);
        if (overlap > 0 && overlap >= _options.MinOverlap)
            return 1 - overlap;
        float dx = predicted.CentreX - box.CentreX, dy = predicted.CentreY - box.CentreY;
        float diagonal = (MathF.Sqrt(predicted.Width * predicted.Width + predicted.Height * predicted.Height)
            + MathF.Sqrt(box.Width * box.Width + box.Height * box.Height)) / 2;
        float distance = MathF.Sqrt(dx * dx + dy * dy) / diagonal;
        // A thing does not double its size between two frames: that is another one.
        float growth = predicted.Width / box.Width;
        return distance <= _options.MaxCentreDistance && growth is > 0.5f and < 2f ? 1 + distance : float.PositiveInfinity;
    }

    private static float Overlap(TrackBox a, TrackBox b)
    {
        float width = Math.Min(a.X2, b.X2) - Math.Max(a.X1, b.X1), height = Math.Min(a.Y2, b.Y2) - Math.Max(a.Y1, b.Y1);
        if (width <= 0 || height <= 0)
            return 0;
        float both = width * height;
        return both / (a.Width * a.Height + b.Width * b.Height - both);
    }

    private void TakePairs(ReadOnlySpan<TrackBox> boxes, long monoMs, List<Track> updated)
    {
        foreach (var (_, t, b) in _pairs)
        {
            if (_trackTaken[t] || _boxTaken[b])
                continue;
            _trackTaken[t] = _boxTaken[b] = true;
            Follow(_tracks[t], boxes[b], monoMs);
            if (_tracks[t].Confirmed)
                updated.Add(_tracks[t]);
        }
    }

    private void Follow(Track track, TrackBox box, long monoMs)
    {
        float elapsed = monoMs - track.LastMonoMs;
        if (elapsed > 0)
        {
            // The first step is all the motion that is known; later ones are smoothed.
            float gain = track.Hits == 1 ? 1 : VelocityGain;
            track.VelocityX += gain * ((box.CentreX - track.Box.CentreX) / elapsed - track.VelocityX);
            track.VelocityY += gain * ((box.CentreY - track.Box.CentreY) / elapsed - track.VelocityY);
        }
        track.Box = box;
        track.LastMonoMs = monoMs;
        track.Hits++;
        if (!track.Confirmed && track.Hits >= _options.ConfirmHits)
            Confirm(track);
    }

    private static void Confirm(Track track)
    {
        track.VisitId = RandomNumberGenerator.GetString(Letters, VisitIdLength);
        track.Confirmed = true;
    }

    private void StartNew(ReadOnlySpan<TrackBox> boxes, long monoMs, List<Track> updated)
    {
        for (int b = 0; b < boxes.Length && _tracks.Count < _options.Capacity; b++)
        {
            if (_boxTaken[b] || !boxes[b].IsUsable)
                continue;
            if (!_spare.TryPop(out var track))
                track = new Track();
            track.Begin(boxes[b], monoMs);
            _tracks.Add(track);
            if (_options.ConfirmHits > 1)
                continue;
            Confirm(track);
            updated.Add(track);
        }
    }
}
