using EdgeAgent.Agent.Hosting;
using EdgeAgent.Hw.Machine;
using EdgeAgent.Hw.Modem;
using EdgeAgent.Hw.Power;

namespace EdgeAgent.Agent.Box;

/// <summary>The vehicle's power, as it was last read.</summary>
/// <param name="Ignition">Null where no line is fitted.</param>
/// <param name="Supply">Null where no UPS is fitted.</param>
/// <param name="IsLow">Supply or battery are nearly gone.</param>
/// <param name="Off">Where the switching-off stands.</param>
internal sealed record PowerNow(IgnitionReading? Ignition, SupplyReading? Supply, bool IsLow, ShutdownNow Off)
{
    public static PowerNow Unknown { get; } = new(null, null, false, ShutdownNow.Stays);
}

/// <summary>How hot the box is and what was done about it.</summary>
/// <param name="Hottest">Null where there is no sensor.</param>
/// <param name="Share">Of the configured frames that is analysed.</param>
internal sealed record HeatNow(Temperature? Hottest, float Share);

/// <summary>What the box knows of its vehicle and itself: written by the stages that read it, for everybody who asks.</summary>
internal sealed class BoxBook(BoxOptions options, TrustedClock clock)
{
    private volatile PowerNow power = PowerNow.Unknown;
    private volatile ModemReading modem = ModemReading.Of(ModemCondition.NotFitted);
    private volatile HeatNow heat = new(null, 1);
    private volatile DiskReading? disk;

    public PowerNow Power { get => power; set => power = value; }

    public ModemReading Modem { get => modem; set => modem = value; }

    public HeatNow Heat { get => heat; set => heat = value; }

    /// <summary>Null where nobody looks at it.</summary>
    public DiskReading? Disk { get => disk; set => disk = value; }

    /// <summary>Codes of what needs somebody, worst first, as UnitHealth lists them.</summary>
    public IReadOnlyList<string> Troubles()
    {
        (PowerNow powerNow, ModemReading modemNow, HeatNow heatNow, DiskReading? diskNow) = (power, modem, heat, disk);
        (string Code, bool Holds)[] all =
        [
            ("power_off", powerNow.Off.Phase == PowerPhase.Off),
            ("power_going", powerNow.Off.Phase == PowerPhase.CountsDown),
            ("low_voltage", powerNow.IsLow),
            ("hot", heatNow.Share < 1 || heatNow.Hottest?.Celsius >= options.HotCelsius),
            ("disk_failing", diskNow is { IsFailing: true }),
            ("disk_worn", diskNow is { IsFailing: false } && diskNow.WearPercent >= options.WornPercent),
            ("no_sim", modemNow.Condition == ModemCondition.NoSim),
            ("sim_locked", modemNow.Condition == ModemCondition.SimLocked),
            ("modem_failed", modemNow.Condition == ModemCondition.Failed),
            ("no_network", modemNow.Condition is ModemCondition.Searching or ModemCondition.Disabled),
            ("clock_jumped", clock.LastJump is { } jump && jump.IsFresh(clock.MonoMs)),
        ];
        return [.. all.Where(trouble => trouble.Holds).Select(trouble => trouble.Code)];
    }
}
