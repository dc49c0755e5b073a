using System.Collections.Immutable;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Eyes.V1;

namespace EdgeAgent.Agent.Scenes;

/// <summary>The last minute of each camera as numbers, for the page. A minute older than two is no longer said.</summary>
internal sealed class SceneBook(TrustedClock clock)
{
    private const long OldMs = 3 * 60_000;

    private ImmutableDictionary<string, SceneMinute> minutes = ImmutableDictionary<string, SceneMinute>.Empty;

    /// <summary>Raised when a minute was added.</summary>
    public event Action? Changed;

    public void Take(SceneMinute minute)
    {
        _ = ImmutableInterlocked.AddOrUpdate(ref minutes, minute.CameraId, minute, (_, _) => minute);
        Changed?.Invoke();
    }

    /// <summary>Null when there is none that still says something.</summary>
    public SceneMinute? Of(string cameraId) =>
        minutes.GetValueOrDefault(cameraId) is { } minute && clock.MonoMs - minute.ToMonoMs <= OldMs ? minute : null;
}
