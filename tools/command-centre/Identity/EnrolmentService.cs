using System.Data.Common;
using System.Security.Cryptography.X509Certificates;
using Dapper;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Identity;

/// <summary>A new box becomes a unit, once for each code; a unit gets its next certificate.</summary>
internal sealed class EnrolmentService(
    CommitQueue commits, TrustAnchors anchors, AttemptLimit attempts, SessionRegistry sessions, TimeProvider time, ILogger<EnrolmentService> log)
    : Enrolment.EnrolmentBase
{
    public override Task<RootsReply> Roots(RootsRequest request, ServerCallContext context) =>
        Task.FromResult(new RootsReply { DeviceRoots = { ByteString.CopyFrom(anchors.Devices.Root.RawData) } });

    public override async Task<EnrolReply> Enrol(EnrolRequest request, ServerCallContext context)
    {
        var from = context.GetHttpContext().Connection.RemoteIpAddress?.ToString() ?? "";
        if (attempts.BlockedFor($"enrol {from}") is { } wait)
            throw new RpcException(new Status(StatusCode.ResourceExhausted, $"Too many wrong codes: try again in {wait.TotalSeconds:0} s."));
        // Looked at before the code is used up: a broken request must not cost the technician the code.
        var checkedRequest = Issue("check", request.CertificateRequest);
        checkedRequest.Dispose();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var reply = await commits.CommitAsync(transaction =>
        {
            if (request.Code.Length > 64 || EnrolmentCodes.Use(transaction, request.Code, now) is not { } unitId)
                return null;
            using var certificate = Issue(unitId, request.CertificateRequest);
            transaction.Connection!.Execute(
                "UPDATE units SET enrolled_at = @now, serial_number = @serial WHERE unit_id = @unitId",
                new { unitId, now, serial = (request.SerialNumber.Length <= 64 ? request.SerialNumber : request.SerialNumber[..64]).Replace("\0", "", StringComparison.Ordinal) },
                transaction);
            Store(transaction, unitId, certificate, now, replacesOthers: true);
            CommandTable.Withdraw(transaction, unitId, Command.BodyOneofCase.Decommission, now);
            GatewayTable.Evict(transaction, unitId, now);
            AuditTable.Add(transaction, new AuditRow(unitId, "unit_enrolled", unitId, ""), now);
            // Who asks what units there are must hear that this one is there now.
            ChangeTable.Note(transaction, ChangeKind.Units, unitId, now);
            return Reply(unitId, certificate);
        });
        if (reply is null)
        {
            attempts.Failed($"enrol {from}");
            CentreLog.EnrolmentRefused(log);
            throw new RpcException(new Status(
                StatusCode.Unauthenticated, "There is no such enrolment code, or it was used or has ended. Ask the command centre for a new one."));
        }
        // The box that was this unit before has no right to go on.
        sessions.Find(reply.UnitId)?.Close("replaced", "Another box was enrolled as this unit.");
        CentreLog.Enrolled(log, reply.UnitId);
        return reply;
    }

    public override async Task<EnrolReply> Renew(RenewRequest request, ServerCallContext context)
    {
        var unitId = context.UnitId();
        using var certificate = Issue(unitId, request.CertificateRequest);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        _ = await commits.CommitAsync(transaction =>
        {
            Store(transaction, unitId, certificate, now, replacesOthers: false);
            AuditTable.Add(transaction, new AuditRow(unitId, "certificate_renewed", unitId, ""), now);
            return 0;
        });
        return Reply(unitId, certificate);
    }

    private X509Certificate2 Issue(string unitId, ByteString request)
    {
        try
        {
            return anchors.Devices.IssueUnit(unitId, request.Span);
        }
        catch (CentreException e)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, e.Message));
        }
    }

    private static void Store(DbTransaction transaction, string unitId, X509Certificate2 certificate, long now, bool replacesOthers)
    {
        var end = new DateTimeOffset(certificate.NotAfter.ToUniversalTime()).ToUnixTimeMilliseconds();
        UnitTable.AddCertificate(transaction, unitId, certificate.RawData, Envelopes.KeyId(certificate), now, end, replacesOthers);
    }

    private EnrolReply Reply(string unitId, X509Certificate2 certificate) => new()
    {
        UnitId = unitId,
        Certificate = ByteString.CopyFrom(certificate.RawData),
        DeviceRoots = { ByteString.CopyFrom(anchors.Devices.Root.RawData) },
        ListRoots = { anchors.ListRoots.Select(root => ByteString.CopyFrom(root.RawData)) },
        CentreSigners = { ByteString.CopyFrom(anchors.CentreSigner.RawData) },
    };
}

/// <summary>Whom a car is given to trust: the CA that also certifies the car itself, the roots of lists, the centre's signer.</summary>
internal sealed record TrustAnchors(DeviceAuthority Devices, IReadOnlyList<X509Certificate2> ListRoots, X509Certificate2 CentreSigner);
