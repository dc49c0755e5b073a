using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Whatever comes in, the others are served on.</summary>
public sealed class HostileTests : IAsyncLifetime
{
    private static readonly Marshaller<byte[]> Plain = Marshallers.Create<byte[]>((bytes, context) => context.Complete(bytes), context => context.PayloadAsNewBuffer());
    private CentreUnderTest centre = null!;
    private RawCar car = null!;

    public async Task InitializeAsync()
    {
        centre = await CentreUnderTest.StartAsync();
        centre.AddAccount();
        car = await centre.EnrolAsync("PB-1");
    }

    public async Task DisposeAsync()
    {
        car.Dispose();
        await centre.DisposeAsync();
    }

    [Fact]
    public async Task A_message_that_is_too_large_ends_its_session_only()
    {
        using var bystander = await centre.EnrolAsync("PB-2");
        using var other = await bystander.ConnectAsync();
        using var session = await car.ConnectAsync();
        var large = car.Health();
        large.UnitHealth.SoftwareVersion = new string('x', 5 << 20);
        try
        {
            await session.SendAsync(large);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // Refused while it was being sent.
        }
        Assert.Equal(StatusCode.ResourceExhausted, await session.EndAsync());
        Assert.Equal(AckStatus.Stored, Assert.Single(await other.StoreAsync(bystander.Health())).Status);
        using var again = await car.ConnectAsync();
        large.UnitHealth.SoftwareVersion = new string('x', (1 << 20) + 1);
        Assert.Equal("too_large", Assert.Single(await again.StoreAsync(large)).Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20261122)]
    public async Task Random_bytes_in_place_of_messages_are_answered_with_a_status(int seed)
    {
        var random = new Random(seed);
        var raw = new Method<byte[], byte[]>(
            MethodType.DuplexStreaming, "patrol.dispatch.v1.Link", "Session", Plain, Plain);
        for (var round = 0; round < 20; round++)
        {
            using var call = car.Channel.CreateCallInvoker().AsyncDuplexStreamingCall(raw, null, default);
            if (round % 2 == 1)
            {
                var hello = new Hello { VersionMin = 1, VersionMax = 1, Incarnation = ByteString.CopyFrom(new byte[16]) };
                await call.RequestStream.WriteAsync(new CarMessage { Hello = hello }.ToByteArray());
            }
            try
            {
                for (var message = 0; message < 20; message++)
                {
                    var bytes = new byte[random.Next(1, 300)];
                    random.NextBytes(bytes);
                    await call.RequestStream.WriteAsync(bytes);
                }
                await call.RequestStream.CompleteAsync();
                while (await call.ResponseStream.MoveNext(CancellationToken.None))
                {
                }
            }
            catch (Exception e) when (e is RpcException or InvalidOperationException)
            {
                // A status, at once or while sending: seed {seed}.
            }
        }
        using var session = await car.ConnectAsync();
        Assert.Equal(AckStatus.Stored, Assert.Single(await session.StoreAsync(car.Health())).Status);
    }

    [Fact]
    public async Task Noise_on_both_ports_stops_nobody()
    {
        var seed = 4711;
        var random = new Random(seed);
        foreach (var address in (Uri[])[centre.Grpc, centre.Http])
        {
            for (var round = 0; round < 20; round++)
            {
                using var socket = new TcpClient();
                await socket.ConnectAsync(address.Host, address.Port);
                var noise = new byte[random.Next(1, 4000)];
                random.NextBytes(noise);
                try
                {
                    await socket.GetStream().WriteAsync(noise);
                }
                catch (IOException)
                {
                    // Hung up on, rightly.
                }
            }
        }
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        using var session = await car.ConnectAsync();
        Assert.Equal(AckStatus.Stored, Assert.Single(await session.StoreAsync(car.Health())).Status);
    }

    [Fact]
    public async Task Noise_inside_tls_stops_nobody()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(centre.Grpc.Host, centre.Grpc.Port);
        await using var tls = new SslStream(socket.GetStream(), false, (_, certificate, _, _) => certificate is not null);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ApplicationProtocols = [SslApplicationProtocol.Http2] });
        await tls.WriteAsync(Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        await tls.WriteAsync(RandomNumberGenerator.GetBytes(5000));
        using var session = await car.ConnectAsync();
        Assert.Equal(AckStatus.Stored, Assert.Single(await session.StoreAsync(car.Health())).Status);
    }

    [Fact]
    public async Task Each_door_answers_for_its_own_only()
    {
        using var http = new HttpClient { BaseAddress = centre.Http };
        using var grpc = new HttpRequestMessage(HttpMethod.Post, "/patrol.dispatch.v1.Enrolment/Roots") { Content = new ByteArrayContent([0, 0, 0, 0, 0]) };
        grpc.Content.Headers.ContentType = new("application/grpc");
        Assert.Equal(HttpStatusCode.NotFound, (await http.SendAsync(grpc)).StatusCode);
        using var cars = new HttpClient(new SocketsHttpHandler { SslOptions = new() { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null } })
        {
            BaseAddress = centre.Grpc,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        foreach (var path in (string[])["/api/me", "/api/session", "/"])
            Assert.Equal(HttpStatusCode.NotFound, (await cars.GetAsync(new Uri(path, UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task Odd_requests_of_the_console_are_refused_not_crashed_on()
    {
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        string[] bodies = ["", "{", "[]", "null", "{\"unitIds\":3}", $"{{\"text\":\"{new string('x', 100_000)}\"}}", "{\"leaseId\":\"x\",\"pan\":1e99}"];
        foreach (var path in (string[])["/api/live", "/api/instructions", "/api/ptz", "/api/session"])
        {
            foreach (var body in bodies)
                Assert.InRange((int)(await console.PostAsync(path, body)).Status, 400, 499);
        }
        Assert.Equal(HttpStatusCode.NotFound, await console.GetAsync("/api/incidents/x/seen.jpg"));
        Assert.Equal(HttpStatusCode.NotFound, await console.GetAsync($"/api/incidents/{Guid.NewGuid()}/other.jpg"));
        Assert.Equal(HttpStatusCode.BadRequest, await console.GetAsync("/api/stream"));
    }

    [Fact]
    public async Task A_car_that_reads_nothing_holds_up_nobody_and_its_events_are_kept()
    {
        using var call = new Link.LinkClient(car.Channel).Session();
        await call.RequestStream.WriteAsync(new CarMessage { Hello = new Hello { VersionMin = 1, VersionMax = 1, Incarnation = ByteString.CopyFrom(car.Incarnation) } });
        for (var batch = 0; batch < 50; batch++)
            await call.RequestStream.WriteAsync(new CarMessage { Events = new EventBatch { Events = { car.Health(), car.Health() } } });
        using var bystander = await centre.EnrolAsync("PB-2");
        using var other = await bystander.ConnectAsync();
        Assert.Equal(AckStatus.Stored, Assert.Single(await other.StoreAsync(bystander.Health())).Status);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (centre.Books("PB-1").Events < 100)
            await Task.Delay(50, limit.Token);
    }
}
