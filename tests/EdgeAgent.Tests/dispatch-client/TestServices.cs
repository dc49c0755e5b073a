using System.Collections.Concurrent;
using System.Security.Cryptography;
using EdgeAgent.Contract;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>One car's stream as the centre sees it.</summary>
internal sealed class TestSession(IServerStreamWriter<CentreMessage> stream, ServerCallContext context)
{
    private readonly Lock gate = new();
    private Task last = Task.CompletedTask;
    private bool over;

    public int Unacked;

    // gRPC allows one write at a time: each waits for the one before.
    public Task SendAsync(CentreMessage message)
    {
        lock (gate)
            return last = AfterAsync(last, message);
    }

    /// <summary>Resets the stream, as a lost connection would; nothing if it is over.</summary>
    public void Abort()
    {
        lock (gate)
        {
            if (!over)
                context.GetHttpContext().Abort();
        }
    }

    public void End()
    {
        lock (gate)
            over = true;
    }

    private async Task AfterAsync(Task before, CentreMessage message)
    {
        await before;
        await stream.WriteAsync(message);
    }
}

internal sealed class TestLinkService(TestCentre centre) : Link.LinkBase
{
    public override async Task Session(IAsyncStreamReader<CarMessage> requestStream, IServerStreamWriter<CentreMessage> responseStream, ServerCallContext context)
    {
        var unit = TestCentre.UnitOf(context);
        if (centre.RefuseWith is { } code)
            throw new RpcException(new Status(code, $"{unit} is not wanted"));
        await requestStream.MoveNext(CancellationToken.None);
        centre.Hellos.Enqueue(requestStream.Current.Hello);
        var session = new TestSession(responseStream, context);
        await session.SendAsync(centre.Greet(new Welcome
        {
            Version = 1,
            UnitId = unit,
            SessionId = ByteString.CopyFrom(1, 2, 3),
            WindowEvents = centre.WindowEvents,
        }));
        centre.Sessions[unit] = session;
        try
        {
            while (await requestStream.MoveNext(CancellationToken.None))
                await TakeAsync(session, unit, requestStream.Current);
        }
        catch (IOException)
        {
            // The car went away.
        }
        finally
        {
            session.End();
        }
    }

    private async Task TakeAsync(TestSession session, string unit, CarMessage message)
    {
        switch (message.BodyCase)
        {
            case CarMessage.BodyOneofCase.Events:
                centre.Unacked.Enqueue(Interlocked.Add(ref session.Unacked, message.Events.Events.Count));
                if (centre.AckDelay == TimeSpan.Zero)
                    await AnswerAsync(session, message.Events);
                else
                    _ = Task.Delay(centre.AckDelay).ContinueWith(_ => AnswerAsync(session, message.Events), TaskScheduler.Default).Unwrap();
                break;
            case CarMessage.BodyOneofCase.Position:
                centre.Positions.Enqueue(message.Position);
                break;
            case CarMessage.BodyOneofCase.CommandAck:
                centre.CommandAcks.Enqueue(message.CommandAck);
                break;
            case CarMessage.BodyOneofCase.TimeRequest:
                await session.SendAsync(new CentreMessage { SignedTime = centre.SignTime(message.TimeRequest, unit) });
                break;
            case CarMessage.BodyOneofCase.Goodbye:
                centre.Goodbyes.Enqueue(message.Goodbye);
                break;
        }
    }

    private async Task AnswerAsync(TestSession session, EventBatch batch)
    {
        var acks = new EventAcks();
        foreach (var happened in batch.Events)
        {
            centre.Received.Enqueue(happened);
            var ack = centre.Judge(happened) ?? TestOutbox.Ack(
                happened, centre.Durable.TryAdd(Uuid7.ToGuid(happened.Id.Span), happened) ? AckStatus.Stored : AckStatus.Duplicate);
            if (ack.Status != AckStatus.Unspecified)
                acks.Acks.Add(ack);
        }
        Interlocked.Add(ref session.Unacked, -acks.Acks.Count);
        if (acks.Acks.Count > 0)
            await session.SendAsync(new CentreMessage { Acks = acks });
    }
}

/// <summary>Objects as far as they have come.</summary>
internal sealed class TestEvidence
{
    public ConcurrentDictionary<string, MemoryStream> Objects { get; } = new();

    public ConcurrentDictionary<string, bool> Complete { get; } = new();

    public ConcurrentQueue<ulong> Offsets { get; } = new();

    /// <summary>Breaks the next upload after so many bytes.</summary>
    public int? BreakAfter { get; set; }

    public Status? RefuseWith { get; set; }

    /// <summary>What may be downloaded, by its hash in base 64, and from where it was asked for.</summary>
    public ConcurrentDictionary<string, byte[]> Recordings { get; } = new();

    public ConcurrentQueue<ulong> DownloadOffsets { get; } = new();

    /// <summary>Where downloads break, one after the other.</summary>
    public ConcurrentQueue<int> DownloadBreaks { get; } = new();

    public AttachmentRef Record(byte[] sound)
    {
        var hash = ByteString.CopyFrom(SHA256.HashData(sound));
        Recordings[hash.ToBase64()] = sound;
        return new AttachmentRef { Sha256 = hash, SizeBytes = (ulong)sound.Length, MediaType = "audio/wav", Role = AttachmentRole.Audio };
    }
}

internal sealed class TestEvidenceService(TestCentre centre) : Evidence.EvidenceBase
{
    public override Task<EvidenceStatus> Status(EvidenceStatusRequest request, ServerCallContext context)
    {
        var status = new EvidenceStatus();
        status.Items.AddRange(request.Sha256.Select(sha256 => new EvidenceProgress
        {
            Sha256 = sha256,
            DurableBytes = centre.Evidence.Objects.TryGetValue(sha256.ToBase64(), out var there) ? (ulong)there.Length : 0,
            Complete = centre.Evidence.Complete.ContainsKey(sha256.ToBase64()),
        }));
        return Task.FromResult(status);
    }

    public override async Task<EvidenceReceipt> Upload(IAsyncStreamReader<EvidenceChunk> requestStream, ServerCallContext context)
    {
        await requestStream.MoveNext(CancellationToken.None);
        var header = requestStream.Current.Header;
        if (centre.Evidence.RefuseWith is { } status)
            throw new RpcException(status);
        if (!centre.Durable.ContainsKey(Uuid7.ToGuid(header.EventId.Span)))
            throw new RpcException(new Status(StatusCode.NotFound, "event unknown"));
        var name = header.Attachment.Sha256.ToBase64();
        var there = centre.Evidence.Objects.GetOrAdd(name, _ => new MemoryStream());
        centre.Evidence.Offsets.Enqueue(header.Offset);
        if (header.Offset != (ulong)there.Length)
            throw new RpcException(new Status(StatusCode.OutOfRange, $"have {there.Length}"));
        while (await requestStream.MoveNext(CancellationToken.None))
        {
            Assert.InRange(requestStream.Current.Data.Length, 1, 64 << 10);
            there.Write(requestStream.Current.Data.Span);
            if (centre.Evidence.BreakAfter <= there.Length)
            {
                centre.Evidence.BreakAfter = null;
                throw new RpcException(new Status(StatusCode.Unavailable, "cut"));
            }
        }
        if (!SHA256.HashData(there.ToArray()).AsSpan().SequenceEqual(header.Attachment.Sha256.Span))
            throw new RpcException(new Status(StatusCode.DataLoss, "hash"));
        centre.Evidence.Complete[name] = true;
        return new EvidenceReceipt { Sha256 = header.Attachment.Sha256, SizeBytes = (ulong)there.Length };
    }

    public override async Task Download(DownloadRequest request, IServerStreamWriter<EvidenceChunk> responseStream, ServerCallContext context)
    {
        centre.Evidence.DownloadOffsets.Enqueue(request.Offset);
        if (!centre.Evidence.Recordings.TryGetValue(request.Sha256.ToBase64(), out var sound))
            throw new RpcException(new Status(StatusCode.NotFound, "none for this unit"));
        var header = new EvidenceHeader { Attachment = new AttachmentRef { Sha256 = request.Sha256, SizeBytes = (ulong)sound.Length }, Offset = request.Offset };
        await responseStream.WriteAsync(new EvidenceChunk { Header = header });
        for (var at = (int)request.Offset; at < sound.Length; at += 10_000)
        {
            if (centre.Evidence.DownloadBreaks.TryPeek(out var after) && after <= at)
            {
                _ = centre.Evidence.DownloadBreaks.TryDequeue(out _);
                throw new RpcException(new Status(StatusCode.Unavailable, "cut"));
            }
            await responseStream.WriteAsync(new EvidenceChunk { Data = ByteString.CopyFrom(sound.AsSpan(at, Math.Min(10_000, sound.Length - at))) });
        }
    }
}

internal sealed class TestWatchlists
{
    public ConcurrentDictionary<string, byte[]> Envelopes { get; } = new();

    public int ChunkBytes { get; set; } = 1000;

    /// <summary>Breaks the next fetch after so many bytes.</summary>
    public int? BreakAfter { get; set; }

    public ListOffer Offer(string listId, byte[] envelope)
    {
        Envelopes[listId] = envelope;
        return new ListOffer { ListId = listId, Version = 1, SizeBytes = (ulong)envelope.Length, Sha256 = ByteString.CopyFrom(SHA256.HashData(envelope)) };
    }
}

internal sealed class TestWatchlistsService(TestCentre centre) : Watchlists.WatchlistsBase
{
    public override Task<ListIndex> Index(ListIndexRequest request, ServerCallContext context)
    {
        var index = new ListIndex { RevokedListIds = { "gone-1" } };
        index.Offers.AddRange(centre.Lists.Envelopes.Select(list => centre.Lists.Offer(list.Key, list.Value)));
        return Task.FromResult(index);
    }

    public override async Task Fetch(FetchListRequest request, IServerStreamWriter<ListChunk> responseStream, ServerCallContext context)
    {
        if (!centre.Lists.Envelopes.TryGetValue(request.ListId, out var envelope))
            throw new RpcException(new Status(StatusCode.NotFound, "revoked"));
        for (var at = (int)request.Offset; at < envelope.Length; at += centre.Lists.ChunkBytes)
        {
            if (centre.Lists.BreakAfter <= at)
            {
                centre.Lists.BreakAfter = null;
                throw new RpcException(new Status(StatusCode.Unavailable, "cut"));
            }
            var data = envelope.AsSpan(at, Math.Min(centre.Lists.ChunkBytes, envelope.Length - at));
            await responseStream.WriteAsync(new ListChunk { Offset = (ulong)at, Data = ByteString.CopyFrom(data), TotalBytes = (ulong)envelope.Length });
        }
    }
}

internal sealed class TestReleases
{
    public ConcurrentDictionary<string, byte[]> Bundles { get; } = new();

    public ConcurrentQueue<ulong> Offsets { get; } = new();

    /// <summary>Where fetches break, one after the other.</summary>
    public ConcurrentQueue<int> Breaks { get; } = new();

    /// <summary>Spoils what goes out.</summary>
    public Action<ReleaseChunk>? Spoil { get; set; }
}

internal sealed class TestReleasesService(TestCentre centre) : Releases.ReleasesBase
{
    public override async Task Fetch(FetchReleaseRequest request, IServerStreamWriter<ReleaseChunk> responseStream, ServerCallContext context)
    {
        centre.Releases.Offsets.Enqueue(request.Offset);
        if (!centre.Releases.Bundles.TryGetValue(request.Version, out var bundle))
            throw new RpcException(new Status(StatusCode.NotFound, "not offered"));
        for (var at = (int)request.Offset; at < bundle.Length; at += 10_000)
        {
            if (centre.Releases.Breaks.TryPeek(out var after) && after <= at)
            {
                _ = centre.Releases.Breaks.TryDequeue(out _);
                throw new RpcException(new Status(StatusCode.Unavailable, "cut"));
            }
            var chunk = new ReleaseChunk { Offset = (ulong)at, Data = ByteString.CopyFrom(bundle.AsSpan(at, Math.Min(10_000, bundle.Length - at))), TotalBytes = (ulong)bundle.Length };
            centre.Releases.Spoil?.Invoke(chunk);
            await responseStream.WriteAsync(chunk);
        }
    }
}

internal sealed class TestVideo
{
    public ConcurrentQueue<VideoChunk> Chunks { get; } = new();

    public Func<VideoFragment, VideoFeedback?> Feedback { get; set; } = _ => null;

    public SemaphoreSlim Reading { get; } = new(int.MaxValue);
}

internal sealed class TestVideoService(TestCentre centre) : Video.VideoBase
{
    public override async Task Publish(IAsyncStreamReader<VideoChunk> requestStream, IServerStreamWriter<VideoFeedback> responseStream, ServerCallContext context)
    {
        while (await requestStream.MoveNext(CancellationToken.None))
        {
            await centre.Video.Reading.WaitAsync(context.CancellationToken);
            centre.Video.Chunks.Enqueue(requestStream.Current);
            if (requestStream.Current.PartCase == VideoChunk.PartOneofCase.Fragment && centre.Video.Feedback(requestStream.Current.Fragment) is { } feedback)
                await responseStream.WriteAsync(feedback);
        }
    }
}

internal sealed class TestEnrolment
{
    public ConcurrentDictionary<string, string> UnitsByCode { get; } = new();

    public Action<EnrolReply> Change { get; set; } = _ => { };

    public int Asked;
}

internal sealed class TestEnrolmentService(TestCentre centre) : Enrolment.EnrolmentBase
{
    public override Task<RootsReply> Roots(RootsRequest request, ServerCallContext context) =>
        Task.FromResult(new RootsReply { DeviceRoots = { ByteString.CopyFrom(centre.Pki.DeviceRoot.RawData) } });

    public override Task<EnrolReply> Enrol(EnrolRequest request, ServerCallContext context)
    {
        Interlocked.Increment(ref centre.Enrolment.Asked);
        if (!centre.Enrolment.UnitsByCode.TryRemove(request.Code, out var unitId))
            throw new RpcException(new Status(StatusCode.Unauthenticated, "no such code"));
        var reply = centre.Pki.Enrol(unitId, request.CertificateRequest.ToByteArray());
        centre.Enrolment.Change(reply);
        return Task.FromResult(reply);
    }
}
