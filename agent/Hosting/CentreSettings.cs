using System.Text.Json.Nodes;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Hosting;

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

    /// <param name="own">The car's own file.</param>
    /// <param name="inForce">What this start runs with.</param>
    public CentreSettings(CarOptions own, CarOptions inForce, UnitIdentity unit, ILogger<CentreSettings> log)
    {
        (this.own, this.unit, this.log) = (own, unit, log);
        InForce = inForce.CentreVersion;
        (UnitConfiguration? kept, string code, _) = Load(own, unit);
        Version = kept?.Version ?? 0;
        if (InForce == Version && code.Length == 0)
            return;
        LogLeftOut(log, Version, code.Length > 0 ? code : "bad_settings");
    }

    /// <summary>The newest one held, 0 if none.</summary>
    public ulong Version { get; private set; }

    /// <summary>The one that this start runs with, 0 if none. A newer one comes in force with the next.</summary>
    public ulong InForce { get; }

    /// <summary>The car's own options with what the centre set, or the own ones alone.</summary>
    public static CarOptions Over(CarOptions own)
    {
        if (!File.Exists(PathIn(own)))
            return own;
        using UnitIdentity unit = UnitIdentity.Load(own.IdentityDirectory);
        (UnitConfiguration? kept, _, CarOptions? whole) = Load(own, unit);
        return whole is null ? own : whole with { CentreVersion = kept!.Version };
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

    private static (UnitConfiguration? Kept, string Code, CarOptions? Whole) Load(CarOptions own, UnitIdentity unit)
    {
        if (!File.Exists(PathIn(own)))
            return (null, "", null);
        try
        {
            (UnitConfiguration? kept, string code) = Check(SignedEnvelope.Parser.ParseFrom(File.ReadAllBytes(PathIn(own))), unit, 0);
            return kept is null ? (null, code, null) : (kept, "", Merge(own, kept).Whole);
        }
        catch (InvalidProtocolBufferException)
        {
            return (null, "configuration_unreadable", null);
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

    private static (UnitConfiguration? Read, string Code) Check(SignedEnvelope envelope, UnitIdentity unit, ulong heldVersion)
    {
        if (Envelopes.OpenTrusted(envelope, Envelopes.ConfigurationType, SignerRole.Centre, unit.CentreSigners) is not { } payload)
            return (null, "configuration_not_signed_by_centre");
        UnitConfiguration read;
        try
        {
            read = UnitConfiguration.Parser.ParseFrom(payload.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            return (null, "configuration_unreadable");
        }
        return read.UnitId != unit.UnitId ? (null, "configuration_of_other_unit")
            : read.Version <= heldVersion ? (null, "configuration_not_newer") : (read, "");
    }

    private static string PathIn(CarOptions own) => Path.Combine(own.DataDirectory, "configuration.signed");

    [LoggerMessage(4016, LogLevel.Warning, "The centre's configuration version {Version} is refused: {Why}")]
    private static partial void LogRefused(ILogger log, ulong version, string why);

    [LoggerMessage(4017, LogLevel.Error, "The centre's configuration version {Version} is left out ({Why}); the car's own file stands.")]
    private static partial void LogLeftOut(ILogger log, ulong version, string why);
}
