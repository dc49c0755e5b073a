using System.Text.Json;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Hosting;

/// <summary>
/// What time it is, and how far to believe it (DESIGN 4.4). The newest time that the centre signed is a floor that survives
/// power-off; the time that the machine ran since is added up beside it. Their sum is the earliest that it can be now, whatever
/// any clock says, and the only time that destroys anything. The wall clock never decides: until the centre or GNSS vouched for
/// the time since this machine was switched on, it is unknown how long the car stood, and matching is suspended.
/// </summary>
internal sealed class TrustedClock
{
    private const long SaveEveryMs = 30_000;

    // Receivers and oscillators drift; more than this behind what must have passed is a wrong or forged fix.
    private const long GnssToleranceMs = 5_000;

    // Signed time and fixes differ by less; more is a forged fix that the centre corrected, or a clock that somebody set.
    private const long JumpMs = 5_000;

    private readonly Lock gate = new();
    private readonly string path;
    private readonly BootClock boot;
    private readonly TimeProvider time;

    private long floorMs;           // newest signed time; 0 = none ever
    private long ranMs;             // run since the floor, up to `ranAtMs` of this boot
    private long ranAtMs;
    private bool centreThisBoot;    // a signed time was seen since the machine was switched on
    private long gnssMs, gnssAtMs;  // last fix time and when, of this boot; 0 = none
    private long savedAtMs;
    private volatile ClockJump? lastJump;

    private TrustedClock(string path, BootClock boot, TimeProvider time)
    {
        this.path = path;
        this.boot = boot;
        this.time = time;
        ranAtMs = savedAtMs = boot.ElapsedMs();
        if (!File.Exists(path) || Read(path) is not { } saved)
            return;
        floorMs = saved.FloorUnixMs;
        bool sameBoot = saved.BootId == boot.BootId && saved.AtMs <= ranAtMs;
        ranMs = saved.RanMs + (sameBoot ? ranAtMs - saved.AtMs : 0);
        centreThisBoot = sameBoot && saved.CentreThisBoot;
    }

    public static TrustedClock Open(string dataDirectory, BootClock boot, TimeProvider time) =>
        new(Path.Combine(dataDirectory, "time.json"), boot, time);

    /// <summary>Whether somebody vouched for the time since the machine was switched on.</summary>
    public bool IsVouched
    {
        get { lock (gate) return centreThisBoot || gnssMs > 0; }
    }

    /// <summary>Whether the centre itself told the time since then. Certificates are held against no lesser word: a wrong or forged
    /// satellite time must not keep the car from being told the right one.</summary>
    public bool CentreToldThisBoot
    {
        get { lock (gate) return centreThisBoot; }
    }

    public TimeTrust Trust
    {
        get
        {
            lock (gate)
            {
                if (centreThisBoot)
                    return TimeTrust.Centre;
                if (gnssMs > 0)
                    return TimeTrust.Gnss;
                return floorMs > 0 && WallMs >= EarliestLocked() ? TimeTrust.Floor : TimeTrust.Untrusted;
            }
        }
    }

    /// <summary>The last time that a word moved the time by more than drift; null: never since the host's start.</summary>
    public ClockJump? LastJump => lastJump;

    /// <summary>By how much the machine's own clock is ahead of the trusted time, milliseconds.</summary>
    public long WallAheadMs => WallMs - NowUnixMs;

    /// <summary>The best time there is, Unix milliseconds; never before <see cref="EarliestUnixMs"/>.</summary>
    public long NowUnixMs
    {
        get
        {
            lock (gate)
            {
                long earliest = EarliestLocked();
                if (centreThisBoot)
                    return earliest;
                return Math.Max(earliest, gnssMs > 0 ? gnssMs + boot.ElapsedMs() - gnssAtMs : WallMs);
            }
        }
    }

    /// <summary>It is certainly not earlier than this. Only this time destroys.</summary>
    public long EarliestUnixMs
    {
        get { lock (gate) return EarliestLocked(); }
    }

    /// <summary>The newest time that the centre signed; 0 = none ever.</summary>
    public long LastContactUnixMs
    {
        get { lock (gate) return floorMs; }
    }

    /// <summary>How long the machine ran since the centre last told the time: at least this long ago was the last contact.</summary>
    public TimeSpan RunSinceContact
    {
        get { lock (gate) return TimeSpan.FromMilliseconds(RanLocked()); }
    }

    /// <summary>When something was seen, from its age by the monotonic clock that eyes and host share.</summary>
    public long UnixMsAt(long monoMs) => NowUnixMs - Math.Max(0, MonoMs - monoMs);

    /// <summary>A time that eyes took from the wall clock, as the trusted clock would have said it.</summary>
    public long FromWall(long wallUnixMs) => wallUnixMs + (NowUnixMs - WallMs);

    /// <summary>CLOCK_MONOTONIC in milliseconds, the clock of eyes' messages.</summary>
    public long MonoMs => (long)(time.GetTimestamp() * (1000.0 / time.TimestampFrequency));

    /// <summary>A time that the centre signed over our nonce, already verified.</summary>
    public void CentreSaid(long unixMs)
    {
        lock (gate)
        {
            long before = NowUnixMs;
            // Older than what must have passed: delayed on the way. It vouches, but moves nothing back.
            if (unixMs >= EarliestLocked() || !centreThisBoot)
            {
                floorMs = Math.Max(unixMs, EarliestLocked());
                ranMs = 0;
                ranAtMs = boot.ElapsedMs();
            }
            bool wasVouched = IsVouched;
            centreThisBoot = true;
            NoteJump(wasVouched, before, TimeTrust.Centre);
            SaveLocked();
        }
    }

    /// <summary>
    /// A time from a GNSS fix. It vouches for the present, but never becomes a floor, since anybody can send one; and only where
    /// there is a floor to hold it against.
    /// </summary>
    public void GnssSaid(long unixMs)
    {
        lock (gate)
        {
            if (floorMs == 0 || unixMs < EarliestLocked() - GnssToleranceMs)
                return;
            (long before, bool wasVouched) = (NowUnixMs, IsVouched);
            gnssMs = unixMs;
            gnssAtMs = boot.ElapsedMs();
            NoteJump(wasVouched, before, TimeTrust.Gnss);
        }
    }

    /// <summary>Adds up the running time on disk, at most every 30 s; call it often.</summary>
    public void Tick()
    {
        lock (gate)
        {
            if (floorMs > 0 && boot.ElapsedMs() - savedAtMs >= SaveEveryMs)
                SaveLocked();
        }
    }

    public void Save()
    {
        lock (gate)
        {
            if (floorMs > 0)
                SaveLocked();
        }
    }

    // Only what was vouched for can jump: before, nobody believed the time anyway.
    private void NoteJump(bool wasVouched, long beforeUnixMs, TimeTrust by)
    {
        long moved = NowUnixMs - beforeUnixMs;
        if (wasVouched && Math.Abs(moved) > JumpMs)
            lastJump = new ClockJump(moved, by, MonoMs);
    }

    private long WallMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private long RanLocked() => ranMs + (boot.ElapsedMs() - ranAtMs);

    private long EarliestLocked() => floorMs == 0 ? 0 : floorMs + RanLocked();

    private void SaveLocked()
    {
        ranMs = RanLocked();
        ranAtMs = savedAtMs = boot.ElapsedMs();
        try
        {
            SafeFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(new Saved(floorMs, ranMs, boot.BootId, ranAtMs, centreThisBoot)));
        }
        catch (IOException error) when (SafeFile.IsDiskFull(error))
        {
            // Kept in memory and tried again with the next save; the file before stays whole. A full disk must not end the car's work.
        }
    }

    // A damaged file is as good as none: no floor, so nothing is vouched for and nothing destroyed.
    private static Saved? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Saved>(File.ReadAllBytes(path));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Saved(long FloorUnixMs, long RanMs, string BootId, long AtMs, bool CentreThisBoot);
}

/// <summary>The trusted time was moved by a word.</summary>
/// <param name="ByMs">Forward positive, milliseconds.</param>
/// <param name="By">Whose word it was.</param>
/// <param name="AtMonoMs">When.</param>
internal sealed record ClockJump(long ByMs, TimeTrust By, long AtMonoMs)
{
    private const long FreshMs = 600_000;

    /// <summary>Somebody should still be told of it.</summary>
    public bool IsFresh(long nowMonoMs) => nowMonoMs - AtMonoMs <= FreshMs;
}
