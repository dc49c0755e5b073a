using EdgeAgent.CommandCentre.Identity;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Releases;

/// <summary>The bytes of the release that a unit is offered, from where it stopped.</summary>
internal sealed class ReleasesService(ReleaseStore releases) : Patrol.Dispatch.V1.Releases.ReleasesBase
{
    private const int ChunkBytes = 64 << 10;

    public override async Task Fetch(FetchReleaseRequest request, IServerStreamWriter<ReleaseChunk> responseStream, ServerCallContext context)
    {
        await using var file = releases.Open(context.UnitId(), request.Version)
            ?? throw new RpcException(new Status(StatusCode.NotFound, "This release is not offered to this unit, or not any more."));
        if (request.Offset >= (ulong)file.Length)
            throw new RpcException(new Status(StatusCode.OutOfRange, $"The release has {file.Length} bytes."));
        file.Position = (long)request.Offset;
        var buffer = new byte[ChunkBytes];
        while (file.Position < file.Length)
        {
            var at = file.Position;
            var read = await file.ReadAtLeastAsync(buffer, (int)Math.Min(ChunkBytes, file.Length - at), throwOnEndOfStream: false, context.CancellationToken);
            var chunk = new ReleaseChunk { Offset = (ulong)at, Data = ByteString.CopyFrom(buffer, 0, read), TotalBytes = (ulong)file.Length };
            await responseStream.WriteAsync(chunk, context.CancellationToken);
        }
    }
}
