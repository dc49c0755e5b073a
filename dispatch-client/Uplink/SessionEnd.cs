using System.Security.Cryptography.X509Certificates;
using Grpc.Core;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>How a session ended.</summary>
/// <param name="Refused">The other side, or this one, said no; trying again soon would be answered the same.</param>
/// <param name="Detail">One sentence for people.</param>
/// <param name="RetryAfter">The centre's own wish, if it had one.</param>
internal sealed record SessionEnd(bool Refused, string Detail, TimeSpan? RetryAfter = null)
{
    /// <summary>Not even a TCP connection came about.</summary>
    public bool NoWay { get; init; }

    /// <summary>
    /// Sorts a failed call. A keep-alive time-out arrives as Internal, a lost connection as Unavailable, Cancelled or an IOException:
    /// all of them are a lost transport.
    /// </summary>
    public static SessionEnd Of(Exception fault, CentreTrust trust, X509Certificate2 unit, TrustedNow now)
    {
        if (trust.Refusal is { } refusal)
            return new SessionEnd(true, refusal);
        if (fault is RpcException { StatusCode: StatusCode.Unauthenticated or StatusCode.PermissionDenied or StatusCode.FailedPrecondition or StatusCode.Unimplemented } said)
            return new SessionEnd(true, $"The centre refuses this unit: {said.StatusCode}, {said.Status.Detail}");
        if (unit.NotAfter.ToUniversalTime() < now.At.UtcDateTime)
            return new SessionEnd(true, $"This unit's certificate ended on {unit.NotAfter.ToUniversalTime():yyyy-MM-dd}. Enrol the unit again.");
        var detail = fault is RpcException call ? $"{call.StatusCode}, {call.Status.Detail}" : fault.Message;
        return new SessionEnd(false, $"The centre cannot be reached: {detail}");
    }
}
