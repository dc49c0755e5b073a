using EdgeAgent.DispatchClient.Identity;
using Grpc.Core;
using Grpc.Net.Client;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>The centre did not take what it was asked, by name.</summary>
/// <param name="code">centre_unreachable, centre_not_trusted, certificate_refused, centre_too_old, certificate_revoked, birth_refused, centre_busy.</param>
/// <param name="detail">In the words of whoever refused.</param>
public sealed class AcceptanceException(string code, string detail) : Exception(detail)
{
    public string Code { get; } = code;
}

/// <summary>What the centre answered.</summary>
/// <param name="ClockOffset">The centre's clock minus this box's, as exact as half the round trip.</param>
public sealed record Greeting(string UnitId, TimeSpan ClockOffset, TimeSpan RoundTrip);

/// <summary>Asks the centre about this unit, beside whatever session the agent has.</summary>
public sealed class AcceptanceClient : IDisposable
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(10);
    private readonly TimeProvider time;
    private readonly CentreTrust trust;
    private readonly GrpcChannel channel;
    private readonly Acceptance.AcceptanceClient client;

    /// <param name="identity">The unit's; outlives this.</param>
    /// <param name="centre">https, host and port.</param>
    /// <param name="time">This box's clock.</param>
    public AcceptanceClient(UnitIdentity identity, Uri centre, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(time);
        this.time = time;
        // What is wrong with the box's clock is a finding of its own, and must not hide whether the centre is there.
        trust = new CentreTrust(centre.Host, identity.DeviceRoots, () => new TrustedNow(time.GetUtcNow(), MayBeBehind: true));
        channel = CentreConnection.Dial(new LinkOptions { Centre = centre }, trust, identity.Certificate);
        client = new Acceptance.AcceptanceClient(channel);
    }

    /// <exception cref="AcceptanceException">With its code.</exception>
    public async Task<Greeting> GreetAsync(CancellationToken stop)
    {
        // The first call also dials; the second measures.
        _ = await CallAsync(options => client.GreetAsync(new GreetRequest(), options), stop);
        (long began, DateTimeOffset sent) = (time.GetTimestamp(), time.GetUtcNow());
        GreetReply reply = await CallAsync(options => client.GreetAsync(new GreetRequest(), options), stop);
        TimeSpan round = time.GetElapsedTime(began);
        return new Greeting(reply.UnitId, DateTimeOffset.FromUnixTimeMilliseconds(reply.NowUnixMs) - (sent + (round / 2)), round);
    }

    /// <exception cref="AcceptanceException">With its code.</exception>
    public async Task RegisterAsync(SignedEnvelope birthCertificate, CancellationToken stop) =>
        _ = await CallAsync(options => client.RegisterAsync(birthCertificate, options), stop);

    public void Dispose() => channel.Dispose();

    private async Task<T> CallAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, CancellationToken stop)
    {
        try
        {
            return await call(new CallOptions(deadline: (time.GetUtcNow() + Within).UtcDateTime, cancellationToken: stop));
        }
        catch (RpcException e)
        {
            stop.ThrowIfCancellationRequested();
            throw Named(e);
        }
    }

    private AcceptanceException Named(RpcException e) => e.StatusCode switch
    {
        _ when trust.Refusal is { } refusal => new AcceptanceException("centre_not_trusted", refusal),
        StatusCode.PermissionDenied => new AcceptanceException("certificate_revoked", e.Status.Detail),
        StatusCode.Unauthenticated => new AcceptanceException("certificate_refused", e.Status.Detail),
        StatusCode.Unimplemented => new AcceptanceException("centre_too_old", e.Status.Detail),
        StatusCode.InvalidArgument => new AcceptanceException("birth_refused", e.Status.Detail),
        StatusCode.Unavailable when e.InnerException is null => new AcceptanceException("centre_busy", e.Status.Detail),
        _ when e.InnerException is HttpRequestException { InnerException: System.Security.Authentication.AuthenticationException inner } => new AcceptanceException("centre_not_trusted", inner.Message),
        _ => new AcceptanceException("centre_unreachable", e.Status.Detail),
    };
}
