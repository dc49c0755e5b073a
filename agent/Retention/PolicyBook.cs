using EdgeAgent.Agent.Hosting;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Retention;

/// <summary>
/// How long this car keeps what: the newest policy that its centre signed, in the lawful bounds. Without one, or where it cannot be
/// read, the standard clocks stand; nothing is ever kept for longer because a policy is missing.
/// </summary>
internal sealed partial class PolicyBook
{
    private readonly Lock gate = new();
    private readonly string path;
    private readonly UnitIdentity unit;
    private volatile RetentionPolicy current = RetentionClocks.Standard;

    public PolicyBook(CarOptions options, UnitIdentity unit, ILogger<PolicyBook> log)
    {
        path = Path.Combine(options.DataDirectory, "retention.signed");
        this.unit = unit;
        if (!File.Exists(path))
            return;
        (RetentionPolicy? read, string code) = Check(File.ReadAllBytes(path), 0);
        if (read is null)
            LogUnusable(log, code);
        else
            current = read;
    }

    public RetentionPolicy Current => current;

    public event Action? Changed;

    /// <summary>Takes a newer policy. Durable and in force when this returns "".</summary>
    /// <returns>"" or retention_not_signed_by_centre, retention_unreadable, retention_not_newer, retention_bad_clock.</returns>
    public string Take(SignedEnvelope envelope)
    {
        lock (gate)
        {
            byte[] bytes = envelope.ToByteArray();
            (RetentionPolicy? read, string code) = Check(bytes, current.Version);
            if (read is null)
                return code;
            SafeFile.Replace(path, bytes);
            current = read;
        }
        Changed?.Invoke();
        return "";
    }

    private (RetentionPolicy? Policy, string Code) Check(byte[] bytes, ulong heldVersion)
    {
        try
        {
            // The region's, not one unit's: it names none.
            (RetentionPolicy? policy, string code) = CentreSigned.Open(
                SignedEnvelope.Parser.ParseFrom(bytes), Envelopes.RetentionType, RetentionPolicy.Parser, "retention", p => (unit.UnitId, p.Version),
                unit.CentreSigners, unit.UnitId, heldVersion);
            return policy is null ? (null, code) : RetentionClocks.Problems(policy).Any() ? (null, "retention_bad_clock") : (policy, "");
        }
        catch (InvalidProtocolBufferException)
        {
            return (null, "retention_unreadable");
        }
    }

    [LoggerMessage(4190, LogLevel.Error, "The stored retention policy cannot be used ({Why}); the standard clocks stand until the centre sends one.")]
    private static partial void LogUnusable(ILogger log, string why);
}
