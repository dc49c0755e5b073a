using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>Asks one look-up. A transport that broke under it is tried once more with the same id, which the centre counts once.</summary>
internal sealed class LookUpClient(LookUps.LookUpsClient client)
{
    private const int Attempts = 2;

    /// <exception cref="RpcException">UNAVAILABLE: the link; UNIMPLEMENTED: a centre that knows no look-ups.</exception>
    public async Task<LookUpReply> CheckAsync(LookUpRequest request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await client.CheckAsync(request, cancellationToken: cancellationToken);
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.Internal && attempt < Attempts && !cancellationToken.IsCancellationRequested)
            {
                // Once more, below.
            }
        }
    }
}
