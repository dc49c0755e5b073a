using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>The bytes of an offered release, into a file that may hold the first of them already.</summary>
internal sealed class ReleaseClient(Patrol.Dispatch.V1.Releases.ReleasesClient client)
{
    // So much is fetched again after a power cut, at most.
    private const int SyncEvery = 4 << 20;

    /// <param name="offer">What was offered.</param>
    /// <param name="part">Goes on at its end. What it holds when this returns or throws is on the disk.</param>
    /// <param name="goOn">Asked after each chunk; false leaves the rest for another time.</param>
    /// <param name="cancellationToken">Ends it, as the link's end does.</param>
    /// <exception cref="RpcException">NOT_FOUND: not offered any more; others: the link.</exception>
    /// <exception cref="InvalidDataException">Not the bytes that were due.</exception>
    public async Task FetchAsync(ReleaseOffer offer, FileStream part, Func<bool> goOn, CancellationToken cancellationToken)
    {
        part.Position = part.Length;
        using var call = client.Fetch(new FetchReleaseRequest { Version = offer.Version, Offset = (ulong)part.Position }, cancellationToken: cancellationToken);
        try
        {
            var unsynced = 0;
            while (await call.ResponseStream.MoveNext(cancellationToken))
            {
                var chunk = call.ResponseStream.Current;
                if (chunk.Offset != (ulong)part.Position || chunk.TotalBytes != offer.SizeBytes || chunk.Offset + (ulong)chunk.Data.Length > offer.SizeBytes)
                    throw new InvalidDataException($"Release {offer.Version}: a chunk at {chunk.Offset} of {chunk.TotalBytes} bytes where {part.Position} of {offer.SizeBytes} was due.");
                await part.WriteAsync(chunk.Data.Memory, cancellationToken);
                if ((unsynced += chunk.Data.Length) >= SyncEvery)
                {
                    part.Flush(flushToDisk: true);
                    unsynced = 0;
                }
                if (!goOn())
                    return;
            }
        }
        finally
        {
            part.Flush(flushToDisk: true);
        }
    }
}
