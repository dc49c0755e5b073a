namespace EdgeAgent.Rig.Rtsp;

/// <summary>What a camera plays: one loop, as main and sub-stream of the same pictures.</summary>
/// <param name="BlackMain">A key picture of nothing, in the main stream's format.</param>
/// <param name="FramesPerSecond">Of the main stream.</param>
/// <param name="SubStep">The sub-stream has every so manieth picture.</param>
internal sealed record CameraClip(ElementaryStream Main, ElementaryStream Sub, AccessUnit BlackMain, AccessUnit BlackSub, int FramesPerSecond, int SubStep = 1)
{
    /// <summary>The same seen by a head that is turned to the left and to the right; null: it does not turn.</summary>
    public TurnedClip? Turned { get; init; }

    /// <summary>Pictures of the main stream in one loop: whole steps, so that the sub-stream goes on evenly.</summary>
    public int Pictures => Math.Min(Main.Units.Count, Sub.Units.Count * SubStep) / SubStep * SubStep;

    public TimeSpan Length => TimeSpan.FromSeconds((double)Pictures / FramesPerSecond);

    /// <summary>The sub-stream's picture beside a main stream's; null: it has none at that instant.</summary>
    public AccessUnit? SubAt(int index) => index % SubStep == 0 ? Sub.Units[index / SubStep] : null;
}

/// <summary>What a clip shows when the head is turned, picture by picture and with key pictures at the same places.</summary>
internal sealed record TurnedClip(CameraClip Left, CameraClip Right)
{
    /// <summary>Turned further than this share of the pan axis, the picture is another one.</summary>
    private const double From = 0.05;

    /// <summary>Null: as the clip itself has it.</summary>
    public CameraClip? At(double pan) => pan < -From ? Left : pan > From ? Right : null;
}

internal enum CameraFault
{
    None,

    /// <summary>The same picture again and again, with timestamps that go on.</summary>
    Freeze,

    /// <summary>Black pictures.</summary>
    Black,

    /// <summary>A third of the pictures damaged.</summary>
    Corrupt,

    /// <summary>Nothing is sent, the connections stay open.</summary>
    Stall,
}

/// <summary>The instant at which the loop's first picture was due, on both clocks.</summary>
internal readonly record struct LoopStart(long UnixMs, long MonotonicMs);

/// <summary>
/// Plays a clip into the two mounts of a camera, endlessly, main and sub on one clock. The clock goes on while the camera is
/// unplugged, so what is visible when stays known.
/// </summary>
internal sealed class BenchCamera : IAsyncDisposable
{
    private static readonly TimeSpan MaxLateness = TimeSpan.FromSeconds(1);

    private readonly CameraClip clip;
    private readonly TimeProvider time;
    private readonly Mount main;
    private readonly Mount sub;
    private readonly Random damage;
    private readonly uint firstTimestamp;
    private readonly long startTimestamp;
    private readonly DateTimeOffset startedAt;
    private readonly Task begin;
    private readonly CancellationTokenSource stopping = new();

    private volatile CameraFault fault;
    private AccessUnit lastKeyMain;
    private AccessUnit lastKeySub;
    private CameraClip mainShown;
    private CameraClip subShown;
    private long loopFrom;

    /// <param name="id">Name of its mounts.</param>
    /// <param name="clip">What it plays.</param>
    /// <param name="server">Where.</param>
    /// <param name="seed">Of the damage it does when told to.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="begin">Until it ends, the first second is played again and again: receivers connect meanwhile and miss nothing.</param>
    /// <param name="phase">So much later than now is its first picture: cameras run free, each on a clock of its own.</param>
    public BenchCamera(string id, CameraClip clip, RtspServer server, int seed, TimeProvider time, Task? begin = null, TimeSpan phase = default)
    {
        this.begin = begin ?? Task.CompletedTask;
        Id = id;
        this.clip = clip;
        this.time = time;
        damage = new Random(seed);
        firstTimestamp = (uint)damage.NextInt64(uint.MaxValue);
        lastKeyMain = clip.Main.Units[0];
        lastKeySub = clip.Sub.Units[0];
        mainShown = subShown = clip;
        main = new Mount($"{id}/main", clip.Main.Codec, clip.Main.ParameterSets, clip.FramesPerSecond);
        sub = new Mount($"{id}/sub", clip.Sub.Codec, clip.Sub.ParameterSets, (double)clip.FramesPerSecond / clip.SubStep);
        server.Add(main);
        server.Add(sub);

        startTimestamp = time.GetTimestamp() + (long)(phase.TotalSeconds * time.TimestampFrequency);
        startedAt = time.GetUtcNow() + phase;
        Playing = PlayAsync();
    }

    public string Id { get; }

    /// <summary>Ends only with this object; earlier with what went wrong.</summary>
    public Task Playing { get; }

    public TimeSpan LoopLength => clip.Length;

    /// <summary>Of the first whole loop.</summary>
    public LoopStart Start
    {
        get
        {
            TimeSpan waited = DueAt(Interlocked.Read(ref loopFrom));
            return new LoopStart((startedAt + waited).ToUnixTimeMilliseconds(), (long)(startTimestamp * 1000.0 / time.TimestampFrequency + waited.TotalMilliseconds));
        }
    }

    public bool Plugged => main.Plugged;

    public CameraFault Fault => fault;

    /// <summary>Where the head looks, −1 to 1 of its pan axis: asked at each picture.</summary>
    public Func<double> LooksAt { get; set; } = () => 0;

    public int Receivers => main.Receivers + sub.Receivers;

    public void Unplug()
    {
        main.Unplug();
        sub.Unplug();
    }

    public void Plug()
    {
        main.Plug();
        sub.Plug();
    }

    public void SetFault(CameraFault value) => fault = value;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Playing;
        stopping.Dispose();
    }

    private async Task PlayAsync()
    {
        int loopFrames = clip.Pictures;
        try
        {
            for (long frame = 0; ; frame++)
            {
                TimeSpan due = DueAt(frame) - time.GetElapsedTime(startTimestamp);
                if (due > TimeSpan.Zero)
                    await Task.Delay(due, time, stopping.Token);
                else if (-due > MaxLateness)
                    frame = NextKeyAfter(frame, -due, loopFrames);
                stopping.Token.ThrowIfCancellationRequested();
                Send(IndexOf(frame, loopFrames), At(frame));
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    /// <summary>Which picture of the clip is due. The first second begins with a key picture, and so does the loop behind it.</summary>
    private int IndexOf(long frame, int loopFrames)
    {
        int second = Math.Min(clip.FramesPerSecond, loopFrames);
        while (frame - loopFrom >= second && !begin.IsCompleted)
            Interlocked.Add(ref loopFrom, second);
        return (int)((frame - loopFrom) % loopFrames);
    }

    private TimeSpan DueAt(long frame) => TimeSpan.FromTicks(frame * TimeSpan.TicksPerSecond / clip.FramesPerSecond);

    private MediaInstant At(long frame) =>
        new(firstTimestamp + (uint)(frame * (Mount.ClockHz / clip.FramesPerSecond)), startedAt + DueAt(frame));

    /// <summary>The machine was stopped for a while: a camera would not send all of it at once.</summary>
    private long NextKeyAfter(long frame, TimeSpan late, int loopFrames)
    {
        frame += (long)(late.TotalSeconds * clip.FramesPerSecond);
        while (!clip.Main.Units[IndexOf(frame, loopFrames)].IsKey || clip.SubAt(IndexOf(frame, loopFrames)) is not { IsKey: true })
            frame++;
        return frame;
    }

    private void Send(int index, MediaInstant at)
    {
        CameraClip turned = clip.Turned?.At(LooksAt()) ?? clip;
        mainShown = turned.Main.Units[index].IsKey ? turned : mainShown;
        subShown = turned.SubAt(index) is { IsKey: true } ? turned : subShown;
        AccessUnit mainUnit = mainShown.Main.Units[index];
        AccessUnit? subUnit = subShown.SubAt(index);
        CameraFault now = fault;
        if (now is CameraFault.None or CameraFault.Corrupt)
        {
            lastKeyMain = mainUnit.IsKey ? mainUnit : lastKeyMain;
            lastKeySub = subUnit is { IsKey: true } ? subUnit : lastKeySub;
        }
        switch (now)
        {
            case CameraFault.Stall:
                return;
            case CameraFault.Freeze:
                (mainUnit, subUnit) = (lastKeyMain, subUnit is null ? null : lastKeySub);
                break;
            case CameraFault.Black:
                (mainUnit, subUnit) = (clip.BlackMain, subUnit is null ? null : clip.BlackSub);
                break;
            case CameraFault.Corrupt when damage.Next(3) == 0:
                (mainUnit, subUnit) = (Damage(mainUnit), subUnit is null ? null : Damage(subUnit));
                break;
            default:
                break;
        }
        main.Push(mainUnit, at);
        if (subUnit is not null)
            sub.Push(subUnit, at);
    }

    /// <summary>One byte in about 400, anywhere, headers too.</summary>
    private AccessUnit Damage(AccessUnit unit)
    {
        return new AccessUnit([.. unit.Nals.Select(Spoil)], unit.IsKey);

        ReadOnlyMemory<byte> Spoil(ReadOnlyMemory<byte> nal)
        {
            byte[] copy = nal.ToArray();
            for (int i = 0; i <= copy.Length / 400; i++)
                copy[damage.Next(copy.Length)] = (byte)damage.Next(256);
            return copy;
        }
    }
}
