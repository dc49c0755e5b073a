using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Terminal;
using EdgeAgent.Hw.Modem;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Box;

/// <summary>
/// Tells the centre how the box is: when what somebody would act on has changed, at most once a minute, and every ten minutes; at the
/// last, that the box switches itself off. Of a stage's own words nothing leaves the car: they may be any exception's.
/// </summary>
internal sealed class HealthStage(BoxBook book, ShutdownPlan plan, StageTable stages, HostHealth health, TrustedClock clock, Ledger ledger, PowerOff off, TimeProvider time)
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(10), Soonest = TimeSpan.FromMinutes(1), Latest = TimeSpan.FromMinutes(10);

    private readonly long startedAt = time.GetTimestamp();
    private long toldAt = time.GetTimestamp();
    private string told = "";

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                TellIfDue();
                pulse.Beat();
                await Task.Delay(Pace, time, stop);
            }
        }
        finally
        {
            if (off.Reason.Length > 0)
                Tell();
        }
    }

    public void TellIfDue()
    {
        TimeSpan since = time.GetElapsedTime(toldAt);
        if (since >= Latest || (since >= Soonest && Gist(Now()) != told))
            Tell();
    }

    public UnitHealth Now()
    {
        var now = new UnitHealth
        {
            SoftwareVersion = CarFacts.SoftwareVersion,
            UptimeMs = (long)time.GetElapsedTime(startedAt).TotalMilliseconds,
            Power = OfPower(book.Power),
            Modem = OfModem(book.Modem),
            Heat = OfHeat(book.Heat),
            Disk = OfDisk(book),
            Clock = OfClock(),
            Judgement = new SelfJudgement { Ill = { health.View().Ill } },
            Troubles = { book.Troubles() },
        };
        now.Stages.AddRange(stages.Snapshot().Select(s => new StageHealth
        {
            Name = s.Name,
            State = s.Condition switch
            {
                StageCondition.Ok => StageState.Ok,
                StageCondition.Starting => StageState.Starting,
                StageCondition.Degraded => StageState.Degraded,
                _ => StageState.Stopped,
            },
            RateHz = (float)s.RateHz,
            Restarts = (ulong)s.Restarts,
        }));
        return now;
    }

    private void Tell()
    {
        UnitHealth now = Now();
        _ = ledger.AppendIfRoom(Lane.Status, Priority.History, "", e => e.UnitHealth = now);
        (told, toldAt) = (Gist(now), time.GetTimestamp());
    }

    /// <summary>What somebody would act on; numbers alone are no news.</summary>
    private static string Gist(UnitHealth health) => string.Join('\n', [
        .. health.Stages.Select(s => $"{s.Name} {s.State}"), .. health.Troubles,
        $"{health.Power?.HasIgnitionOn} {health.Power?.IgnitionOn} {health.Power?.OnBattery} {health.Power?.Fault}",
        $"{health.Modem?.Condition} {health.Heat?.VisionShare} {health.Clock.Trust}"]);

    private PowerHealth? OfPower(PowerNow now)
    {
        if (now is { Ignition: null, Supply: null })
            return null;
        var power = new PowerHealth
        {
            OffInMs = (long)plan.Left(now.Off).TotalMilliseconds,
            OffReason = now.Off.Reason,
            Fault = now.Ignition is { Fault.Length: > 0 } ? "ignition" : now.Supply?.Fault ?? "",
        };
        if (now.Ignition?.IsOn is { } on)
            power.IgnitionOn = on;
        if (now.Supply?.IsOnBattery is { } onBattery)
            power.OnBattery = onBattery;
        if (now.Supply?.InputVolts is { } volts)
            power.SupplyVolts = (float)volts;
        if (now.Supply?.BatteryVolts is { } batteryVolts)
            power.BatteryVolts = (float)batteryVolts;
        if (now.Supply?.ChargePercent is { } percent)
            power.BatteryPercent = (float)percent;
        return power;
    }

    private static ModemHealth? OfModem(ModemReading now)
    {
        if (now.Condition == ModemCondition.NotFitted)
            return null;
        var modem = new ModemHealth { Condition = Words.Of(now.Condition), Technology = now.Technology, OperatorName = now.Operator };
        if (now.SignalPercent is { } percent)
            modem.SignalPercent = (uint)percent;
        return modem;
    }

    private static HeatHealth? OfHeat(HeatNow now) => now.Hottest is not { } hottest ? null
        : new HeatHealth { HottestCelsius = (float)hottest.Celsius, Sensor = hottest.Sensor, VisionShare = now.Share };

    private static DiskHealth? OfDisk(BoxBook book)
    {
        if (book.Disk is not { Fault: "" } now)
            return null;
        var disk = new DiskHealth { Model = now.Model, Failing = now.IsFailing };
        if (now.WearPercent is { } wear)
            disk.WearPercent = (uint)wear;
        if (now.Celsius is { } celsius)
            disk.Celsius = celsius;
        if (now.PowerOnHours is { } hours and >= 0)
            disk.PowerOnHours = (ulong)hours;
        return disk;
    }

    private ClockHealth OfClock() => new()
    {
        Trust = clock.Trust,
        WallAheadMs = clock.IsVouched ? clock.WallAheadMs : 0,
        LastJumpMs = clock.LastJump?.ByMs ?? 0,
        JumpedBy = clock.LastJump?.By ?? TimeTrust.Unspecified,
    };
}
