using System.Security.Cryptography;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>What lists this unit should hold, and their envelopes, byte for byte as they were signed.</summary>
internal sealed class ListClient(Watchlists.WatchlistsClient client)
{
    private const int Attempts = 3;
    private const ulong MaxEnvelopeBytes = 512UL << 20;

    public async Task<ListIndex> IndexAsync(CancellationToken cancellationToken) =>
        await client.IndexAsync(new ListIndexRequest(), cancellationToken: cancellationToken);

    /// <exception cref="RpcException">NOT_FOUND: revoked meanwhile; others: the link.</exception>
    /// <exception cref="InvalidDataException">Not the bytes that were offered.</exception>
    public async Task<byte[]> FetchAsync(ListOffer offer, CancellationToken cancellationToken)
    {
        if (offer.SizeBytes is 0 or > MaxEnvelopeBytes)
            throw new InvalidDataException($"List {offer.ListId} is offered with {offer.SizeBytes} bytes; 1 to {MaxEnvelopeBytes}.");
        var envelope = new byte[offer.SizeBytes];
        var have = 0;
        for (var attempt = 1; have < envelope.Length; attempt++)
        {
            try
            {
                have = await FetchFromAsync(offer, envelope, have, cancellationToken);
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.Internal && attempt < Attempts && !cancellationToken.IsCancellationRequested)
            {
                continue;
            }
            if (have < envelope.Length && attempt >= Attempts)
                throw new InvalidDataException($"List {offer.ListId} ended after {have} of {envelope.Length} bytes.");
        }
        return SHA256.HashData(envelope).AsSpan().SequenceEqual(offer.Sha256.Span)
            ? envelope
            : throw new InvalidDataException($"List {offer.ListId} version {offer.Version} arrived with another hash than offered.");
    }

    private async Task<int> FetchFromAsync(ListOffer offer, byte[] envelope, int have, CancellationToken cancellationToken)
    {
        using var call = client.Fetch(
            new FetchListRequest { ListId = offer.ListId, Version = offer.Version, DeltaFromVersion = offer.DeltaFromVersion, Offset = (ulong)have },
            cancellationToken: cancellationToken);
        try
        {
            while (await call.ResponseStream.MoveNext(cancellationToken))
            {
                var chunk = call.ResponseStream.Current;
                if (chunk.Offset != (ulong)have || chunk.TotalBytes != offer.SizeBytes || chunk.Data.Length > envelope.Length - have)
                    throw new InvalidDataException($"List {offer.ListId}: a chunk at {chunk.Offset} of {chunk.TotalBytes} bytes where {have} of {envelope.Length} was due.");
                chunk.Data.Span.CopyTo(envelope.AsSpan(have));
                have += chunk.Data.Length;
            }
            return have;
        }
        catch (RpcException e) when (have > 0 && e.StatusCode is StatusCode.Unavailable or StatusCode.Internal)
        {
            return have;
        }
    }
}
