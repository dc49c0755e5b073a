namespace EdgeAgent.Agent.Hosting;

/// <summary>Every long task of the host in one table: name, what its end means, how often it should beat, how it comes back.</summary>
internal sealed class StageTable(IEnumerable<Stage> stages, TimeProvider time)
{
    public IReadOnlyList<(Stage Stage, StagePulse Pulse)> Rows { get; } =
        [.. stages.OrderBy(s => s.Row.StopPhase).Select(s => (s, new StagePulse(s.Row.Name, s.Row.ExpectedRateHz, time)))];

    public IReadOnlyList<StageSnapshot> Snapshot() => [.. Rows.Select(r => r.Pulse.Snapshot())];
}
