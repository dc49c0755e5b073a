using System.Collections.Concurrent;
using System.Net.Sockets;
using EdgeAgent.Eyes.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace EdgeAgent.Tests.Agent;

/// <summary>The other end of the host's socket: the real protocol over the real transport, with a test in place of cameras.</summary>
internal sealed class FakeEyes : IAsyncDisposable
{
    private readonly GrpcChannel channel;
    private readonly AsyncDuplexStreamingCall<EyesMessage, HostMessage> facts;
    private readonly AsyncDuplexStreamingCall<MediaMessage, MediaRequest> media;
    private readonly Task listening;
    private readonly TimeProvider time;

    private FakeEyes(string socket, TimeProvider time)
    {
        this.time = time;
        channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { ConnectCallback = (_, stop) => ConnectAsync(socket, stop) },
            MaxSendMessageSize = null,
        });
        var client = new EyesLink.EyesLinkClient(channel);
        facts = client.Attach();
        media = client.Media();
        listening = Task.WhenAll(ListenAsync(facts.ResponseStream, Told), ListenAsync(media.ResponseStream, Asked));
    }

    public static byte[] Jpeg { get; } = [0xFF, 0xD8, .. Enumerable.Range(0, 2000).Select(i => (byte)(i * 31)), 0xFF, 0xD9];

    public ConcurrentQueue<HostMessage> Told { get; } = new();

    public ConcurrentQueue<MediaRequest> Asked { get; } = new();

    public Exception? Broken { get; private set; }

    public SetSeeing Seeing => Told.LastOrDefault(m => m.BodyCase == HostMessage.BodyOneofCase.Seeing)?.Seeing ?? new SetSeeing();

    public static async Task<FakeEyes> AttachAsync(string socket, TimeProvider time)
    {
        var eyes = new FakeEyes(socket, time);
        await eyes.SendAsync(new EyesMessage { Hello = new EyesHello { Pid = Environment.ProcessId, SoftwareVersion = "test" } });
        return eyes;
    }

    public Task SendAsync(EyesMessage message) => facts.RequestStream.WriteAsync(message);

    public Task SendAsync(MediaMessage message) => media.RequestStream.WriteAsync(message);

    public Task SeePlateAsync(string text, Action<PlateVisit>? change = null)
    {
        var visit = new PlateVisit
        {
            VisitId = Guid.NewGuid().ToString("n")[..8],
            CameraId = "cam1",
            CapturedMonoMs = MonoMs,
            CapturedUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Text = text,
            CharacterConfidence = { text.Select(_ => 0.99f) },
            Colour = "blue",
            Votes = 5,
            Confidence = 0.97f,
            WidthPx = 90,
            CropJpeg = ByteString.CopyFrom(Jpeg),
        };
        change?.Invoke(visit);
        return SendAsync(new EyesMessage { Plate = visit });
    }

    public Task SeeFaceAsync(ByteString embedding, byte[] model, Action<FaceVisit>? change = null)
    {
        var visit = new FaceVisit
        {
            VisitId = Guid.NewGuid().ToString("n")[..8],
            CameraId = "cam2",
            CapturedMonoMs = MonoMs,
            CapturedUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Embedding = embedding,
            ModelSha256 = ByteString.CopyFrom(model),
            WidthPx = 80,
            Quality = 0.9f,
            CropJpeg = ByteString.CopyFrom(Jpeg),
        };
        change?.Invoke(visit);
        return SendAsync(new EyesMessage { Face = visit });
    }

    public long MonoMs => (long)(time.GetTimestamp() * (1000.0 / time.TimestampFrequency));

    public async ValueTask DisposeAsync()
    {
        facts.Dispose();
        media.Dispose();
        await listening;
        channel.Dispose();
    }

    private async Task ListenAsync<T>(IAsyncStreamReader<T> reader, ConcurrentQueue<T> into)
    {
        try
        {
            while (await reader.MoveNext(CancellationToken.None))
                into.Enqueue(reader.Current);
        }
        catch (Exception error) when (error is RpcException or ObjectDisposedException or InvalidOperationException)
        {
            Broken = error;
        }
    }

    private static async ValueTask<Stream> ConnectAsync(string socket, CancellationToken stop)
    {
        var dialled = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await dialled.ConnectAsync(new UnixDomainSocketEndPoint(socket), stop);
        return new NetworkStream(dialled, ownsSocket: true);
    }
}
