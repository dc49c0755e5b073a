using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeAgent.DispatchClient.Releases;

/// <summary>The health gate: a new version's own word on how it is, asked again and again until it is good or has failed.</summary>
internal sealed class TrialWatch(LaunchOptions options, TimeProvider time) : IDisposable
{
    private const int MostAnswerBytes = 64 << 10;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250), AnswerWithin = TimeSpan.FromSeconds(2);
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = AnswerWithin, MaxResponseContentBufferSize = MostAnswerBytes };

    /// <summary>It ran, and this watch gave it up.</summary>
    public bool GaveUp { get; private set; }

    /// <summary>Null when it was well for long enough (or a stop was asked for), else what was wrong.</summary>
    public async Task<string?> WatchAsync(Process child, CancellationToken stop)
    {
        long started = time.GetTimestamp();
        long? wellSince = null;
        while (!stop.IsCancellationRequested)
        {
            if (child.HasExited)
                return $"it ended by itself with code {child.ExitCode} after {time.GetElapsedTime(started).TotalSeconds:0.0} s";
            if (await IsWellAsync(child.Id, stop))
            {
                wellSince ??= time.GetTimestamp();
                if (time.GetElapsedTime(wellSince.Value) >= options.WellFor)
                    return null;
            }
            else
            {
                wellSince = null;
                if (time.GetElapsedTime(started) >= options.WellWithin)
                {
                    GaveUp = true;
                    return $"it runs and was not well within {options.WellWithin.TotalSeconds:0} s";
                }
            }
            await NextAsync(child, stop);
        }
        return null;
    }

    public void Dispose() => http.Dispose();

    private async Task NextAsync(Process child, CancellationToken stop)
    {
        try
        {
            await child.WaitForExitAsync(stop).WaitAsync(Look, time, stop);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // The next look says which.
        }
    }

    // The process is asked for its number: another one on this port must not speak for it.
    private async Task<bool> IsWellAsync(int process, CancellationToken stop)
    {
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(options.Health, stop);
            return answer.IsSuccessStatusCode
                && JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(stop), HealthJson.Default.HealthAnswer) is { Well: true } health
                && health.Pid == process;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException)
        {
            return false;
        }
    }
}

/// <summary>What an application says of its health.</summary>
internal sealed record HealthAnswer(bool Well, int Pid);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(HealthAnswer))]
internal sealed partial class HealthJson : JsonSerializerContext;
