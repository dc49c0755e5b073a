using EdgeAgent.Hw.Power;

namespace EdgeAgent.Agent.Box;

/// <summary>How the box learns of the vehicle's power, and when it switches itself off. Nothing fitted, nothing happens.</summary>
internal sealed record PowerOptions
{
    private static readonly string[] Biases = ["as-is", "disable", "pull-up", "pull-down"];

    /// <summary>GPIO chip of the ignition line, as gpiodetect names it; "" (default): none.</summary>
    public string IgnitionChip { get; init; } = "";

    /// <summary>Offset of the line on its chip. Default 0, 0 to 1023.</summary>
    public int IgnitionLine { get; init; }

    /// <summary>A low level means that the ignition is on. Default false.</summary>
    public bool IgnitionActiveLow { get; init; }

    /// <summary>as-is (default), disable, pull-up or pull-down.</summary>
    public string IgnitionBias { get; init; } = "as-is";

    /// <summary>libgpiod's program. Default gpioget.</summary>
    public string GpioProgram { get; init; } = "gpioget";

    /// <summary>Instead of a line: a file that holds 0 while the ignition is off and 1 while it is on. "" (default): none.</summary>
    public string IgnitionFile { get; init; } = "";

    /// <summary>The UPS as NUT names it, name@host or name@host:port; "" (default): none.</summary>
    public string Ups { get; init; } = "";

    /// <summary>
    /// Minutes that the ignition must have been off before the box switches itself off. Default 30, since a patrol car stands with work
    /// going on; 0: never; at most 1440.
    /// </summary>
    public double OffAfterMinutes { get; init; } = 30;

    /// <summary>Minutes after which an officer who is signed in, or a call that is open, delays that no longer. Default 240, OffAfterMinutes to 2880.</summary>
    public double AtMostMinutes { get; init; } = 240;

    /// <summary>Minutes that a tap on the count-down postpones it. Default 30, 1 to 240.</summary>
    public double PostponeMinutes { get; init; } = 30;

    /// <summary>Seconds of count-down at the terminal before it. Default 60, 5 to 600.</summary>
    public double CountdownSeconds { get; init; } = 60;

    /// <summary>
    /// Below so many volts of supply with the engine not running the box switches itself off without waiting, such as 11.6 or 23.2. Default 0:
    /// not judged; at most 60. A UPS that says that its battery is low counts by itself.
    /// </summary>
    public double LowVolts { get; init; }

    /// <summary>Seconds for which the supply must have been low, so that a starting engine is none. Default 30, 10 to 600.</summary>
    public double LowForSeconds { get; init; } = 30;

    /// <summary>
    /// Seconds from the end of the count-down to the command's end: streams, ring, outbox, audit and link are ended orderly, and what has
    /// not ended by then is left behind. Default 25, 5 to 120.
    /// </summary>
    public double BudgetSeconds { get; init; } = 25;

    /// <summary>What switches the box off, a program and its arguments. Default systemctl poweroff; empty: it is never switched off.</summary>
    public IReadOnlyList<string> Command { get; init; } = ["systemctl", "poweroff"];

    internal TimeSpan OffAfter => TimeSpan.FromMinutes(OffAfterMinutes);

    internal TimeSpan AtMost => TimeSpan.FromMinutes(AtMostMinutes);

    internal TimeSpan Postpone => TimeSpan.FromMinutes(PostponeMinutes);

    internal TimeSpan Countdown => TimeSpan.FromSeconds(CountdownSeconds);

    internal TimeSpan LowFor => TimeSpan.FromSeconds(LowForSeconds);

    internal TimeSpan Budget => TimeSpan.FromSeconds(BudgetSeconds);

    /// <summary>The ignition's reader; null where none is fitted.</summary>
    internal IIgnition? Ignition(TimeProvider time) =>
        IgnitionChip.Length > 0 ? new GpioIgnition(GpioProgram, new GpioLine(IgnitionChip, IgnitionLine, IgnitionActiveLow, IgnitionBias), time)
        : IgnitionFile.Length > 0 ? new FileIgnition(IgnitionFile) : null;

    public IEnumerable<string> Problems()
    {
        if (IgnitionChip.Length > 0 && IgnitionFile.Length > 0)
            yield return "Power.IgnitionChip and Power.IgnitionFile are both given: give one.";
        if (IgnitionChip.StartsWith('-') || (IgnitionChip.Length > 0 && GpioProgram.Length == 0))
            yield return $"Power.IgnitionChip is '{IgnitionChip}', read by '{GpioProgram}': give a chip such as gpiochip0 and a program such as gpioget.";
        if (IgnitionLine is < 0 or > 1023)
            yield return $"Power.IgnitionLine is {IgnitionLine}: give 0 to 1023.";
        if (!Biases.Contains(IgnitionBias))
            yield return $"Power.IgnitionBias is '{IgnitionBias}': give {string.Join(", ", Biases)}.";
        if (IgnitionFile.Length > 0 && !Path.IsPathFullyQualified(IgnitionFile))
            yield return $"Power.IgnitionFile is '{IgnitionFile}': give a full path, or leave it out.";
        if (Ups.Length > 0 && UpsAddress.Parse(Ups) is null)
            yield return $"Power.Ups is '{Ups}': give name@host or name@host:port, such as car@127.0.0.1.";
        if (OffAfterMinutes is not (>= 0 and <= 1440))
            yield return $"Power.OffAfterMinutes is {OffAfterMinutes}: give 0 (never) to 1440.";
        if (!(AtMostMinutes >= OffAfterMinutes && AtMostMinutes <= 2880))
            yield return $"Power.AtMostMinutes is {AtMostMinutes}: give {OffAfterMinutes} (OffAfterMinutes) to 2880.";
        if (LowVolts is not (>= 0 and <= 60))
            yield return $"Power.LowVolts is {LowVolts}: give 0 (not judged) to 60.";
        foreach ((string name, double value, double least, double most) in ((string, double, double, double)[])
            [("PostponeMinutes", PostponeMinutes, 1, 240), ("CountdownSeconds", CountdownSeconds, 5, 600), ("LowForSeconds", LowForSeconds, 10, 600), ("BudgetSeconds", BudgetSeconds, 5, 120)])
        {
            if (!(value >= least && value <= most))
                yield return $"Power.{name} is {value}: give {least} to {most}.";
        }
        if (Command.Count > 0 && Command[0].Length == 0)
            yield return "Power.Command begins with an empty word: give a program and its arguments, or [].";
    }
}
