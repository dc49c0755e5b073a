using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Acceptances;

/// <summary>Tells a box that it is known, and keeps what was found when it was accepted.</summary>
internal sealed class AcceptanceService(UnitTable units, CommitQueue commits, TimeProvider time) : Acceptance.AcceptanceBase
{
    private const int MostBytes = 64 << 10, MostNameCharacters = 64, MostRows = 256;

    /// <summary>A box whose clock is far ahead would stay the newest for ever.</summary>
    private static readonly TimeSpan FurthestAhead = TimeSpan.FromMinutes(10);

    public override Task<GreetReply> Greet(GreetRequest request, ServerCallContext context) =>
        Task.FromResult(new GreetReply { UnitId = context.UnitId(), NowUnixMs = Now() });

    public override async Task<RegisterReply> Register(SignedEnvelope request, ServerCallContext context)
    {
        var (unitId, now) = (context.UnitId(), Now());
        var (certificate, problem) = Read(unitId, request, now);
        if (certificate is null)
            throw new RpcException(new Status(StatusCode.InvalidArgument, problem));
        await commits.CommitAsync(transaction =>
        {
            AcceptanceTable.Keep(transaction, certificate, request, now);
            AuditTable.Add(transaction, new AuditRow(unitId, certificate.Accepted ? "unit_accepted" : "unit_not_accepted", unitId, certificate.Technician), now);
            ChangeTable.Note(transaction, ChangeKind.Units, unitId, now);
            return 0;
        });
        return new RegisterReply { RegisteredAtUnixMs = now };
    }

    private (BirthCertificate? Certificate, string Problem) Read(string unitId, SignedEnvelope envelope, long now)
    {
        if (envelope.PayloadType != Envelopes.BirthType || envelope.CalculateSize() > MostBytes)
            return (null, $"Not a birth certificate, or larger than {MostBytes >> 10} KiB.");
        if (!units.HasSigned(unitId, envelope))
            return (null, "The birth certificate is not signed by this unit.");
        BirthCertificate certificate;
        try
        {
            certificate = BirthCertificate.Parser.ParseFrom(envelope.Payload);
        }
        catch (InvalidProtocolBufferException)
        {
            return (null, "The birth certificate cannot be read.");
        }
        return certificate.UnitId != unitId ? (null, "The birth certificate is another unit's.")
            : certificate.Technician.Length is 0 or > MostNameCharacters ? (null, $"The technician's name has 1 to {MostNameCharacters} characters.")
            : certificate.Parts.Count > MostRows || certificate.Checks.Count > MostRows ? (null, "The birth certificate has too many rows.")
            : certificate.MadeAtUnixMs <= 0 || certificate.MadeAtUnixMs > now + FurthestAhead.TotalMilliseconds ? (null, "The birth certificate is of another time: set the box's clock.")
            : certificate.Accepted && certificate.Checks.Any(check => check.Findings.Any(finding => finding.Grave)) ? (null, "What has a grave finding is not accepted.")
            : (certificate, "");
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
