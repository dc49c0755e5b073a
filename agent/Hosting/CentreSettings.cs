using System.Text.Json.Nodes;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Hosting;

/// <summary>What the car starts with.</summary>
/// <param name="Own">Its own file alone.</param>
/// <param name="Options">With what the centre set, where the car can run with it.</param>
/// <param name="Version">Of what the centre set, 0 if there is nothing.</param>
/// <param name="Problem">Why it is left out, "" when it is not.</param>
internal sealed record SettingsAtStart(CarOptions Own, CarOptions Options, ulong Version, string Problem);

/// <summary>
/// What the centre set of this car's configuration: kept as it was signed, and laid over the car's own file at each start. A version
/// that the car could not run with is refused when it comes; one that it cannot run with any more (its file has changed) is left out.
/// </summary>
internal sealed partial class CentreSettings
{
    private readonly Lock gate = new();
    private readonly CarOptions own;
    private readonly UnitIdentity unit;
    private readonly ILogger log;

    /// <param name="start">What was found at this start.</param>
    public CentreSettings(SettingsAtStart start, UnitIdentity unit, ILogger<CentreSettings> log)
    {
        (own, this.unit, this.log) = (start.Own, unit, log);
        (Version, InForce) = (start.Version, start.Options.CentreVersion);
        if (start.Problem.Length > 0)
            LogLeftOut(log, Version, start.Problem);
    }

    /// <summary>The newest one held, 0 if none.</summary>
    public ulong Version { get; private set; }

    /// <summary>The one that this start runs with, 0 if none. A newer one comes in force with the next.</summary>
    public ulong InForce { get; }

    /// <summary>Lays what the centre set over the car's own file, as far as the car can run with it.</summary>
    public static SettingsAtStart Over(CarOptions own)
    {
        if (!File.Exists(PathIn(own)))
            return new SettingsAtStart(own, own, 0, "");
        using UnitIdentity unit = UnitIdentity.Load(own.IdentityDirectory);
        try
        {
            (UnitConfiguration? kept, string code) = Check(SignedEnvelope.Parser.ParseFrom(File.ReadAllBytes(PathIn(own))), unit, 0);
            if (kept is null)
                return new SettingsAtStart(own, own, 0, code);
            (CarOptions? whole, string problem) = Merge(own, kept);
            return whole is null
                ? new SettingsAtStart(own, own, kept.Version, problem)
                : new SettingsAtStart(own, whole with { CentreVersion = kept.Version }, kept.Version, "");
        }
        catch (InvalidProtocolBufferException)
        {
            return new SettingsAtStart(own, own, 0, "configuration_unreadable");
        }
    }

    /// <summary>Takes a newer version. Durable when this returns "".</summary>
    /// <returns>"" or configuration_not_signed_by_centre, configuration_unreadable, configuration_of_other_unit,
    /// configuration_not_newer, configuration_bad_settings.</returns>
    public string Take(SignedEnvelope envelope)
    {
        lock (gate)
        {
            (UnitConfiguration? read, string code) = Check(envelope, unit, Version);
            if (read is null)
                return code;
            (CarOptions? whole, string problem) = Merge(own, read);
            if (whole is null)
            {
                LogRefused(log, read.Version, problem);
                return "configuration_bad_settings";
            }
            SafeFile.Replace(PathIn(own), envelope.ToByteArray());
            Version = read.Version;
            return "";
        }
    }

    private static (CarOptions? Whole, string Problem) Merge(CarOptions own, UnitConfiguration read)
    {
        (JsonObject? settings, string problem) = UnitSettings.Read(read.SettingsJson);
        if (settings is null)
            return (null, problem);
        (CarOptions? whole, IReadOnlyList<string> problems) = own.With(settings);
        return (whole, string.Join(' ', problems));
    }

    private static (UnitConfiguration? Read, string Code) Check(SignedEnvelope envelope, UnitIdentity unit, ulong heldVersion) => CentreSigned.Open(
        envelope, Envelopes.ConfigurationType, UnitConfiguration.Parser, "configuration", c => (c.UnitId, c.Version),
        unit.CentreSigners, unit.UnitId, heldVersion);

    private static string PathIn(CarOptions own) => Path.Combine(own.DataDirectory, "configuration.signed");

    [LoggerMessage(4016, LogLevel.Warning, "The centre's configuration version {Version} is refused: {Why}")]
    private static partial void LogRefused(ILogger log, ulong version, string why);

    [LoggerMessage(4017, LogLevel.Error, "The centre's configuration version {Version} is left out ({Why}); the car's own file stands.")]
    private static partial void LogLeftOut(ILogger log, ulong version, string why);
}
