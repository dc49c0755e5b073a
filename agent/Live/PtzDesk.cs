using EdgeAgent.Agent.Hosting;
using EdgeAgent.Hw.Ptz;

namespace EdgeAgent.Agent.Live;

/// <summary>Steers the cameras that can be steered. A movement ends by itself: whoever wants to go on says so again.</summary>
internal sealed class PtzDesk(CarOptions options, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(5), ShortestHold = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, PtzClient> cameras = options.Cameras.Where(c => c.Ptz.Length > 0 && !c.PreviewOnly).ToDictionary(
        c => c.Id, c => new PtzClient(new PtzOptions(new Uri(c.Ptz), c.PtzUser, c.PtzPassword), time, loggers.CreateLogger<PtzClient>()));

    private readonly Dictionary<string, string> hands = [];

    public bool CanSteer(string cameraId) => cameras.ContainsKey(cameraId);

    /// <summary>Whether somebody else steered this camera last: one hand's many small movements are one audit record.</summary>
    public bool IsNewHand(string cameraId, string hand)
    {
        lock (hands)
        {
            bool isNew = hands.GetValueOrDefault(cameraId) != hand;
            hands[cameraId] = hand;
            return isNew;
        }
    }

    /// <returns>"" when the camera took it; no_ptz or camera_refused.</returns>
    public Task<string> MoveAsync(string cameraId, PtzVector speed, int holdMs, CancellationToken stop)
    {
        TimeSpan hold = TimeSpan.FromMilliseconds(holdMs);
        hold = hold < ShortestHold ? ShortestHold : hold > LongestHold ? LongestHold : hold;
        return DoAsync(cameraId, c => c.MoveAsync(speed, stop, hold));
    }

    /// <inheritdoc cref="MoveAsync"/>
    public Task<string> GoToAsync(string cameraId, PtzVector place, CancellationToken stop) => DoAsync(cameraId, c => c.GoToAsync(place, stop));

    /// <inheritdoc cref="MoveAsync"/>
    public Task<string> StepAsync(string cameraId, PtzVector step, CancellationToken stop) => DoAsync(cameraId, c => c.StepAsync(step, stop));

    /// <inheritdoc cref="MoveAsync"/>
    public Task<string> GoToPresetAsync(string cameraId, string token, CancellationToken stop) =>
        DoAsync(cameraId, c => c.GoToPresetAsync(token, stop));

    /// <inheritdoc cref="MoveAsync"/>
    public Task<string> StopAsync(string cameraId, CancellationToken stop) => DoAsync(cameraId, c => c.StopAsync(stop));

    private async Task<string> DoAsync(string cameraId, Func<PtzClient, Task> act)
    {
        if (!cameras.TryGetValue(cameraId, out PtzClient? camera))
            return "no_ptz";
        try
        {
            await act(camera);
            return "";
        }
        catch (PtzException)
        {
            return "camera_refused";
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (PtzClient camera in cameras.Values)
            await camera.DisposeAsync();
    }
}
