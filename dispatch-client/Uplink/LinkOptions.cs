using System.Security.Cryptography;
using System.Text;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>How the car talks to its centre.</summary>
public sealed record LinkOptions
{
    /// <summary>The centre's address, https.</summary>
    public required Uri Centre { get; init; }

    /// <summary>
    /// Other gateways of the same centre, https, tried in turn when one is lost; every car begins with another one. Default none.
    /// </summary>
    public IReadOnlyList<Uri> AlsoAt { get; init; } = [];

    /// <summary>
    /// The trusted time that certificates are held against (DESIGN 4.4). Default: the box's own clock, believed.
    /// </summary>
    public Func<TrustedNow>? Clock { get; init; }

    /// <summary>
    /// Whether the way out costs by the byte now: then attachments wait, and events, positions and asked-for live views do not.
    /// Asked often; answers at once. Default: never.
    /// </summary>
    public Func<bool> Metered { get; init; } = static () => false;

    /// <summary>A ping after this long without traffic. Default 3 s, 1 to 60 s.</summary>
    public TimeSpan PingDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A ping unanswered for this long ends the connection. Default 4 s, 1 to 60 s.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Longest wait for a connection and the centre's welcome, each. Default 5 s, 1 to 60 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How the kernel is to pace what is sent; where it has none of this name, or this user may not choose it, its habit stays. Default "bbr".
    /// </summary>
    public string CongestionControl { get; init; } = "bbr";

    /// <summary>First wait after a lost connection; doubles, with jitter. Default 250 ms.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest wait between attempts while the centre cannot be reached. Default 2 s, so that an urgent event leaves within it.</summary>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Wait after a refusal. Default 30 s.</summary>
    public TimeSpan RefusedRetry { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Events sent and not yet acknowledged, unless the centre asks for fewer. Default 256, 1 to 4096.</summary>
    public int WindowEvents { get; init; } = 256;

    /// <summary>An event unacknowledged for this long means a dead session. Default 30 s.</summary>
    public TimeSpan AckTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often signed time is asked for, and the round trip measured. Default 60 s.</summary>
    public TimeSpan TimeEvery { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>These options for the nth attempt of a unit.</summary>
    internal LinkOptions ForAttempt(string unitId, int attempt)
    {
        if (AlsoAt.Count == 0)
            return this;
        // So that cars spread over the gateways, and a car comes back to the same one after a restart.
        var first = SHA256.HashData(Encoding.UTF8.GetBytes(unitId))[0];
        return this with { Centre = ((Uri[])[Centre, .. AlsoAt])[(first + attempt) % (AlsoAt.Count + 1)] };
    }

    /// <summary>All faults of these options, empty if none.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        if (Centre.Scheme != Uri.UriSchemeHttps)
            faults.Add($"Link.Centre is {Centre}; it must begin with https://.");
        foreach (var other in AlsoAt.Where(other => other.Scheme != Uri.UriSchemeHttps))
            faults.Add($"Link.AlsoAt has {other}; it must begin with https://.");
        Range(nameof(PingDelay), PingDelay, 1, 60);
        Range(nameof(PingTimeout), PingTimeout, 1, 60);
        Range(nameof(ConnectTimeout), ConnectTimeout, 1, 60);
        Range(nameof(FirstRetry), FirstRetry, 0.01, 60);
        Range(nameof(LongestRetry), LongestRetry, 0.01, 300);
        Range(nameof(RefusedRetry), RefusedRetry, 0.01, 3600);
        Range(nameof(AckTimeout), AckTimeout, 1, 600);
        Range(nameof(TimeEvery), TimeEvery, 1, 86400);
        if (WindowEvents is < 1 or > 4096)
            faults.Add($"Link.WindowEvents is {WindowEvents}; 1 to 4096.");
        return faults;

        void Range(string name, TimeSpan value, double fromSeconds, double toSeconds)
        {
            if (value.TotalSeconds < fromSeconds || value.TotalSeconds > toSeconds)
                faults.Add($"Link.{name} is {value.TotalSeconds} s; {fromSeconds} to {toSeconds} s.");
        }
    }
}

/// <summary>The time as far as it is known.</summary>
/// <param name="At">The newest instant that has surely passed.</param>
/// <param name="MayBeBehind">The true time may be any later one: the clock is not trusted, At is only a floor.</param>
public readonly record struct TrustedNow(DateTimeOffset At, bool MayBeBehind);
