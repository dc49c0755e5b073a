using System.Security.Cryptography;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Patrolling;

/// <summary>What this unit is to patrol: the newest plan that the centre signed, kept sealed, so that it holds without a link.</summary>
internal sealed partial class PatrolBook
{
    private const string Purpose = "patrol";
    private readonly Lock gate = new();
    private readonly string path;
    private readonly UnitIdentity unit;
    private readonly UnitVault vault;
    private readonly Ledger ledger;
    private volatile PatrolPlan current = new();

    public PatrolBook(CarOptions options, UnitIdentity unit, UnitVault vault, Ledger ledger, ILogger<PatrolBook> log)
    {
        path = Path.Combine(options.DataDirectory, "patrol.sealed");
        (this.unit, this.vault, this.ledger) = (unit, vault, ledger);
        if (!File.Exists(path))
            return;
        try
        {
            (PatrolPlan? plan, string code) = Check(SignedEnvelope.Parser.ParseFrom(vault.Open(Purpose, File.ReadAllBytes(path))), 0);
            if (plan is null)
                LogUnusable(log, code);
            else
                current = plan;
        }
        catch (Exception error) when (error is CryptographicException or InvalidProtocolBufferException)
        {
            LogUnusable(log, error.Message);
        }
    }

    /// <summary>Version 0 and no routes before the first.</summary>
    public PatrolPlan Current => current;

    public event Action? Changed;

    /// <summary>Takes a newer plan. Durable when this returns "".</summary>
    /// <returns>"" or patrol_not_signed_by_centre, patrol_unreadable, patrol_of_other_unit, patrol_not_newer, patrol_bad_plan.</returns>
    public string Take(string issuer, SignedEnvelope envelope)
    {
        lock (gate)
        {
            (PatrolPlan? plan, string code) = Check(envelope, current.Version);
            if (plan is null)
                return code;
            SafeFile.Replace(path, vault.Seal(Purpose, envelope.ToByteArray()));
            current = plan;
        }
        ledger.Note(new AuditDraft(AuditKind.Configuration, issuer, "", $"patrol/{current.Version}", "patrol_taken"));
        Changed?.Invoke();
        return "";
    }

    private (PatrolPlan? Plan, string Code) Check(SignedEnvelope envelope, ulong heldVersion)
    {
        (PatrolPlan? plan, string code) = CentreSigned.Open(
            envelope, Envelopes.PatrolType, PatrolPlan.Parser, "patrol", p => (p.UnitId, p.Version), unit.CentreSigners, unit.UnitId, heldVersion);
        if (plan is null)
            return (null, code);
        bool bad = plan.Routes.Count > PatrolCheck.MostRoutes || plan.Routes.Any(r => PatrolCheck.Problems(r).Any())
            || plan.Routes.DistinctBy(r => r.PlanId).Count() != plan.Routes.Count;
        return bad ? (null, "patrol_bad_plan") : (plan, "");
    }

    [LoggerMessage(4260, LogLevel.Error, "The stored patrol plan cannot be used ({Why}); there is none until the centre sends one.")]
    private static partial void LogUnusable(ILogger log, string why);
}
