namespace EdgeAgent.Agent.Box;

/// <summary>What speaks for or against switching off, at one look.</summary>
/// <param name="IgnitionOn">Null: not known.</param>
/// <param name="SupplyIsLow">The supply, or the UPS's battery, is nearly gone.</param>
/// <param name="IsBusy">An officer is signed in or a call is open.</param>
internal sealed record PowerSigns(bool? IgnitionOn, bool SupplyIsLow, bool IsBusy);

internal enum PowerPhase { Stays, CountsDown, Off }

/// <summary>Where the switching-off stands.</summary>
/// <param name="CountsSince">When the count-down began, by the time provider's timestamps.</param>
/// <param name="Reason">ignition_off or low_voltage; "" while it stays on.</param>
internal sealed record ShutdownNow(PowerPhase Phase, long CountsSince, string Reason)
{
    public const string IgnitionOff = "ignition_off", LowVoltage = "low_voltage";

    public static ShutdownNow Stays { get; } = new(PowerPhase.Stays, 0, "");

    /// <summary>A battery that is going waits for nobody.</summary>
    public bool MayPostpone => Phase == PowerPhase.CountsDown && Reason == IgnitionOff;
}

/// <summary>
/// When the box switches itself off: the ignition off for long enough and nobody at work, or the supply low for longer than an engine
/// takes to start. What is not known (a loose wire, a reader that fails) never switches it off, and does not forget what was known.
/// </summary>
internal sealed class ShutdownPlan(PowerOptions options, TimeProvider time)
{
    private readonly Lock gate = new();
    private long? offAt, lowAt, postponedAt, countingAt;

    public ShutdownNow Look(PowerSigns signs)
    {
        lock (gate)
        {
            if (signs.IgnitionOn == true)
                (offAt, postponedAt) = (null, null);
            else if (signs.IgnitionOn == false)
                offAt ??= time.GetTimestamp();
            lowAt = signs.SupplyIsLow ? lowAt ?? time.GetTimestamp() : null;
            string reason = options.Command.Count == 0 ? "" : Lasts(lowAt, options.LowFor) ? ShutdownNow.LowVoltage : IsLeft(signs) ? ShutdownNow.IgnitionOff : "";
            if (reason.Length == 0)
            {
                countingAt = null;
                return ShutdownNow.Stays;
            }
            countingAt ??= time.GetTimestamp();
            return new ShutdownNow(Lasts(countingAt, options.Countdown) ? PowerPhase.Off : PowerPhase.CountsDown, countingAt.Value, reason);
        }
    }

    /// <summary>Of the count-down; nought while there is none.</summary>
    public TimeSpan Left(ShutdownNow now) =>
        now.Phase == PowerPhase.CountsDown && options.Countdown - time.GetElapsedTime(now.CountsSince) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    /// <summary>Somebody wants the box to stay on. Of low voltage nothing comes of it.</summary>
    public void Postpone()
    {
        lock (gate)
            (postponedAt, countingAt) = (time.GetTimestamp(), null);
    }

    private bool IsLeft(PowerSigns signs) =>
        options.OffAfter > TimeSpan.Zero && signs.IgnitionOn == false && Lasts(offAt, signs.IsBusy ? options.AtMost : options.OffAfter)
        && (postponedAt is null || Lasts(postponedAt, options.Postpone));

    private bool Lasts(long? since, TimeSpan atLeast) => since is { } began && time.GetElapsedTime(began) >= atLeast;
}
