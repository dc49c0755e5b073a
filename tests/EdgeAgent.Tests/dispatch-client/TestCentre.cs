using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Contract;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>A small centre over real Kestrel and TLS. What it should do is set from outside; what it was told is kept.</summary>
internal sealed class TestCentre : IAsyncDisposable
{
    private readonly WebApplication app;

    private TestCentre(WebApplication app, TestPki pki)
    {
        this.app = app;
        Pki = pki;
    }

    public TestPki Pki { get; }

    public Uri Address { get; private set; } = null!;

    public int Port => Address.Port;

    /// <summary>What the centre answers to each event; default: stored, or duplicate the second time.</summary>
    public Func<Event, EventAck?> Judge { get; set; } = _ => null;

    /// <summary>Thrown instead of a welcome.</summary>
    public StatusCode? RefuseWith { get; set; }

    public Func<Welcome, CentreMessage> Greet { get; set; } = welcome => new CentreMessage { Welcome = welcome };

    public uint WindowEvents { get; set; } = 100;

    public X509Certificate2? TimeSigner { get; set; }

    public Action<SignedTime> ChangeTime { get; set; } = _ => { };

    public ConcurrentQueue<Hello> Hellos { get; } = new();

    public ConcurrentQueue<Event> Received { get; } = new();

    public ConcurrentQueue<int> Unacked { get; } = new();

    public ConcurrentQueue<LivePosition> Positions { get; } = new();

    public ConcurrentQueue<CommandAck> CommandAcks { get; } = new();

    public ConcurrentQueue<Goodbye> Goodbyes { get; } = new();

    public ConcurrentDictionary<Guid, Event> Durable { get; } = new();

    public ConcurrentDictionary<string, TestSession> Sessions { get; } = new();

    public TestEvidence Evidence { get; } = new();

    public TestWatchlists Lists { get; } = new();

    public TestVideo Video { get; } = new();

    public TestReleases Releases { get; } = new();

    public TestLookUps LookUps { get; } = new();

    public TestEnrolment Enrolment { get; } = new();

    public TimeSpan AckDelay { get; set; }

    public static async Task<TestCentre> StartAsync(TestPki? pki = null, int port = 0, X509Certificate2? server = null)
    {
        pki ??= new TestPki();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(https =>
            {
                https.ServerCertificate = server ?? pki.Server;
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                https.ClientCertificateValidation = (certificate, _, _) => IsUnit(pki, certificate);
            });
        }));
        builder.Services.AddGrpc();
        TestCentre? centre = null;
        builder.Services.AddSingleton(_ => centre!);
        var app = builder.Build();
        centre = new TestCentre(app, pki);
        app.MapGrpcService<TestLinkService>();
        app.MapGrpcService<TestEvidenceService>();
        app.MapGrpcService<TestWatchlistsService>();
        app.MapGrpcService<TestVideoService>();
        app.MapGrpcService<TestReleasesService>();
        app.MapGrpcService<TestLookUpsService>();
        app.MapGrpcService<TestEnrolmentService>();
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        centre.Address = new Uri($"https://localhost:{new Uri(address).Port}");
        return centre;
    }

    /// <summary>Unit of the caller's certificate.</summary>
    public static string UnitOf(ServerCallContext context) =>
        context.GetHttpContext().Connection.ClientCertificate?.GetNameInfo(X509NameType.SimpleName, false)
            ?? throw new RpcException(new Status(StatusCode.Unauthenticated, "no certificate"));

    public SignedEnvelope SignTime(TimeRequest request, string unitId)
    {
        var said = new SignedTime { Nonce = request.Nonce, UnixMs = TestLists.Now, UnitId = unitId };
        ChangeTime(said);
        return Envelopes.Sign(Envelopes.TimeType, said.ToByteArray(), TestPki.Signer(SignerRole.Centre, TimeSigner ?? Pki.CentreSigner));
    }

    /// <summary>As a power cut of the centre: no goodbye, connections reset.</summary>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        foreach (var session in Sessions.Values)
            session.Abort();
        try
        {
            await app.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
            // Not waiting for calls is what is wanted.
        }
        await app.DisposeAsync();
    }

    private static bool IsUnit(TestPki pki, X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(pki.DeviceRoot);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
