using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Hw.Power;

namespace EdgeAgent.Agent.Box;

/// <summary>Reads ignition and supply every ten seconds, every two while the count-down runs, and has the box switch itself off when the plan says so.</summary>
internal sealed class PowerStage(PowerOptions options, BoxBook book, ShutdownPlan plan, PowerOff off, OfficerDesk officers, CallBook calls, TimeProvider time)
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(10), CountdownPace = TimeSpan.FromSeconds(2);

    private readonly IIgnition? ignition = options.Ignition(time);
    private readonly NutClient? ups = UpsAddress.Parse(options.Ups) is { } address ? new NutClient(address, time) : null;

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await LookAsync(stop);
            PowerNow now = book.Power;
            string fault = now.Ignition is { Fault.Length: > 0 } line ? $"ignition: {line.Fault}" : now.Supply is { Fault.Length: > 0 } supply ? $"UPS: {supply.Fault}" : "";
            if (fault.Length > 0)
                pulse.Degraded(fault);
            else
                pulse.Ok();
            pulse.Beat();
            await Task.Delay(now.Off.Phase == PowerPhase.CountsDown ? Min(CountdownPace, plan.Left(now.Off)) : Pace, time, stop);
        }
    }

    /// <summary>One look.</summary>
    public async Task LookAsync(CancellationToken stop)
    {
        Task<IgnitionReading?> line = ReadIgnitionAsync(stop);
        SupplyReading? supply = ups is null ? null : await ups.ReadAsync(stop);
        IgnitionReading? read = await line;
        bool isLow = IsLow(read?.IsOn, supply);
        ShutdownNow now = plan.Look(new PowerSigns(read?.IsOn, isLow, officers.OnDuty is not null || calls.IsEngaged));
        book.Power = new PowerNow(read, supply, isLow, now);
        if (now.Phase == PowerPhase.Off)
            off.Begin(now.Reason);
    }

    /// <summary>By somebody at the terminal.</summary>
    /// <returns>Whether there was a count-down that can be postponed.</returns>
    public bool Postpone()
    {
        PowerNow now = book.Power;
        if (!now.Off.MayPostpone)
            return false;
        plan.Postpone();
        book.Power = now with { Off = ShutdownNow.Stays };
        return true;
    }

    private async Task<IgnitionReading?> ReadIgnitionAsync(CancellationToken stop) => ignition is null ? null : await ignition.ReadAsync(stop);

    // A running engine charges: what sags then is for a workshop, not a reason to go. A UPS that charges is on its way up.
    private bool IsLow(bool? ignitionOn, SupplyReading? supply) => supply is not null
        && ((supply.IsBatteryLow && supply.IsOnBattery != false)
            || (options.LowVolts > 0 && ignitionOn != true && (supply.InputVolts ?? supply.BatteryVolts) < options.LowVolts));

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
