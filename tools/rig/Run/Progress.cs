using System.Diagnostics;

namespace EdgeAgent.Rig.Run;

/// <summary>The same lines as `./dev` prints: one a step, on standard error, so that standard output stays one JSON object.</summary>
internal sealed class Progress
{
    private readonly bool terminal = !Console.IsErrorRedirected;

    public async Task<T> StepAsync<T>(string title, Func<Task<T>> work)
    {
        long start = Stopwatch.GetTimestamp();
        Transient(title);
        try
        {
            T result = await work();
            Line($"  ✓ {title,-34} {Stopwatch.GetElapsedTime(start).TotalSeconds,3:0} s");
            return result;
        }
        catch
        {
            Line($"  ✗ {title}");
            throw;
        }
    }

    public Task StepAsync(string title, Func<Task> work) => StepAsync(title, async () => { await work(); return true; });

    /// <summary>A line that the next one replaces; shown only where a person watches.</summary>
    public void Transient(string text)
    {
        if (terminal)
            Console.Error.Write($"\r\x1b[K  … {text}");
    }

    public void Line(string text) => Console.Error.WriteLine(terminal ? $"\r\x1b[K{text}" : text);
}
