using System.Data.Common;
using System.Security.Cryptography;
using EdgeAgent.CommandCentre.Storage;
using Grpc.Core;

namespace EdgeAgent.CommandCentre.Identity;

/// <summary>The unit that calls, as its certificate says; never as a field says.</summary>
internal sealed record CallingUnit(string UnitId);

/// <summary>
/// Before any gRPC service: a certificate of our device CA, of a unit that was not revoked. Only Enrolment's Roots and Enrol are
/// open without one. The TLS layer lets every certificate pass, so that a car is told why it is refused.
/// </summary>
internal sealed class UnitAuthentication(RequestDelegate next, DeviceAuthority authority, UnitTable units)
{
    private static readonly HashSet<string> Open = ["/patrol.dispatch.v1.Enrolment/Enrol", "/patrol.dispatch.v1.Enrolment/Roots"];

    public Task InvokeAsync(HttpContext context)
    {
        if (Open.Contains(context.Request.Path.Value ?? ""))
            return next(context);
        if (context.Connection.ClientCertificate is not { } certificate)
            return Refuse(context, StatusCode.Unauthenticated, "A unit's certificate is needed: enrol the unit.");
        if (!authority.IsOurClient(certificate))
            return Refuse(context, StatusCode.Unauthenticated, "The certificate is not of this centre's device CA, or its time has ended.");
        if (!TryFind(certificate.RawData, out var holder))
            return Refuse(context, StatusCode.Unavailable, "The centre cannot read its database at present: try again later.");
        if (holder is null)
            return Refuse(context, StatusCode.Unauthenticated, "The certificate is not known here.");
        if (holder.IsRevoked)
            return Refuse(context, StatusCode.PermissionDenied, "The unit was revoked, or was enrolled again with another key.");
        context.Features.Set(new CallingUnit(holder.UnitId));
        return next(context);
    }

    /// <summary>A database that is away says nothing about whose certificate it is.</summary>
    private bool TryFind(byte[] certificate, out CertificateHolder? holder)
    {
        try
        {
            holder = units.Holder(SHA256.HashData(certificate));
            return true;
        }
        catch (DbException)
        {
            holder = null;
            return false;
        }
    }

    private static Task Refuse(HttpContext context, StatusCode code, string detail)
    {
        // A gRPC answer of trailers only.
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = ((int)code).ToString();
        context.Response.Headers["grpc-message"] = Uri.EscapeDataString(detail);
        return Task.CompletedTask;
    }
}

internal static class CallingUnitOfCall
{
    /// <summary>The unit of this call; the authentication in front of the services has set it.</summary>
    public static string UnitId(this ServerCallContext context) =>
        context.GetHttpContext().Features.Get<CallingUnit>()?.UnitId
        ?? throw new RpcException(new Status(StatusCode.Unauthenticated, "A unit's certificate is needed: enrol the unit."));
}
