using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Sessions;

/// <summary>A car comes on the line: who it is, whether we speak one language, then its session.</summary>
internal sealed class LinkService(
    SessionServices services, SessionRegistry registry, UnitHoldings holdings, IHostApplicationLifetime lifetime) : Link.LinkBase
{
    private const int IncarnationBytes = 16;
    private const int MostCameras = 64;
    private static readonly TimeSpan Farewell = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan HelloWithin = TimeSpan.FromSeconds(10);

    public override async Task Session(
        IAsyncStreamReader<CarMessage> requestStream, IServerStreamWriter<CentreMessage> responseStream, ServerCallContext context)
    {
        var unitId = context.UnitId();
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            throw new RpcException(new Status(StatusCode.Unavailable, "The centre is stopping."));
        var hello = await HelloAsync(requestStream, context.CancellationToken);
        var now = services.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var cameras = string.Join('\n', hello.CameraIds);
        using var session = new UnitSession(unitId, hello, services);
        _ = await services.Commits.CommitAsync(
            transaction =>
            {
                if (services.Gateway.IsShared)
                    GatewayTable.Enter(transaction, unitId, services.Gateway.Id, session.SessionId, now);
                holdings.Ensure(transaction, unitId, hello);
                return UnitTable.Seen(transaction, unitId, hello.SoftwareVersion, cameras, now);
            },
            context.CancellationToken);

        registry.Enter(session);
        SessionLog.Began(services.Log, unitId);
        try
        {
            await session.RunAsync(requestStream, responseStream, context.CancellationToken);
            // The server closes connections whose calls are over: a goodbye that was sent but not read yet would go with it.
            if (lifetime.ApplicationStopping.IsCancellationRequested)
                await Task.Delay(Farewell, services.Time, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            registry.Leave(session);
            SessionLog.Ended(services.Log, unitId);
        }
        now = services.Time.GetUtcNow().ToUnixTimeMilliseconds();
        if (!lifetime.ApplicationStopping.IsCancellationRequested)
            _ = await services.Commits.CommitOfUnitAsync(unitId, transaction =>
                UnitTable.SeenLast(transaction, unitId, now) + (services.Gateway.IsShared ? GatewayTable.Leave(transaction, unitId, session.SessionId) : 0));
    }

    private static async Task<Hello> HelloAsync(IAsyncStreamReader<CarMessage> requests, CancellationToken aborted)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        limit.CancelAfter(HelloWithin);
        bool any;
        try
        {
            any = await requests.MoveNext(limit.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, $"No Hello came within {HelloWithin.TotalSeconds:0} s."));
        }
        if (!any || requests.Current.BodyCase != CarMessage.BodyOneofCase.Hello)
            throw new RpcException(new Status(StatusCode.InvalidArgument, "A session begins with Hello."));
        var hello = requests.Current.Hello;
        if (hello.VersionMin > 1 || hello.VersionMax < 1)
        {
            var versions = $"This centre speaks version 1, the car {hello.VersionMin} to {hello.VersionMax}.";
            throw new RpcException(new Status(StatusCode.FailedPrecondition, versions));
        }
        if (hello.Incarnation.Length != IncarnationBytes)
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"The incarnation of the outbox is {IncarnationBytes} bytes."));
        if (hello.CameraIds.Count > MostCameras
            || hello.CameraIds.Any(id => id.Length is 0 or > 64 || id.Any(char.IsControl))
            || hello.SoftwareVersion.Length > 100 || hello.SoftwareVersion.Contains('\0', StringComparison.Ordinal))
            throw new RpcException(new Status(StatusCode.InvalidArgument, "Hello names too many cameras, or an impossible one."));
        return hello;
    }
}
