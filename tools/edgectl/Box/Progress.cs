namespace EdgeAgent.Edgectl.Box;

/// <summary>Words on standard error while something takes longer than a second.</summary>
internal static class Progress
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    public static async Task WhileAsync(Task work, string words, CancellationToken stop)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (!work.IsCompleted && await Task.WhenAny(work, Task.Delay(Every, TimeProvider.System, stop)) != work && !stop.IsCancellationRequested)
            Console.Error.WriteLine($"  {words}, {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0} s");
        await work;
    }
}
