using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Lists;

/// <summary>What this unit should hold now, and the bytes of it.</summary>
internal sealed class WatchlistsService(ListTable lists, TimeProvider time) : Watchlists.WatchlistsBase
{
    private const int ChunkBytes = 64 << 10;

    public override Task<ListIndex> Index(ListIndexRequest request, ServerCallContext context)
    {
        var unitId = context.UnitId();
        var index = new ListIndex();
        index.Offers.AddRange(lists.Offered(unitId, Now()).Select(list => new ListOffer
        {
            ListId = list.ListId,
            Version = (ulong)list.Version,
            Kind = (ListKind)list.Kind,
            SizeBytes = (ulong)list.SizeBytes,
            Sha256 = ByteString.CopyFrom(list.Sha256),
        }));
        // Behind the whole lists: a car that knows no deltas has what it needs before it comes to them.
        index.Offers.AddRange(lists.OfferedDeltas(unitId, Now()).Select(delta => new ListOffer
        {
            ListId = delta.ListId,
            Version = (ulong)delta.Version,
            Kind = (ListKind)delta.Kind,
            SizeBytes = (ulong)delta.SizeBytes,
            Sha256 = ByteString.CopyFrom(delta.Sha256),
            DeltaFromVersion = (ulong)delta.FromVersion,
        }));
        index.RevokedListIds.AddRange(lists.RevokedIds(unitId));
        return Task.FromResult(index);
    }

    public override async Task Fetch(FetchListRequest request, IServerStreamWriter<ListChunk> responseStream, ServerCallContext context)
    {
        var (version, from) = ((long)Math.Min(request.Version, long.MaxValue), (long)Math.Min(request.DeltaFromVersion, long.MaxValue));
        var envelope = from == 0
            ? lists.Envelope(context.UnitId(), request.ListId, version, Now())
            : lists.Delta(context.UnitId(), request.ListId, version, from, Now());
        if (envelope is null)
            throw new RpcException(new Status(StatusCode.NotFound, "This version is not offered to this unit, or not any more: ask Index again."));
        if (request.Offset >= (ulong)envelope.Length)
            throw new RpcException(new Status(StatusCode.OutOfRange, $"The list has {envelope.Length} bytes."));
        for (var at = (int)request.Offset; at < envelope.Length; at += ChunkBytes)
        {
            var length = Math.Min(ChunkBytes, envelope.Length - at);
            var chunk = new ListChunk
            {
                Offset = (ulong)at,
                Data = UnsafeByteOperations.UnsafeWrap(envelope.AsMemory(at, length)),
                TotalBytes = (ulong)envelope.Length,
            };
            await responseStream.WriteAsync(chunk, context.CancellationToken);
        }
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
