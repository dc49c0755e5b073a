using EdgeAgent.Agent.Terminal;
using EdgeAgent.Hw.Modem;

namespace EdgeAgent.Agent.Box;

/// <summary>What the page shows of vehicle and box, to whoever sits before it: a box that switches itself off asks everybody.</summary>
internal sealed class BoxArea(BoxBook book, ShutdownPlan plan) : IStateArea
{
    public string Name => "box";

    public bool ForEverybody => true;

    public object Now()
    {
        (PowerNow power, ModemReading modem, HeatNow heat) = (book.Power, book.Modem, book.Heat);
        return new
        {
            troubles = book.Troubles(),
            power = power is { Ignition: null, Supply: null } ? null : new
            {
                ignitionOn = power.Ignition?.IsOn,
                onBattery = power.Supply?.IsOnBattery,
                supplyVolts = power.Supply?.InputVolts,
                batteryVolts = power.Supply?.BatteryVolts,
                batteryPercent = power.Supply?.ChargePercent,
                fault = power.Ignition?.Fault is { Length: > 0 } fault ? fault : power.Supply?.Fault ?? "",
            },
            // While the count-down runs; then it is what the page shows before all else.
            off = power.Off.Phase == PowerPhase.Stays ? null : new { leftMs = (long)plan.Left(power.Off).TotalMilliseconds, power.Off.Reason, power.Off.MayPostpone },
            modem = modem.Condition == ModemCondition.NotFitted ? null
                : new { condition = Words.Of(modem.Condition), modem.SignalPercent, modem.Technology, modem.Operator, modem.Detail },
            heat = heat.Hottest is { } hottest ? new { hottest.Celsius, hottest.Sensor, heat.Share } : null,
            disk = book.Disk is { } disk ? new { disk.Model, disk.IsFailing, disk.WearPercent, disk.Celsius, disk.Fault } : null,
        };
    }
}
