using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using EdgeAgent.CommandCentre.Gateways;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.LiveViews;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Two gateways, A and B, of one city: a real PostgreSQL and a real RabbitMQ between them. The console is at A, the car at B.</summary>
public sealed class GatewayTests : IAsyncLifetime
{
    private CentreUnderTest centre = null!;
    private CentreServer b = null!;
    private RawCar car = null!;
    private ConsoleClient console = null!;

    private CentreServer A => centre.Server;

    public async Task InitializeAsync()
    {
        centre = await CentreUnderTest.MakeAsync(CentreStore.Postgres);
        PrivateFiles.Write(Path.Combine(centre.Data, "keys", "rabbitmq"), System.Text.Encoding.UTF8.GetBytes((await RabbitForTests.StartedAsync()).Address.ToString()));
        await centre.StartServerAsync();
        b = await centre.StartAnotherAsync();
        foreach (var gateway in (CentreServer[])[A, b])
            await EvidenceTests.UntilAsync(() => Task.FromResult(gateway.Services.GetRequiredService<Broker>().IsConnected && gateway.Services.GetRequiredService<Presence>().IsAccompanied));
        car = await RawCar.EnrolAsync(b.Grpc, centre.EnrolmentCode("PB-1"));
        centre.AddAccount();
        console = await ConsoleClient.SignedInAsync(centre.Http);
    }

    public async Task DisposeAsync()
    {
        console.Dispose();
        car.Dispose();
        await b.DisposeAsync();
        await centre.DisposeAsync();
    }

    [Fact]
    public async Task An_instruction_given_at_one_gateway_reaches_the_car_on_the_other()
    {
        using var session = await car.ConnectAsync();
        _ = await session.StoreAsync(car.Health());
        var asked = Stopwatch.GetTimestamp();
        Assert.Equal(HttpStatusCode.OK, (await console.PostAsync("/api/instructions", """{"unitIds":["PB-1"],"text":"come home"}""")).Status);
        Assert.Equal("come home", (await session.CommandAsync(Command.BodyOneofCase.Instruction)).Instruction.Text);
        Assert.InRange(Stopwatch.GetElapsedTime(asked), TimeSpan.Zero, TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task An_alert_of_a_car_is_shown_once_at_the_console_of_the_other_gateway()
    {
        await using var stream = await console.SocketAsync("/api/stream");
        _ = await stream.UntilAsync("units");
        using var session = await car.ConnectAsync();
        var (first, second) = (car.Decided(1), car.Decided(2));
        _ = await session.StoreAsync(first);
        Assert.Equal(Uuid7.ToGuid(first.Id.Span).ToString(), (string)(await stream.UntilAsync("incident"))["eventId"]!);
        _ = await session.StoreAsync(second);
        // Had the first one been passed on twice, it would stand here.
        Assert.Equal(Uuid7.ToGuid(second.Id.Span).ToString(), (string)(await stream.UntilAsync("incident"))["eventId"]!);
        Assert.Equal(2, centre.Audit().Count(row => row.Contains("incident_read", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_console_sees_where_the_cars_of_the_other_gateway_are_and_that_they_are_on_the_line()
    {
        await using var stream = await console.SocketAsync("/api/stream");
        using var session = await car.ConnectAsync();
        for (var n = 0; n < 3; n++)
            await session.SendAsync(Live(39.9 + (n * 0.001)));
        var unit = (await stream.UntilAsync("units", units => units[0]!["position"]?["latitude"] is { } latitude && (double)latitude > 39.9015))[0]!;
        Assert.True((bool)unit["online"]!);
        Assert.InRange((long)unit["positionAgeMs"]!, 0, 5000);
        session.Dispose();
        _ = await stream.UntilAsync("units", units => !(bool)units[0]!["online"]!);
    }

    [Fact]
    public async Task The_newest_session_of_a_car_wins_whatever_gateway_it_is_on()
    {
        // The same car by two ways: A and B.
        using var viaA = RawCar.With(A.Grpc, car.Certificate);
        using var older = await car.ConnectAsync();
        using var newer = await viaA.ConnectAsync();
        Assert.Equal("replaced", (await older.NextAsync(message => message.Goodbye is not null)).Goodbye.Code);
        Assert.Equal(AckStatus.Stored, Assert.Single(await newer.StoreAsync(viaA.Health())).Status);
        // And back: the one in between ends, the newest stays.
        using var newest = await car.ConnectAsync();
        Assert.Equal("replaced", (await newer.NextAsync(message => message.Goodbye is not null)).Goodbye.Code);
        await Task.Delay(1000);
        Assert.Equal(AckStatus.Stored, Assert.Single(await newest.StoreAsync(car.Health())).Status);
    }

    [Fact]
    public async Task A_camera_of_a_car_on_one_gateway_is_watched_and_steered_at_the_other()
    {
        using var session = await car.ConnectAsync();
        _ = await session.StoreAsync(car.Health());
        await EvidenceTests.UntilAsync(() => Task.FromResult(A.Services.GetRequiredService<EdgeAgent.CommandCentre.Sessions.SessionRegistry>().IsOnline("PB-1")));
        var (status, begun) = await console.PostAsync("/api/live", """{"unitId":"PB-1","cameraId":"cam1","reason":"pursuit"}""");
        Assert.Equal(HttpStatusCode.OK, status);
        var leaseId = (string)begun!["leaseId"]!;
        var lease = await session.CommandAsync(Command.BodyOneofCase.LiveLease);
        await session.AcceptAsync(lease);
        await using var screen = await console.SocketAsync($"/api/live/{leaseId}/video");
        using var publish = new Video.VideoClient(car.Channel).Publish();
        await publish.RequestStream.WriteAsync(LiveVideoTests.Start(lease.LiveLease.LeaseId));
        // The other gateway takes what it watches from some key picture on.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var sending = SendAsync(publish, limit.Token);
        Assert.Equal("video/mp4; codecs=\"avc1.64001f\"", (string)JsonNode.Parse((await screen.NextAsync()).Text!)!["mime"]!);
        Assert.Equal(LivePart.Init, (LivePart)(await screen.NextAsync()).Bytes![0]);
        Assert.Equal(LivePart.Key, (LivePart)(await screen.NextAsync()).Bytes![0]);
        await limit.CancelAsync();
        await sending;

        var steering = console.PostAsync("/api/ptz", $$"""{"leaseId":"{{leaseId}}","pan":0.5}""");
        var ptz = await session.CommandAsync(Command.BodyOneofCase.Ptz);
        await session.SendAsync(new CarMessage { CommandAck = new CommandAck { CommandId = ptz.Id, Outcome = CommandOutcome.Refused, Code = "ptz_busy" } });
        var (refused, why) = await steering;
        Assert.Equal((HttpStatusCode.Conflict, "ptz_busy"), (refused, (string)why!["code"]!));

        Assert.Equal(HttpStatusCode.NoContent, await console.DeleteAsync($"/api/live/{leaseId}"));
        Assert.Equal(lease.LiveLease.LeaseId, (await session.CommandAsync(Command.BodyOneofCase.EndLive)).EndLive.LeaseId);
        Assert.Equal(1, centre.Audit().Count(row => row.Contains("live_ended", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Without_the_broker_commands_and_alerts_go_by_the_database_and_with_it_again_positions_come()
    {
        var broker = await RabbitForTests.StartedAsync();
        await using var stream = await console.SocketAsync("/api/stream");
        using var session = await car.ConnectAsync();
        await broker.StopAsync();
        try
        {
            await EvidenceTests.UntilAsync(() => Task.FromResult(!A.Services.GetRequiredService<Broker>().IsConnected));
            _ = await console.PostAsync("/api/instructions", """{"unitIds":["PB-1"],"text":"go on"}""");
            Assert.Equal("go on", (await session.CommandAsync(Command.BodyOneofCase.Instruction)).Instruction.Text);
            var alert = car.Decided(1);
            _ = await session.StoreAsync(alert);
            Assert.Equal(Uuid7.ToGuid(alert.Id.Span).ToString(), (string)(await stream.UntilAsync("incident"))["eventId"]!);
        }
        finally
        {
            await broker.StartAgainAsync();
        }
        foreach (var gateway in (CentreServer[])[A, b])
            await EvidenceTests.UntilAsync(() => Task.FromResult(gateway.Services.GetRequiredService<Broker>().IsConnected));
        await session.SendAsync(Live(41.5));
        _ = await stream.UntilAsync("units", units => units[0]!["position"]?["latitude"] is { } latitude && (double)latitude > 41);
    }

    [Fact]
    public async Task What_a_desk_changed_at_one_gateway_is_news_at_the_other_once()
    {
        var (here, there) = (A.Services.GetRequiredService<EdgeAgent.CommandCentre.ConsoleApi.ConsoleFeed>(), b.Services.GetRequiredService<EdgeAgent.CommandCentre.ConsoleApi.ConsoleFeed>());
        var news = here.Join();
        there.Changed("a desk");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        Assert.Equal("a desk", (await news.Reader.ReadAsync(limit.Token)).Topic);
        // It does not go round for ever.
        await Task.Delay(1000);
        Assert.False(news.Reader.TryRead(out _));
        here.Leave(news);
    }

    [Fact]
    public async Task A_gateway_with_another_storage_key_is_refused()
    {
        var key = Path.Combine(centre.Data, "keys", "storage.key");
        var right = await File.ReadAllBytesAsync(key);
        await File.WriteAllTextAsync(key, Convert.ToBase64String(Sealing.NewKey()));
        try
        {
            Assert.Contains("storage.key", (await Assert.ThrowsAsync<CentreException>(centre.StartAnotherAsync)).Message);
        }
        finally
        {
            await File.WriteAllBytesAsync(key, right);
        }
    }

    private static async Task SendAsync(Grpc.Core.AsyncDuplexStreamingCall<VideoChunk, VideoFeedback> publish, CancellationToken stop)
    {
        for (var number = 1UL; !stop.IsCancellationRequested; number++)
        {
            await publish.RequestStream.WriteAsync(LiveVideoTests.Fragment(number, key: true), CancellationToken.None);
            await Task.Delay(200, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static CarMessage Live(double latitude) => new()
    {
        Position = new LivePosition { Position = new Position { Fix = GnssFix._3D, LatitudeDegrees = latitude, LongitudeDegrees = 116.4 }, Availability = "free" },
    };
}
