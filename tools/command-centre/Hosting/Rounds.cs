namespace EdgeAgent.CommandCentre.Hosting;

/// <summary>Work that is looked at again and again while the centre runs. A round's own faults are its own to tell; the next one follows.</summary>
internal abstract class Rounds(TimeSpan period, TimeProvider time) : BackgroundService
{
    protected TimeProvider Time => time;

    protected abstract Task RoundAsync();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await RoundAsync();
        }
        catch (OperationCanceledException)
        {
            // The centre stops.
        }
    }
}
