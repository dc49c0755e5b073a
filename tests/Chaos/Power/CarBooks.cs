using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Chaos.Power;

/// <summary>The car's whole storage in one folder, as the host composes it: outbox, audit chain, keys and the clock's floor.</summary>
internal sealed class CarBooks : IDisposable
{
    private readonly string folder;
    private readonly UnitIdentity unit;
    private readonly UnitVault vault;
    private readonly AuditLog audit;

    private CarBooks(string folder)
    {
        this.folder = folder;
        unit = UnitIdentity.Load(Path.Combine(folder, "identity"));
        vault = UnitVault.Open(folder, NullLogger.Instance);
        Clock = TrustedClock.Open(folder, BootClock.OfThisMachine(), TimeProvider.System);
        Outbox = OutboxStore.Open(
            new OutboxOptions { Directory = folder, MaxBytes = 64 << 20, ReserveBytes = 1 << 20 },
            new PayloadSeal(plain => vault.Seal("outbox", plain), closed => vault.Open("outbox", closed)), TimeProvider.System);
        AgentTables.Migrate(Outbox);
        audit = AuditLog.Open(Path.Combine(folder, "audit"), unit, Clock, EdgeAgent.Agent.Audit.Ledger.LastCommitted(Outbox), NullLogger.Instance);
        Ledger = new EdgeAgent.Agent.Audit.Ledger(Outbox, audit, vault, Clock);
    }

    public OutboxStore Outbox { get; }

    public EdgeAgent.Agent.Audit.Ledger Ledger { get; }

    public TrustedClock Clock { get; }

    public ChainHead Head => audit.Head;

    /// <summary>An identity that this centre certifies; nothing else is there before the first start.</summary>
    public static void Enrol(string folder, DataFolder centre, string unitId)
    {
        using UnitKey key = UnitKey.Create(tpm: null);
        using DeviceAuthority devices = DeviceAuthority.Load(centre, TimeProvider.System);
        using X509Certificate2 certificate = devices.IssueUnit(unitId, new CertificateRequest($"CN={unitId}", key.Ecdsa, HashAlgorithmName.SHA256).CreateSigningRequest());
        using X509Certificate2 lists = X509Certificate2.CreateFromPem(File.ReadAllText(centre.KeyFile(CentreKeys.ListRoot + ".pem")));
        var reply = new EnrolReply
        {
            UnitId = unitId,
            Certificate = ByteString.CopyFrom(certificate.RawData),
            DeviceRoots = { ByteString.CopyFrom(devices.Root.RawData) },
            ListRoots = { ByteString.CopyFrom(lists.RawData) },
            CentreSigners = { ByteString.CopyFrom(CentreSigner.Load(centre).Certificate.RawData) },
        };
        IdentityWriter.Write(Path.Combine(folder, "identity"), key, reply, new UnitFacts(unitId, "https://127.0.0.1:1", 1));
    }

    public static CarBooks Open(string folder) => new(folder);

    /// <summary>What is wrong with the chain, or "" when it is whole, holds the head that was promised, and was never put aside.</summary>
    public string ChainFault(ChainHead? promised)
    {
        using FileStream file = new(Path.Combine(folder, "audit", "audit.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        ChainVerdict verdict = AuditChain.Verify(file, unit.Certificate, promised);
        return !verdict.Whole ? verdict.Sentence
            : Directory.GetFiles(Path.Combine(folder, "audit"), "broken-*").Length > 0 ? "a sound chain was taken for a changed one and put aside" : "";
    }

    public void Dispose()
    {
        audit.Dispose();
        vault.Dispose();
        unit.Dispose();
    }
}
