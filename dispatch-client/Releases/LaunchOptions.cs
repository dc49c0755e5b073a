namespace EdgeAgent.DispatchClient.Releases;

/// <summary>How the application is started, and when a new version counts as good.</summary>
public sealed record LaunchOptions
{
    /// <summary>Given to the program.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The program's name in the folder that the box was installed with. A bundle names its own.</summary>
    public string FactoryProgram { get; init; } = ReleaseTrust.Agent;

    /// <summary>Answers 200 with {"well":true,"pid":…} while the application is well. Default: the agent's on its usual port.</summary>
    public Uri Health { get; init; } = new("http://127.0.0.1:8088/api/health");

    /// <summary>A new version is good when it was well for so long without a break. Default 60 s, 0 s to 1 h.</summary>
    public TimeSpan WellFor { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A new version that runs and is not well has failed after so long. Default 180 s, 1 s to 1 h.</summary>
    public TimeSpan WellWithin { get; init; } = TimeSpan.FromSeconds(180);

    /// <summary>Failed starts after which what was there before is started again. Default 3, 1 to 10.</summary>
    public int FailuresAllowed { get; init; } = 3;

    public IEnumerable<string> Problems()
    {
        if (!Health.IsAbsoluteUri || Health.Scheme != Uri.UriSchemeHttp)
            yield return $"The health address is '{Health}': give one such as http://127.0.0.1:8088/api/health.";
        if (WellFor < TimeSpan.Zero || WellFor > TimeSpan.FromHours(1))
            yield return $"A version is to be well for {WellFor.TotalSeconds} s: give 0 to 3600.";
        if (WellWithin < TimeSpan.FromSeconds(1) || WellWithin > TimeSpan.FromHours(1))
            yield return $"A version is to be well within {WellWithin.TotalSeconds} s: give 1 to 3600.";
        if (FailuresAllowed is < 1 or > 10)
            yield return $"{FailuresAllowed} failures are allowed: give 1 to 10.";
    }
}
