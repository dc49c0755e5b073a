using EdgeAgent.Eyes.Pipelines;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Frames;

namespace EdgeAgent.Eyes.Link;

/// <summary>Tells the host each second how the cameras are and what was done, and at once when a camera's state changes.</summary>
internal sealed class StatusReporter(CameraSet cameras, Counters counters, FramePool pool, Action<EyesMessage> tell, TimeProvider time)
{
    private const int TicksPerSecond = 5;
    private readonly Dictionary<string, (CameraPhase Phase, bool Frozen)> _told = [];

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / TicksPerSecond), time);
        for (long tick = 0; await timer.WaitForNextTickAsync(stop); tick++)
        {
            bool all = tick % TicksPerSecond == 0;
            foreach (var camera in cameras.Pipelines)
                TellCamera(camera.Id, camera.Reader.State, all);
            if (all)
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
    };

    private void TellCamera(string id, Hw.Cameras.CameraState state, bool regular)
    {
        var now = (state.Phase, state.Frozen);
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
            },
        });
    }
}
