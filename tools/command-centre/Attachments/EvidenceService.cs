using EdgeAgent.CommandCentre.Calls;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Attachments;

/// <summary>Attachments follow their events. A receipt means: whole, checked and on disk.</summary>
internal sealed class EvidenceService(
    EvidenceFiles files, EvidenceTable table, CallTable calls, CommitQueue commits, TimeProvider time, ILogger<EvidenceService> log)
    : Evidence.EvidenceBase
{
    private const int HashBytes = 32;
    private const int MostAsked = 1000;

    public override Task<EvidenceStatus> Status(EvidenceStatusRequest request, ServerCallContext context)
    {
        var unitId = context.UnitId();
        if (request.Sha256.Count > MostAsked || request.Sha256.Any(sha => sha.Length != HashBytes))
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"Ask for at most {MostAsked} hashes of {HashBytes} bytes."));
        var status = new EvidenceStatus();
        foreach (var sha in request.Sha256)
        {
            var hash = sha.ToByteArray();
            var complete = table.IsOf(unitId, hash) ? table.CompleteSize(hash) : null;
            status.Items.Add(new EvidenceProgress
            {
                Sha256 = sha,
                Complete = complete is not null,
                DurableBytes = (ulong)(complete ?? files.IncomingBytes(unitId, hash)),
            });
        }
        return Task.FromResult(status);
    }

    public override async Task<EvidenceReceipt> Upload(IAsyncStreamReader<EvidenceChunk> requestStream, ServerCallContext context)
    {
        var unitId = context.UnitId();
        var header = await HeaderAsync(requestStream, context.CancellationToken);
        var hash = header.Attachment.Sha256.ToByteArray();
        var size = table.AnnouncedSize(unitId, header.EventId.ToByteArray(), hash)
            ?? throw new RpcException(new Status(StatusCode.NotFound, "No stored event of this unit announces this attachment: send the event first."));
        if (size != (long)header.Attachment.SizeBytes)
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"The event announces {size} bytes."));
        if (table.CompleteSize(hash) is { } there)
            return Receipt(header, there);

        using var upload = files.TryBegin(unitId, hash)
            ?? throw new RpcException(new Status(StatusCode.Aborted, "This attachment is being uploaded already."));
        if (header.Offset != (ulong)upload.Bytes)
            throw new RpcException(new Status(StatusCode.OutOfRange, $"The centre has {upload.Bytes} bytes: ask Status."));
        await ReceiveAsync(requestStream, upload, size, context.CancellationToken);
        if (!upload.Finish())
        {
            EvidenceLog.WrongHash(log, unitId);
            throw new RpcException(new Status(StatusCode.DataLoss, "The content does not have this hash: start again from 0."));
        }
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        _ = await commits.CommitAsync(transaction => EvidenceTable.Complete(transaction, hash, size, header.Attachment.MediaType, unitId, now));
        return Receipt(header, size);
    }

    public override async Task Download(DownloadRequest request, IServerStreamWriter<EvidenceChunk> responseStream, ServerCallContext context)
    {
        var hash = request.Sha256.ToByteArray();
        var size = hash.Length != HashBytes ? null : table.IsOf(context.UnitId(), hash) ? table.CompleteSize(hash) : calls.RecordingFor(context.UnitId(), hash);
        if (size is null)
            throw new RpcException(new Status(StatusCode.NotFound, "There is no such recording for this unit."));
        if (request.Offset > (ulong)size)
            throw new RpcException(new Status(StatusCode.OutOfRange, $"It has {size} bytes."));
        var header = new EvidenceHeader { Attachment = new AttachmentRef { Sha256 = request.Sha256, SizeBytes = (ulong)size }, Offset = request.Offset };
        await responseStream.WriteAsync(new EvidenceChunk { Header = header }, context.CancellationToken);
        using var file = files.OpenToRead(hash);
        var from = file.SeekTo((long)request.Offset);
        for (; file.TryReadBlock(out var block); from = 0)
        {
            if (from < block.Length)
                await responseStream.WriteAsync(new EvidenceChunk { Data = ByteString.CopyFrom(block.Span[from..]) }, context.CancellationToken);
        }
    }

    private static async Task<EvidenceHeader> HeaderAsync(IAsyncStreamReader<EvidenceChunk> requests, CancellationToken aborted)
    {
        if (!await requests.MoveNext(aborted) || requests.Current.PartCase != EvidenceChunk.PartOneofCase.Header)
            throw new RpcException(new Status(StatusCode.InvalidArgument, "An upload begins with its header."));
        var header = requests.Current.Header;
        return header.Attachment is { } attachment && attachment.Sha256.Length == HashBytes
            ? header
            : throw new RpcException(new Status(StatusCode.InvalidArgument, $"The attachment's hash is {HashBytes} bytes."));
    }

    private static async Task ReceiveAsync(IAsyncStreamReader<EvidenceChunk> requests, EvidenceUpload upload, long size, CancellationToken aborted)
    {
        while (await requests.MoveNext(aborted))
        {
            if (requests.Current.PartCase != EvidenceChunk.PartOneofCase.Data)
                throw new RpcException(new Status(StatusCode.InvalidArgument, "After the header comes data."));
            if (upload.Bytes + requests.Current.Data.Length > size)
            {
                upload.Discard();
                throw new RpcException(new Status(StatusCode.DataLoss, $"More than the announced {size} bytes came: start again from 0."));
            }
            upload.Append(requests.Current.Data.Span);
        }
        if (upload.Bytes < size)
            throw new RpcException(new Status(StatusCode.Unavailable, $"{upload.Bytes} of {size} bytes came: go on from where Status says."));
    }

    private static EvidenceReceipt Receipt(EvidenceHeader header, long size) => new() { Sha256 = header.Attachment.Sha256, SizeBytes = (ulong)size };
}

/// <summary>6200-6209.</summary>
internal static partial class EvidenceLog
{
    [LoggerMessage(6200, LogLevel.Warning, "An attachment of {Unit} did not have its announced hash and was thrown away")]
    public static partial void WrongHash(ILogger log, string unit);
}
