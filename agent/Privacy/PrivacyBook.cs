using System.Collections.Immutable;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Positions;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Privacy;

/// <summary>
/// Which privacy places hold now, and which held while something was seen. From several threads; each change is a whole new word.
/// </summary>
internal sealed class PrivacyBook(CarOptions options, PositionBook positions, TrustedClock clock)
{
    /// <summary>Longer than a visit waits to be compared. Older words are forgotten.</summary>
    private const long RememberedMs = 120_000;

    /// <summary>Five changes a second for all that time; the oldest goes first.</summary>
    private const int MostWords = 600;

    /// <summary>The receiver speaks once a second: what was seen this shortly before it said so was seen on the way in.</summary>
    private const long OnTheWayMs = 1_500;

    // Slower than this a course says nothing: the receiver's wanders while the car stands.
    private const double SteadySpeedMps = 1.5;

    private readonly PrivacyPlaces places = new(options.Privacy);
    private readonly Lock gate = new();
    private ImmutableList<(long FromMonoMs, PrivacyNow Now)> words = [];
    private (Position At, double? HeadingDegrees, long MonoMs)? last;

    /// <summary>Looks again.</summary>
    public PrivacyNow Look()
    {
        if (!places.Any)
            return PrivacyNow.Nothing;
        lock (gate)
        {
            Follow();
            long mono = clock.MonoMs;
            PrivacyNow now = places.At(last is { } l
                ? new LastPlace(l.At.LatitudeDegrees, l.At.LongitudeDegrees, l.At.SpeedMps, l.HeadingDegrees, Math.Max(0, mono - l.MonoMs))
                : null, words.IsEmpty ? [] : words[^1].Now.Places);
            if (words.IsEmpty || !words[^1].Now.Places.SequenceEqual(now.Places))
                words = words.Add((mono, now));
            // The word before the oldest that is needed still held when that time began.
            while (words.Count > 1 && (words.Count > MostWords || words[1].FromMonoMs < mono - RememberedMs))
                words = words.RemoveAt(0);
            return now;
        }
    }

    /// <summary>"" or privacy_place: no live view of this camera leaves the car here.</summary>
    public string WhyNoView(string cameraId) => Look().BarsView(cameraId) ? "privacy_place" : "";

    /// <summary>Whether this was seen, or finished being seen, where nothing of its kind is compared.</summary>
    public bool BarsMatching(Visit visit)
    {
        if (!places.Any)
            return false;
        _ = Look();
        ImmutableList<(long FromMonoMs, PrivacyNow Now)> known;
        lock (gate)
            known = words;
        for (int i = 0; i < known.Count; i++)
        {
            long until = i + 1 < known.Count ? known[i + 1].FromMonoMs : long.MaxValue;
            if (known[i].FromMonoMs <= visit.SettledMonoMs + OnTheWayMs && until >= visit.CapturedMonoMs && known[i].Now.BarsMatching(visit))
                return true;
        }
        return false;
    }

    private void Follow()
    {
        if (positions.Current is not { Stale: false, Fix: GnssFix._2D or GnssFix._3D } here || ReferenceEquals(here, last?.At))
            return;
        last = (here, here.SpeedMps >= SteadySpeedMps ? here.HeadingDegrees : last?.HeadingDegrees, clock.MonoMs - positions.AgeMs);
    }
}
