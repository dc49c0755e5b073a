using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.Edgectl.Box;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Edgectl.Acceptance;

/// <summary>The unit that is looked at: its settings, its identity, what its agent says, and what it was made of when it was accepted last.</summary>
internal sealed class UnitAtHand(string settingsFile, CarOptions? options, IReadOnlyList<string> problems, TimeProvider time) : IDisposable
{
    public string SettingsFile => settingsFile;

    public IReadOnlyList<string> Problems => problems;

    /// <summary>Only asked for once the settings were found to be right.</summary>
    public CarOptions Options => options ?? throw new InvalidOperationException("The settings are wrong.");

    public TimeProvider Time => time;

    /// <summary>Null until it was read.</summary>
    public UnitIdentity? Identity { get; set; }

    /// <summary>What the agent said of itself; null: it was not asked, or did not answer.</summary>
    public RunningAgent? Agent { get; set; }

    /// <summary>The centre's clock minus this box's; null: not known.</summary>
    public TimeSpan? ClockOffset { get; set; }

    public static UnitAtHand Open(string settingsFile, TimeProvider time)
    {
        var (options, problems) = CarOptions.Read(settingsFile);
        return new UnitAtHand(settingsFile, options is null ? null : CameraLogins.Over(options), problems, time);
    }

    /// <summary>Of the last acceptance that this box remembers; empty: there was none.</summary>
    public IReadOnlyList<InstalledPart> PartsBefore() => BirthCertificates.Last(Options.DataDirectory)?.Parts ?? [];

    /// <returns>Null: no agent runs over the data folder.</returns>
    /// <exception cref="IOException">One does, and cannot be heard.</exception>
    public Task<RunningAgent?> AskAsync(CancellationToken stop) => RunningAgent.AskAsync(Options.DataDirectory, stop);

    public void Dispose() => Identity?.Dispose();
}
