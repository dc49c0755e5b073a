using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>
/// How much of a live view the link carries, measured: how old the oldest picture is that the centre has not confirmed. One that
/// grows old means that the link is narrower than the stream, so the view falls: main stream, sub-stream, key frames alone. It
/// climbs one step after the link was good for a while, and waits longer after each climb that failed. One for the life of a lease;
/// any thread may call.
/// </summary>
public sealed class VideoPace
{
    /// <summary>
    /// An unconfirmed picture older than this, beside the quickest confirmation so far, stops the sending until it is through, and
    /// costs a step.
    /// </summary>
    public static readonly TimeSpan Late = TimeSpan.FromMilliseconds(800);

    /// <summary>While every picture is confirmed within this, beside the quickest so far, the link is good.</summary>
    public static readonly TimeSpan Good = TimeSpan.FromMilliseconds(400);

    /// <summary>How long it must be good before a climb; doubled after a climb that failed, at most <see cref="LongestTrial"/>.</summary>
    public static readonly TimeSpan FirstTrial = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan LongestTrial = TimeSpan.FromSeconds(60);

    /// <summary>A fall so soon after a climb is the climb's failure.</summary>
    private static readonly TimeSpan ClimbProven = TimeSpan.FromSeconds(15);

    /// <summary>Over which the rate is measured.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(3);

    /// <summary>Pictures under way or in the window at most: far more than a second of them.</summary>
    private const int MostRemembered = 1024;

    private readonly TimeProvider time;
    private readonly VideoLevel best;
    private readonly Lock gate = new();
    private readonly Queue<(ulong Sequence, int Bytes, long At)> under = new();
    private readonly Queue<(int Bytes, long At)> confirmed = new();
    private VideoLevel level;
    private TimeSpan trial = FirstTrial;
    private long goodSince, climbedAt;
    private ulong newestSent, drainUntil;
    private TimeSpan quickest;
    private bool centreConfirms, fellSinceClimb;

    public VideoPace(LiveQuality asked, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        this.time = time;
        best = level = asked == LiveQuality.Main ? VideoLevel.Main : VideoLevel.Sub;
        goodSince = time.GetTimestamp();
        // Nothing was climbed to: the first fall is no failed climb.
        climbedAt = goodSince - (long)(ClimbProven.TotalSeconds * time.TimestampFrequency);
    }

    /// <summary>What should be sent now.</summary>
    public VideoLevel Level
    {
        get { lock (gate) return level; }
    }

    /// <summary>Which stream that is of.</summary>
    public LiveQuality Quality => Level == VideoLevel.Main ? LiveQuality.Main : LiveQuality.Sub;

    /// <summary>What the centre confirmed within the last three seconds, as a rate: what the link carried, not what it could.</summary>
    public int KilobitsPerSecond
    {
        get
        {
            lock (gate)
            {
                Expire(time.GetTimestamp());
                return (int)(confirmed.Sum(c => (long)c.Bytes) * 8 / 1000 / Window.TotalSeconds);
            }
        }
    }

    /// <summary>A new call: what was under way on the last one is lost.</summary>
    internal void Begin()
    {
        lock (gate)
        {
            under.Clear();
            drainUntil = 0;
            // What is quick on the new way is measured anew.
            centreConfirms = false;
            goodSince = time.GetTimestamp();
        }
    }

    /// <summary>Whether a picture may go now.</summary>
    internal bool MaySend(bool key)
    {
        lock (gate)
        {
            long now = time.GetTimestamp();
            Judge(now);
            // Key frames alone go one by one: the next when the last is through.
            return level == VideoLevel.KeyFrames ? key && (under.Count == 0 || !centreConfirms) : Oldest(now) <= quickest + Late;
        }
    }

    /// <summary>Called before the write: what holds up the write makes the picture old, too.</summary>
    internal void Sent(ulong sequence, int bytes)
    {
        lock (gate)
        {
            newestSent = sequence;
            // A centre that never confirms is not waited for.
            if (under.Count < MostRemembered)
                under.Enqueue((sequence, bytes, time.GetTimestamp()));
        }
    }

    internal void Received(ulong sequence)
    {
        lock (gate)
        {
            long now = time.GetTimestamp();
            Judge(now);
            while (under.TryPeek(out var first) && first.Sequence <= sequence)
            {
                _ = under.Dequeue();
                confirmed.Enqueue((first.Bytes, now));
                TimeSpan took = time.GetElapsedTime(first.At, now);
                quickest = centreConfirms && quickest < took ? quickest : took;
                centreConfirms = true;
            }
            Expire(now);
        }
    }

    private TimeSpan Oldest(long now) =>
        centreConfirms && under.TryPeek(out var first) ? time.GetElapsedTime(first.At, now) : TimeSpan.Zero;

    private void Judge(long now)
    {
        TimeSpan oldest = Oldest(now);
        if (oldest > quickest + Late)
            Fall(now);
        if (oldest > quickest + Good)
            goodSince = now;
        else if (level != best && centreConfirms && time.GetElapsedTime(goodSince, now) >= trial)
            Climb(now);
        if (!fellSinceClimb && time.GetElapsedTime(climbedAt, now) > LongestTrial)
            trial = FirstTrial;
    }

    private void Fall(long now)
    {
        goodSince = now;
        // What was sent before the last fall must be through before another is judged.
        bool draining = under.TryPeek(out var first) && first.Sequence <= drainUntil;
        if (draining || level == VideoLevel.KeyFrames)
            return;
        if (time.GetElapsedTime(climbedAt, now) < ClimbProven)
            trial = trial * 2 < LongestTrial ? trial * 2 : LongestTrial;
        fellSinceClimb = true;
        level = level == VideoLevel.Main ? VideoLevel.Sub : VideoLevel.KeyFrames;
        drainUntil = newestSent;
    }

    private void Climb(long now)
    {
        level = level == VideoLevel.KeyFrames ? VideoLevel.Sub : VideoLevel.Main;
        climbedAt = goodSince = now;
        fellSinceClimb = false;
    }

    private void Expire(long now)
    {
        while (confirmed.TryPeek(out var first) && (time.GetElapsedTime(first.At, now) > Window || confirmed.Count > MostRemembered))
            _ = confirmed.Dequeue();
    }
}
