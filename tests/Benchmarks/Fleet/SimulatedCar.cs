using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Contract;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Benchmarks.Fleet;

/// <summary>
/// A car as the contract knows it: mutual TLS with a certificate of its own, one session, a position each second, events kept until
/// they are acknowledged and sent again in the next session. It knows several gateways and tries one after the other.
/// </summary>
internal sealed class SimulatedCar : IDisposable
{
    private static readonly TimeSpan PositionEvery = TimeSpan.FromSeconds(1), ConnectWithin = TimeSpan.FromSeconds(5);
    private readonly FleetCar car;
    private readonly IReadOnlyList<Uri> gateways;
    private readonly Random random;
    private readonly ECDsa key = ECDsa.Create();
    private readonly X509Certificate2 certificate;
    private readonly ByteString incarnation = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(16));
    private readonly ConcurrentDictionary<ByteString, Event> outbox = new();
    private readonly SemaphoreSlim writing = new(1);
    private readonly double latitude, longitude, heading;
    private AsyncDuplexStreamingCall<CarMessage, CentreMessage>? call;
    private ulong numbered;
    private int at;
    private long lostAt;

    public SimulatedCar(FleetCar car, IReadOnlyList<Uri> gateways, int seed)
    {
        (this.car, this.gateways, random) = (car, gateways, new Random(seed));
        key.ImportPkcs8PrivateKey(car.Key, out _);
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(car.Certificate);
        certificate = bare.CopyWithPrivateKey(key);
        at = random.Next(gateways.Count);
        (latitude, longitude, heading) = (39.6 + (random.NextDouble() * 0.6), 116.1 + (random.NextDouble() * 0.6), random.NextDouble() * 360);
    }

    public bool Connected => call is not null;

    /// <summary>When each event was sent first and acknowledged, by its id.</summary>
    public ConcurrentDictionary<ByteString, (long Sent, long Acked)> Times { get; } = new();

    /// <summary>From the loss of a session to the welcome of the next, milliseconds.</summary>
    public ConcurrentBag<double> Reconnects { get; } = [];

    public int Refused { get; private set; }

    public async Task RunAsync(SemaphoreSlim dialling, CancellationToken stop)
    {
        await Task.Delay(random.Next(1000), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        int failures = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await SessionAsync(gateways[at], dialling, () => failures = 0, stop);
            }
            catch (Exception e) when (e is RpcException or IOException or OperationCanceledException or InvalidOperationException or HttpRequestException)
            {
                // Whatever it was, the next gateway is tried.
            }
            if (call is not null)
                lostAt = Environment.TickCount64;
            call = null;
            at = (at + 1) % gateways.Count;
            // As the real link: 250 ms, doubled, at most 2 s, with jitter.
            double wait = Math.Min(2000, 250 * Math.Pow(2, failures++)) * (0.5 + (random.NextDouble() / 2));
            await Task.Delay((int)wait, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>An officer's confirmed alert, signed by this car: kept, and sent as soon as there is a session.</summary>
    public async Task AlertAsync(Event alert)
    {
        outbox[alert.Id] = alert;
        Times[alert.Id] = (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), 0);
        if (call is { } open)
            await TrySendAsync(open, new CarMessage { Events = new EventBatch { Events = { alert } } });
    }

    public Event NewAlert()
    {
        var alert = new Alert
        {
            Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
            Kind = ListKind.Plates,
            Category = ListCategory.StolenVehicle,
            ListId = "bench",
            ListVersion = 1,
            CameraId = "cam1",
            SeenAtUnixMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
            ListedText = "京A12345",
            Authority = "Bench",
            LegalReference = "B-2026-1",
            SeenJpeg = ByteString.CopyFrom([0xFF, 0xD8, .. RandomNumberGenerator.GetBytes(6000)]),
            Plate = new PlateReading { Text = "京A12345", CharacterConfidence = { 0.9f } },
            Position = Place(),
        };
        byte[] bytes = alert.ToByteArray();
        var decision = new Decision
        {
            Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
            AlertId = alert.Id,
            AlertSha256 = ByteString.CopyFrom(SHA256.HashData(bytes)),
            Verdict = Verdict.Confirmed,
            OfficerId = "010001",
            UnitId = car.UnitId,
        };
        SignedEnvelope envelope = Envelopes.Sign(Envelopes.DecisionType, decision.ToByteArray(), new EnvelopeSigner(SignerRole.Unit, key, [car.Certificate]));
        return new Event
        {
            Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
            Lane = Lane.Decisions,
            Number = ++numbered,
            CapturedAtUnixMs = alert.SeenAtUnixMs,
            Priority = Priority.Urgent,
            OfficerId = "010001",
            AlertDecided = new AlertDecided { Decision = envelope, Alert = ByteString.CopyFrom(bytes) },
        };
    }

    private async Task SessionAsync(Uri gateway, SemaphoreSlim dialling, Action welcomed, CancellationToken stop)
    {
        using GrpcChannel channel = Dial(gateway);
        using var session = new Link.LinkClient(channel).Session(cancellationToken: stop);
        await dialling.WaitAsync(stop);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            limit.CancelAfter(ConnectWithin);
            await session.RequestStream.WriteAsync(
                new CarMessage { Hello = new Hello { VersionMin = 1, VersionMax = 1, SoftwareVersion = "bench", Incarnation = incarnation, CameraIds = { "cam1" } } }, limit.Token);
            if (!await session.ResponseStream.MoveNext(limit.Token) || session.ResponseStream.Current.Welcome is null)
                return;
        }
        finally
        {
            _ = dialling.Release();
        }
        if (lostAt > 0)
            Reconnects.Add(Environment.TickCount64 - lostAt);
        call = session;
        welcomed();
        if (!outbox.IsEmpty)
            await TrySendAsync(session, new CarMessage { Events = new EventBatch { Events = { outbox.Values.OrderBy(e => e.Number).Take(256) } } });
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task driving = DriveAsync(session, ended.Token);
        try
        {
            while (await session.ResponseStream.MoveNext(stop))
            {
                CentreMessage message = session.ResponseStream.Current;
                foreach (EventAck ack in message.Acks?.Acks ?? [])
                    Acked(ack);
                if (message.Command is { } command)
                    await TrySendAsync(session, new CarMessage { CommandAck = new CommandAck { CommandId = command.Id, Outcome = CommandOutcome.Stored } });
                if (message.Goodbye is not null)
                    return;
            }
        }
        finally
        {
            await ended.CancelAsync();
            await driving;
        }
    }

    private void Acked(EventAck ack)
    {
        if (ack.Status is not (AckStatus.Stored or AckStatus.Duplicate))
            Refused++;
        else if (outbox.TryRemove(ack.EventId, out _) && Times.TryGetValue(ack.EventId, out var times))
            Times[ack.EventId] = times with { Acked = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() };
    }

    private async Task DriveAsync(AsyncDuplexStreamingCall<CarMessage, CentreMessage> session, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            await TrySendAsync(session, new CarMessage { Position = new LivePosition { Position = Place(), Availability = "free" } });
            await Task.Delay(PositionEvery, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TrySendAsync(AsyncDuplexStreamingCall<CarMessage, CentreMessage> session, CarMessage message)
    {
        await writing.WaitAsync();
        try
        {
            await session.RequestStream.WriteAsync(message);
        }
        catch (Exception e) when (e is RpcException or IOException or OperationCanceledException or InvalidOperationException)
        {
            // The reader sees the end of the session too.
        }
        finally
        {
            _ = writing.Release();
        }
    }

    private Position Place()
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        double way = now / 1000 % 3600 * 0.0001;
        return new Position
        {
            AtUnixMs = now,
            Fix = GnssFix._3D,
            LatitudeDegrees = latitude + (way * Math.Cos(heading * Math.PI / 180) % 0.2),
            LongitudeDegrees = longitude + (way * Math.Sin(heading * Math.PI / 180) % 0.2),
            SpeedMps = 11,
            HeadingDegrees = (float)heading,
            AccuracyMetres = 3,
            OfficerId = "010001",
        };
    }

    private GrpcChannel Dial(Uri gateway) => GrpcChannel.ForAddress(gateway, new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectWithin,
            KeepAlivePingDelay = TimeSpan.FromSeconds(3),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(4),
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
#pragma warning disable CA5359 // What is measured is the gateway's work; whom a real car believes is CentreTrust's, and tested there.
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
            },
            UseProxy = false,
        },
        DisposeHttpClient = true,
    });

    public void Dispose()
    {
        certificate.Dispose();
        key.Dispose();
        writing.Dispose();
    }
}
