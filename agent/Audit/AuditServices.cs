using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;

namespace EdgeAgent.Agent.Audit;

internal static class AuditServices
{
    /// <summary>The chain, the ledger over chain and outbox, and the witness at the centre.</summary>
    public static IServiceCollection AddAudit(this IServiceCollection services) => services
        .AddSingleton(sp => AuditLog.Open(
            Path.Combine(sp.GetRequiredService<CarOptions>().DataDirectory, "audit"),
            sp.GetRequiredService<UnitIdentity>(), sp.GetRequiredService<TrustedClock>(),
            Ledger.LastCommitted(sp.GetRequiredService<OutboxStore>()), sp.GetRequiredService<ILogger<AuditLog>>(),
            sp.GetRequiredService<OutboxStore>().MakeRoom))
        .AddSingleton<Ledger>()
        .AddSingleton<IRecords>(sp => sp.GetRequiredService<Ledger>())
        .AddSingleton(sp => ActivatorUtilities.CreateInstance<HeadWitness>(sp, HeadWitness.CountBoot(sp.GetRequiredService<OutboxStore>())))
        .AddStage<HeadWitness>(
            new("audit", StopPhase.Record, Criticality.Essential) { ExpectedRateHz = 1 },
            (s, pulse, stop) => s.RunAsync(pulse, stop))
        .AddSingleton<ReceiptStage>()
        .AddStage<ReceiptStage>(
            new("receipts", StopPhase.Facts, Criticality.Essential) { ExpectedRateHz = 1 },
            (s, pulse, stop) => s.RunAsync(pulse, stop));
}
