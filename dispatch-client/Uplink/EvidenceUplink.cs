using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>
/// Sends attachments after their event was acknowledged, one at a time, on the bulk connection, and goes on where a cut upload
/// stopped: the centre says how much of each is durable there. It takes what of the link is free and makes no queue, and stands
/// still while the link is metered or a live view has too little of it.
/// </summary>
internal sealed class EvidenceUplink(
    Evidence.EvidenceClient client, OutboxStore outbox, LinkBoard board, EvidencePace pace, TimeProvider time, ILogger logger)
{
    /// <summary>Content of one message.</summary>
    public const int PieceBytes = 8 << 10;

    /// <summary>Most bytes between this process and the centre: 40 Mbit/s over 200 ms.</summary>
    public const int MostUnderWayBytes = 1 << 20;

    private const int AskAtOnce = 16;
    private const int HashFaultsAllowed = 3;
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private readonly Dictionary<string, int> hashFaults = [];

    public async Task RunAsync(CancellationToken ended)
    {
        var wait = FirstWait;
        while (true)
        {
            var due = outbox.AttachmentsToSend(AskAtOnce);
            if (due.Count == 0)
            {
                await board.EvidenceWake.WaitAsync(ended);
                continue;
            }
            if (await SendAllAsync(due, ended))
            {
                wait = FirstWait;
                continue;
            }
            await Task.Delay(wait, time, ended);
            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }
    }

    /// <returns>Whether any of them is settled now.</returns>
    private async Task<bool> SendAllAsync(IReadOnlyList<(byte[] EventId, AttachmentRef Reference)> due, CancellationToken ended)
    {
        var request = new EvidenceStatusRequest();
        request.Sha256.AddRange(due.Select(item => item.Reference.Sha256).Distinct());
        EvidenceStatus status;
        try
        {
            status = await client.StatusAsync(request, cancellationToken: ended);
        }
        catch (RpcException e) when (!ended.IsCancellationRequested)
        {
            LinkLog.UploadFailed(logger, "status", e.StatusCode.ToString(), e.Status.Detail);
            return false;
        }
        var there = status.Items.GroupBy(item => item.Sha256).ToDictionary(group => group.Key, group => group.First());
        var settled = false;
        foreach (var (eventId, reference) in due)
        {
            there.TryGetValue(reference.Sha256, out var progress);
            var offset = progress is null || progress.DurableBytes > reference.SizeBytes ? 0 : (long)progress.DurableBytes;
            settled |= progress is { Complete: true } ? Delivered(reference) : await SendAsync(eventId, reference, offset, ended);
        }
        return settled;
    }

    private async Task<bool> SendAsync(byte[] eventId, AttachmentRef reference, long offset, CancellationToken ended)
    {
        try
        {
            if (outbox.ReadAttachment(reference.Sha256.ToByteArray(), offset) is not { } pieces)
                return true;
            using (pieces)
                await UploadAsync(eventId, reference, offset, pieces, ended);
            return Delivered(reference);
        }
        catch (RpcException e) when (!ended.IsCancellationRequested)
        {
            return Failed(reference, e.StatusCode, e.Status.Detail);
        }
        catch (Exception e) when (e is InvalidDataException or System.Security.Cryptography.CryptographicException)
        {
            outbox.AttachmentRefused(reference.Sha256.ToByteArray(), "damaged_file", e.Message);
            return true;
        }
    }

    private async Task UploadAsync(
        byte[] eventId, AttachmentRef reference, long offset, IEnumerator<ReadOnlyMemory<byte>> pieces, CancellationToken ended)
    {
        using var call = client.Upload(cancellationToken: ended);
        var answer = call.ResponseAsync;
        var header = new EvidenceHeader { Attachment = reference, EventId = ByteString.CopyFrom(eventId), Offset = (ulong)offset };
        var wanted = await call.RequestStream.TryWriteAsync(new EvidenceChunk { Header = header }, answer, ended);
        while (wanted && pieces.MoveNext())
        {
            for (var left = pieces.Current; wanted && left.Length > 0; left = left[Math.Min(PieceBytes, left.Length)..])
            {
                await pace.WaitAsync(PieceBytes, answer, ended);
                var chunk = new EvidenceChunk { Data = UnsafeByteOperations.UnsafeWrap(left[..Math.Min(PieceBytes, left.Length)]) };
                wanted = await call.RequestStream.TryWriteAsync(chunk, answer, ended);
            }
        }
        if (wanted)
            await call.RequestStream.CompleteAsync();
        // The centre may answer before all was sent; the answer says why.
        var receipt = await answer.WaitAsync(ended);
        if (!receipt.Sha256.Span.SequenceEqual(reference.Sha256.Span))
            throw new RpcException(new Status(StatusCode.DataLoss, "the receipt is for something else"));
    }

    private bool Delivered(AttachmentRef reference)
    {
        outbox.AttachmentDelivered(reference.Sha256.ToByteArray());
        hashFaults.Remove(reference.Sha256.ToBase64());
        return true;
    }

    private bool Failed(AttachmentRef reference, StatusCode status, string detail)
    {
        LinkLog.UploadFailed(logger, AttachmentFiles.NameOf(reference.Sha256.Span), status.ToString(), detail);
        var name = reference.Sha256.ToBase64();
        if (status == StatusCode.DataLoss)
            hashFaults[name] = hashFaults.GetValueOrDefault(name) + 1;
        // Only what would be answered the same for ever is parked; all else is tried again.
        if (status != StatusCode.InvalidArgument && hashFaults.GetValueOrDefault(name) < HashFaultsAllowed)
            return false;
        hashFaults.Remove(name);
        outbox.AttachmentRefused(reference.Sha256.ToByteArray(), status == StatusCode.InvalidArgument ? "refused" : "data_loss", detail);
        return true;
    }
}
