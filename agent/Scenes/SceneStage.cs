using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Eyes.V1;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Scenes;

/// <summary>Crowd and traffic: each camera's minute goes to the page, and durably, behind everything else, to the centre.</summary>
internal sealed class SceneStage(EyesFacts eyes, SceneBook book, OfficerDesk officers, PositionBook positions, TrustedClock clock, Ledger ledger)
{
    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        pulse.Ok();
        await foreach (SceneMinute minute in eyes.Scenes.ReadAllAsync(stop))
        {
            pulse.Beat();
            book.Take(minute);
            _ = ledger.AppendIfRoom(
                Lane.Status, Priority.History, officers.OnDuty?.OfficerId ?? "", e => e.SceneCounts = CountsOf(minute));
        }
    }

    private SceneCounts CountsOf(SceneMinute minute)
    {
        var counts = new SceneCounts
        {
            CameraId = minute.CameraId,
            FromUnixMs = clock.UnixMsAt(minute.FromMonoMs),
            ToUnixMs = clock.UnixMsAt(minute.ToMonoMs),
            Frames = minute.Frames,
            OwnSpeedMps = positions.Current is { Stale: false } here ? here.SpeedMps : 0,
        };
        if (minute.HeadsKnown)
            (counts.HeadsMedian, counts.HeadsMax) = (minute.HeadsMedian, minute.HeadsMax);
        if (minute.VehiclesKnown)
            counts.Vehicles = minute.Vehicles;
        return counts;
    }
}
