namespace EdgeAgent.Agent.Hosting;

/// <summary>What the end of a stage means for the process.</summary>
internal enum Criticality
{
    /// <summary>Ends the process with a non-zero code: without it nothing true could be said any more.</summary>
    Essential,

    /// <summary>Is started again; meanwhile the car works on without it and shows it as degraded.</summary>
    Optional,
}

/// <summary>Stages stop in this order, which is that of the data (STYLE 11).</summary>
internal enum StopPhase { Eyes, EyesLink, Alerts, Facts, Record, Link }

/// <summary>How an optional stage comes back: waits double from First to Cap, each drawn from the upper half of its span.</summary>
internal sealed record RestartRule(TimeSpan First, TimeSpan Cap)
{
    public static RestartRule Quick { get; } = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));

    public static RestartRule Patient { get; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
}

/// <summary>One line of the stage table.</summary>
/// <param name="Name">Shown on the terminal.</param>
internal sealed record StageRow(string Name, StopPhase StopPhase, Criticality Criticality)
{
    /// <summary>
    /// How often it should beat. Default 0: it only acts on occasions. Silence for five seconds and five beats shows as degraded.
    /// </summary>
    public double ExpectedRateHz { get; init; }

    public RestartRule Restart { get; init; } = RestartRule.Quick;

    /// <summary>How long its end may take once asked. Default 3 s.</summary>
    public TimeSpan StopDeadline { get; init; } = TimeSpan.FromSeconds(3);
}

/// <summary>One long task of the host.</summary>
/// <param name="RunAsync">Runs until cancelled. Returning or throwing earlier is a fault.</param>
internal sealed record Stage(StageRow Row, Func<StagePulse, CancellationToken, Task> RunAsync);

/// <summary>A stage's end that is no defect of the program and needs no stack trace: a process gone, a cable pulled.</summary>
internal sealed class StageEndedException(string message) : Exception(message);
