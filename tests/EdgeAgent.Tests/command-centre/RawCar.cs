using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Contract;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>A car as the contract alone knows it: a key, a certificate, and messages. It does exactly what a test tells it.</summary>
internal sealed class RawCar : IDisposable
{
    private readonly ECDsa key;
    private ulong numbered;

    private RawCar(Uri centre, ECDsa key, X509Certificate2? certificate, EnrolReply? reply)
    {
        (this.key, Certificate, Reply) = (key, certificate, reply);
        Channel = Dial(centre, certificate);
    }

    public GrpcChannel Channel { get; private set; }

    public X509Certificate2? Certificate { get; }

    public EnrolReply? Reply { get; }

    public string UnitId => Reply!.UnitId;

    public byte[] Incarnation { get; } = RandomNumberGenerator.GetBytes(16);

    public ListTrust ListTrust => new([.. Reply!.ListRoots.Select(der => X509CertificateLoader.LoadCertificate(der.Span))]);

    public static async Task<RawCar> EnrolAsync(Uri centre, string code)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var open = Dial(centre, null);
        var reply = await new Enrolment.EnrolmentClient(open).EnrolAsync(new EnrolRequest { Code = code, CertificateRequest = Request(key), SerialNumber = "S1" });
        using var certificate = X509CertificateLoader.LoadCertificate(reply.Certificate.Span);
        return new RawCar(centre, key, certificate.CopyWithPrivateKey(key), reply);
    }

    /// <summary>One with whatever certificate, or none.</summary>
    public static RawCar With(Uri centre, X509Certificate2? certificate) => new(centre, ECDsa.Create(ECCurve.NamedCurves.nistP256), certificate, null);

    public static ByteString Request(ECDsa key) =>
        ByteString.CopyFrom(new CertificateRequest("CN=whatever", key, HashAlgorithmName.SHA256).CreateSigningRequest());

    /// <summary>After the centre was started again elsewhere.</summary>
    public void Redial(Uri centre)
    {
        Channel.Dispose();
        Channel = Dial(centre, Certificate);
    }

    public async Task<RawSession> ConnectAsync(Action<Hello>? change = null)
    {
        var hello = new Hello { VersionMin = 1, VersionMax = 1, SoftwareVersion = "test", Incarnation = ByteString.CopyFrom(Incarnation), CameraIds = { "cam1", "cam2" } };
        change?.Invoke(hello);
        var call = new Link.LinkClient(Channel).Session();
        await call.RequestStream.WriteAsync(new CarMessage { Hello = hello });
        var session = new RawSession(call);
        session.Welcome = (await session.NextAsync(message => message.BodyCase == CentreMessage.BodyOneofCase.Welcome)).Welcome;
        return session;
    }

    /// <summary>The next event of the status lane.</summary>
    public Event Health(ulong? number = null) => Event(Lane.Status, number ?? ++numbered, e => e.UnitHealth = new UnitHealth { SoftwareVersion = "test" });

    public static Event Event(Lane lane, ulong number, Action<Event> fill)
    {
        var made = new Event
        {
            Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
            Lane = lane,
            Number = number,
            CapturedAtUnixMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
            Priority = Priority.Normal,
        };
        fill(made);
        return made;
    }

    /// <summary>An envelope signed with this car's key, its certificate inside.</summary>
    public SignedEnvelope Sign(string type, byte[] payload) => Envelopes.Sign(type, payload, new EnvelopeSigner(SignerRole.Unit, key, [Certificate!.RawData]));

    /// <summary>A confirmed plate alert, decided by an officer and signed by this car.</summary>
    public Event Decided(ulong number, Action<Decision>? change = null, Action<Alert>? changeAfterSigning = null)
    {
        var alert = new Alert
        {
            Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
            Kind = ListKind.Plates,
            Category = ListCategory.StolenVehicle,
            ListId = "stolen",
            ListVersion = 1,
            CameraId = "cam1",
            SeenAtUnixMs = 1_700_000_000_000,
            ListedText = "京A12345",
            Authority = "Test bureau",
            LegalReference = "T-2026-1",
            SeenJpeg = ByteString.CopyFrom(0xFF, 0xD8, 1, 2, 3),
            Plate = new PlateReading { Text = "京A12345", CharacterConfidence = { 0.9f, float.NaN }, Rivals = { new RivalReading { Text = "京A12346", Confidence = 0.1f } } },
            Position = new Position { Fix = GnssFix._3D, LatitudeDegrees = 39.9, LongitudeDegrees = 116.4 },
        };
        var shown = alert.ToByteArray();
        var decision = new Decision
        {
            Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
            AlertId = alert.Id,
            AlertSha256 = ByteString.CopyFrom(SHA256.HashData(shown)),
            Verdict = Verdict.Confirmed,
            OfficerId = "010001",
            UnitId = UnitId,
        };
        change?.Invoke(decision);
        var envelope = Sign(Envelopes.DecisionType, decision.ToByteArray());
        changeAfterSigning?.Invoke(alert);
        var made = Event(Lane.Decisions, number, e => e.AlertDecided = new AlertDecided { Decision = envelope, Alert = alert.ToByteString() });
        made.OfficerId = "010001";
        return made;
    }

    public void Dispose()
    {
        Channel.Dispose();
        key.Dispose();
        Certificate?.Dispose();
    }

    internal static GrpcChannel Dial(Uri centre, X509Certificate2? certificate)
    {
        var tls = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null };
        if (certificate is not null)
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
        return GrpcChannel.ForAddress(centre, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { SslOptions = tls },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = 16 << 20,
        });
    }
}

/// <summary>One open session: sends, and waits for what should come.</summary>
internal sealed class RawSession(AsyncDuplexStreamingCall<CarMessage, CentreMessage> call) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public Welcome Welcome { get; set; } = new();

    public Task SendAsync(CarMessage message) => call.RequestStream.WriteAsync(message);

    public Task SendAsync(params IEnumerable<Event> events) => SendAsync(new CarMessage { Events = new EventBatch { Events = { events } } });

    /// <summary>Sends one batch and gives its acks in order.</summary>
    public async Task<IReadOnlyList<EventAck>> StoreAsync(params IEnumerable<Event> events)
    {
        await SendAsync(events);
        return (await NextAsync(message => message.BodyCase == CentreMessage.BodyOneofCase.Acks)).Acks.Acks;
    }

    /// <summary>The next message that is meant; others are skipped.</summary>
    public async Task<CentreMessage> NextAsync(Func<CentreMessage, bool> meant)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (await call.ResponseStream.MoveNext(limit.Token))
        {
            if (meant(call.ResponseStream.Current))
                return call.ResponseStream.Current;
        }
        throw new EndOfStreamException("The centre ended the session.");
    }

    public async Task<Command> CommandAsync(Command.BodyOneofCase body) =>
        (await NextAsync(message => message.Command?.BodyCase == body)).Command;

    public Task AcceptAsync(Command command) => SendAsync(new CarMessage { CommandAck = new CommandAck { CommandId = command.Id, Outcome = CommandOutcome.Stored } });

    /// <summary>Reads until the end, and says how it came.</summary>
    public async Task<StatusCode> EndAsync()
    {
        try
        {
            _ = await NextAsync(_ => false);
        }
        catch (EndOfStreamException)
        {
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
        throw new InvalidOperationException("A session that goes on was read to its end.");
    }

    public void Dispose() => call.Dispose();
}
