using System.Runtime.CompilerServices;
using EdgeAgent.Eyes.Pipelines;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Frames;

namespace EdgeAgent.Eyes.Link;

/// <summary>Tells the host each second how the cameras are and what was done, and at once when a camera's state changes or the first picture was analysed.</summary>
internal sealed class StatusReporter(CameraSet cameras, Counters counters, FramePool pool, Action<EyesMessage> tell, TimeProvider time)
{
    private const int TicksPerSecond = 5;
    /// <summary>Rates are told over this many seconds: shorter, and a single late frame looks like a box that is behind.</summary>
    private const int RateSeconds = 4;

    private readonly Dictionary<string, (CameraPhase Phase, bool Frozen, bool Black)> _told = [];
    private readonly ConditionalWeakTable<CameraPipeline, AnalysisRate> _rates = [];
    private bool _looks;

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / TicksPerSecond), time);
        for (long tick = 0; await timer.WaitForNextTickAsync(stop); tick++)
        {
            bool all = tick % TicksPerSecond == 0;
            foreach (var camera in cameras.Pipelines)
                TellCamera(camera, camera.Reader.State, all);
            // That it looks at all is news.
            bool first = !_looks && counters.FramesAnalysed > 0;
            _looks |= first;
            if (all || first)
                tell(new EyesMessage { Counters = Count() });
        }
    }

    /// <summary>What was done so far.</summary>
    public EyesCounters Count() => new()
    {
        FramesDecoded = (ulong)cameras.FramesDecoded,
        FramesAnalysed = (ulong)counters.FramesAnalysed,
        FramesDropped = (ulong)(counters.FramesDropped + cameras.FramesStarved),
        FaceTracks = (ulong)counters.FaceTracks,
        FaceEmbeddings = (ulong)counters.FaceEmbeddings,
        PlateTracks = (ulong)counters.PlateTracks,
        PlateReads = (ulong)counters.PlateReads,
        FramesOutstanding = (ulong)pool.Outstanding,
        RssBytes = (ulong)Environment.WorkingSet,
        CpuSeconds = Environment.CpuUsage.TotalTime.TotalSeconds,
        FrameBytes = (ulong)(counters.AnalysisBytes + cameras.AllocatedBytes),
        QuietFrames = (ulong)counters.QuietFrames,
        QuietFrameBytes = (ulong)counters.QuietBytes,
        ReaderBytes = (ulong)cameras.AllocatedBytes,
        AllocatedBytes = (ulong)GC.GetTotalAllocatedBytes(),
        LooksTaken = (ulong)counters.LooksTaken,
        LooksDropped = (ulong)counters.LooksDropped,
        MainPictures = (ulong)counters.MainPictures,
        OldestFaceMs = (ulong)Math.Max(0, counters.OldestFaceMs),
        OldestPlateMs = (ulong)Math.Max(0, counters.OldestPlateMs),
    };

    private void TellCamera(CameraPipeline camera, Hw.Cameras.CameraState state, bool regular)
    {
        string id = camera.Id;
        var rate = _rates.GetOrCreateValue(camera);
        if (regular)
            rate.Count(camera.SubFrames.Wanted, camera.SubFrames.Analysed, time.GetTimestamp(), time);
        var now = (state.Phase, state.Frozen, state.Black);
        if (!regular && _told.TryGetValue(id, out var told) && told == now)
            return;
        _told[id] = now;
        tell(new EyesMessage
        {
            Camera = new CameraStatus
            {
                CameraId = id,
                State = state.Phase switch
                {
                    CameraPhase.Streaming => V1.CameraState.Streaming,
                    CameraPhase.Connecting => V1.CameraState.Connecting,
                    _ => V1.CameraState.Lost,
                },
                Detail = state.Detail,
                MainFps = state.MainFps,
                SubFps = state.SubFps,
                Width = (uint)state.Width,
                Height = (uint)state.Height,
                Codec = state.Codec,
                LastFrameMonoMs = state.LastFrameMonoMs,
                Reconnects = (ulong)state.Reconnects,
                Frozen = state.Frozen,
                Black = state.Black,
                WantedFps = rate.WantedFps,
                AnalysedFps = rate.AnalysedFps,
                FramesWanted = (ulong)camera.SubFrames.Wanted,
                FramesAnalysed = (ulong)camera.SubFrames.Analysed,
            },
        });
    }

    /// <summary>Frames a second that were due and that were analysed, from counts taken once a second.</summary>
    private sealed class AnalysisRate
    {
        private readonly Queue<(long Wanted, long Analysed, long At)> _counts = new(RateSeconds + 1);

        public float WantedFps { get; private set; }

        public float AnalysedFps { get; private set; }

        public void Count(long wanted, long analysed, long at, TimeProvider time)
        {
            if (_counts.TryPeek(out var first) && time.GetElapsedTime(first.At, at).TotalSeconds is > 0 and var seconds)
            {
                WantedFps = (float)((wanted - first.Wanted) / seconds);
                AnalysedFps = (float)((analysed - first.Analysed) / seconds);
            }
            if (_counts.Count == RateSeconds)
                _ = _counts.Dequeue();
            _counts.Enqueue((wanted, analysed, at));
        }
    }
}
