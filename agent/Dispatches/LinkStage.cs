using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.DispatchClient.Uplink;

namespace EdgeAgent.Agent.Dispatches;

/// <summary>Keeps the link to the centre; at the end gives it three seconds to deliver what waits.</summary>
internal sealed class LinkStage(CentreLink link, OutboxStore outbox, TrustedClock clock, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(3), DrainLook = TimeSpan.FromMilliseconds(50);

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        link.TimeVerified += TakeTime;
        using var ending = new CancellationTokenSource();
        Task running = link.RunAsync(ending.Token);
        try
        {
            while (!stop.IsCancellationRequested && !running.IsCompleted)
            {
                Show(pulse);
                await Task.Delay(Look, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            await DrainAsync(running);
        }
        finally
        {
            link.TimeVerified -= TakeTime;
            await ending.CancelAsync();
        }
        await running;
    }

    private void TakeTime(VerifiedTime said) => clock.CentreSaid(said.UnixMs + (long)time.GetElapsedTime(said.ReceivedTimestamp).TotalMilliseconds);

    private void Show(StagePulse pulse)
    {
        LinkState state = link.State;
        if (state.Phase == LinkPhase.Up)
            pulse.Ok();
        else
            pulse.Degraded(state.Detail);
        pulse.Beat();
    }

    private async Task DrainAsync(Task running)
    {
        long began = time.GetTimestamp();
        while (!running.IsCompleted && link.State.Phase == LinkPhase.Up && time.GetElapsedTime(began) < Drain
            && outbox.Counts.Waiting > 0)
            await Task.Delay(DrainLook, time);
    }
}
