using EdgeAgent.CommandCentre.Sessions;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>How a unit's box is, as it last said; parts that it did not tell are null.</summary>
internal sealed record HealthView
{
    private const int MostTroubles = 16, MostCharacters = 64;

    public long ReceivedAtUnixMs { get; init; }

    /// <summary>Codes of what needs somebody, worst first.</summary>
    public required IReadOnlyList<string> Troubles { get; init; }

    /// <summary>Stages of its software that do not work, by its own judgement.</summary>
    public required IReadOnlyList<string> Ill { get; init; }
    public bool? IgnitionOn { get; init; }
    public bool? OnBattery { get; init; }
    public double? SupplyVolts { get; init; }
    public double? BatteryPercent { get; init; }

    /// <summary>Condition, then technology, operator and signal where it knows them.</summary>
    public ModemView? Modem { get; init; }
    public double? HottestCelsius { get; init; }

    /// <summary>Of the configured frames that it analyses, percent; 100: not throttled.</summary>
    public int? VisionPercent { get; init; }
    public int? DiskWearPercent { get; init; }
    public required string TimeTrust { get; init; }

    public static HealthView? Of(ToldHealth? told) => told?.Health is not { } health ? null : new HealthView
    {
        ReceivedAtUnixMs = told.ReceivedAtUnixMs,
        Troubles = Bounded(health.Troubles),
        Ill = Bounded(health.Judgement?.Ill ?? []),
        IgnitionOn = health.Power is { HasIgnitionOn: true } ? health.Power.IgnitionOn : null,
        OnBattery = health.Power is { HasOnBattery: true } ? health.Power.OnBattery : null,
        SupplyVolts = Finite(health.Power is { HasSupplyVolts: true } ? health.Power.SupplyVolts : null),
        BatteryPercent = Finite(health.Power is { HasBatteryPercent: true } ? health.Power.BatteryPercent : null),
        Modem = health.Modem is null ? null : new ModemView(
            Bounded(health.Modem.Condition), Bounded(health.Modem.Technology), Bounded(health.Modem.OperatorName), health.Modem.HasSignalPercent ? (int)Math.Min(health.Modem.SignalPercent, 100) : null),
        HottestCelsius = Finite(health.Heat?.HottestCelsius),
        VisionPercent = Finite(health.Heat?.VisionShare) is { } share ? (int)Math.Round(100 * Math.Clamp(share, 0, 1)) : null,
        DiskWearPercent = health.Disk is { HasWearPercent: true } ? (int)Math.Min(health.Disk.WearPercent, 255) : null,
        TimeTrust = health.Clock?.Trust switch
        {
            Patrol.Dispatch.V1.TimeTrust.Centre => "centre",
            Patrol.Dispatch.V1.TimeTrust.Gnss => "gnss",
            Patrol.Dispatch.V1.TimeTrust.Floor => "floor",
            Patrol.Dispatch.V1.TimeTrust.Untrusted => "untrusted",
            _ => "",
        },
    };

    private static string[] Bounded(IEnumerable<string> words) => [.. words.Take(MostTroubles).Select(Bounded)];

    private static string Bounded(string word) => word.Length <= MostCharacters ? word : word[..MostCharacters];

    // JSON knows no NaN.
    private static double? Finite(float? number) => number is { } told && float.IsFinite(told) ? Math.Round(told, 1) : null;
}

internal sealed record ModemView(string Condition, string Technology, string Operator, int? SignalPercent);
