namespace EdgeAgent.Agent.Hosting;

/// <summary>
/// Whether this version of the program works: asked by who started it (`edgectl app start`), who takes it back when it does not.
/// What lies outside the program is no fault of it: a camera that is unplugged, a link that is away, a full disk degrade stages and
/// leave it well.
/// </summary>
internal sealed class HostHealth(StageTable table)
{
    // Without these two nothing is seen, and what they lack is never outside.
    private static readonly string[] NeverDegraded = ["eyes", "eyes-link"];

    public HealthView View()
    {
        string[] ill = [.. table.Rows.Where(row => !Works(row.Stage.Row, row.Pulse.Snapshot())).Select(row => row.Stage.Row.Name)];
        return new HealthView(ill.Length == 0, Environment.ProcessId, ill);
    }

    internal static bool Works(StageRow row, StageSnapshot now) => now.Condition switch
    {
        StageCondition.Ok => true,
        StageCondition.Degraded => !NeverDegraded.Contains(row.Name),
        StageCondition.Starting => row.Criticality == Criticality.Optional && !NeverDegraded.Contains(row.Name),
        _ => false,
    };
}

/// <param name="Pid">So that whoever asks knows who answers.</param>
/// <param name="Ill">Stages that do not work.</param>
internal sealed record HealthView(bool Well, int Pid, IReadOnlyList<string> Ill);
