using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>Recordings of callers, from the centre, from wherever an earlier fetch was cut.</summary>
internal sealed class RecordingClient(Evidence.EvidenceClient client)
{
    /// <param name="recording">As the call names it.</param>
    /// <param name="offset">Bytes held already.</param>
    /// <param name="take">Given each piece in order; false leaves the rest for another time. What it threw ends the fetch.</param>
    /// <param name="cancellationToken">Ends it, as the link's end does.</param>
    /// <exception cref="RpcException">NOT_FOUND: not here, or not for this unit; others: the link.</exception>
    /// <exception cref="InvalidDataException">Not the bytes that were due.</exception>
    public async Task FetchAsync(AttachmentRef recording, long offset, Func<ReadOnlyMemory<byte>, bool> take, CancellationToken cancellationToken)
    {
        using var call = client.Download(new DownloadRequest { Sha256 = recording.Sha256, Offset = (ulong)offset }, cancellationToken: cancellationToken);
        if (!await call.ResponseStream.MoveNext(cancellationToken))
            throw new InvalidDataException("The centre sent nothing of the recording.");
        var header = call.ResponseStream.Current.Header;
        if (header is null || header.Offset != (ulong)offset || header.Attachment?.Sha256 != recording.Sha256 || header.Attachment.SizeBytes != recording.SizeBytes)
            throw new InvalidDataException("The centre began with another recording than was asked for.");
        var left = (long)recording.SizeBytes - offset;
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            var data = call.ResponseStream.Current.Data;
            left -= data.Length;
            if (data.IsEmpty || left < 0)
                throw new InvalidDataException("The recording is longer than it was said to be.");
            if (!take(data.Memory))
                return;
        }
    }
}
