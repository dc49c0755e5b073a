using System.Diagnostics;
using EdgeAgent.Benchmarks.Fleet;
using EdgeAgent.Benchmarks.Servers;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.DispatchClient.Uplink;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Patrol.Dispatch.V1;
using ClientEnrolment = EdgeAgent.DispatchClient.Identity.Enrolment;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>What a city loses when a gateway or its database goes away: nothing that was acknowledged.</summary>
public sealed class GatewayLossTests
{
    [Fact]
    public async Task When_a_gateway_is_killed_its_car_goes_on_at_the_other_within_seconds_and_nothing_is_lost_or_doubled()
    {
        await using var centre = await CentreUnderTest.MakeAsync(CentreStore.Postgres);
        using var one = await GatewayProcess.StartAsync(centre.Data, new Dictionary<string, string>());
        using var two = await GatewayProcess.StartAsync(centre.Data, new Dictionary<string, string>());
        using var authority = DeviceAuthority.Load(new DataFolder(centre.Data), TimeProvider.System);
        var identityFolder = Path.Combine(centre.Folder, "car", "identity");
        Directory.CreateDirectory(Path.GetDirectoryName(identityFolder)!);
        _ = await ClientEnrolment.EnrolAsync(one.Grpc, $"{centre.EnrolmentCode("PB-1")}.{authority.FingerprintHex}", identityFolder, CancellationToken.None);
        using var identity = UnitIdentity.Load(identityFolder);
        await using var outbox = OutboxStore.Open(
            new OutboxOptions { Directory = Path.Combine(centre.Folder, "car", "data") }, PayloadSeal.AesGcm(new byte[32]), TimeProvider.System);
        await using var link = new CentreLink(
            new LinkOptions { Centre = one.Grpc, AlsoAt = [two.Grpc] }, identity, outbox, (_, _) => new(new CommandAck { Outcome = CommandOutcome.Stored }),
            () => new Hello { SoftwareVersion = "test", CameraIds = { "cam1" } }, TimeProvider.System, NullLoggerFactory.Instance);
        using var stop = new CancellationTokenSource();
        var running = link.RunAsync(stop.Token);
        await UntilAsync(() => link.State.Phase == LinkPhase.Up);

        var ids = new List<string>();
        for (var number = 0; number < 200; number++)
        {
            var draft = new EventDraft((Lane)(1 + (number % 6)), Priority.Normal, "010001", 1_780_000_000_000, TimeTrust.Centre, e => e.UnitHealth = new UnitHealth { SoftwareVersion = "test" });
            ids.Add(Uuid7.ToGuid(outbox.Append(draft).Id.Span).ToString());
            if (number == 100)
                Holder(one, two).Kill();
        }
        var killed = Stopwatch.GetTimestamp();
        await UntilAsync(() => centre.Books("PB-1").Events == 200);
        Assert.InRange(Stopwatch.GetElapsedTime(killed), TimeSpan.Zero, TimeSpan.FromSeconds(15));
        var books = centre.Books("PB-1");
        Assert.Equal(ids.Order(StringComparer.Ordinal), books.Ids!.Order(StringComparer.Ordinal));
        Assert.Equal((200, 200, 0, 0), (books.Events, books.DistinctIds, books.MissingNumbers, books.RefusedEvents));
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_database_that_goes_away_is_try_again_later_and_the_gateway_goes_on_by_itself()
    {
        await using var postgres = await PostgresServer.StartAsync(durable: true);
        await using var centre = await CentreUnderTest.MakeOnAsync(await postgres.NewDatabaseAsync());
        await centre.StartServerAsync();
        using var car = await centre.EnrolAsync("PB-1");
        var acked = new HashSet<string>();
        var lost = car.Health();
        using (var session = await car.ConnectAsync())
        {
            foreach (var ack in await session.StoreAsync(Enumerable.Range(0, 20).Select(_ => car.Health())))
                _ = acked.Add(Uuid7.ToGuid(ack.EventId.Span).ToString());
            await postgres.StopAsync();
            try
            {
                await session.SendAsync(lost);
            }
            catch (RpcException)
            {
                // The gateway missed its database first, and has ended the session.
            }
            Assert.Equal(StatusCode.Unavailable, await session.EndAsync());
        }
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => car.ConnectAsync())).StatusCode);
        await postgres.StartAgainAsync();
        using (var session = await ConnectedAsync(car))
            _ = acked.Add(Uuid7.ToGuid(Assert.Single(await session.StoreAsync(lost)).EventId.Span).ToString());
        var books = centre.Books("PB-1");
        Assert.Equal(acked.Order(StringComparer.Ordinal), books.Ids!.Order(StringComparer.Ordinal));
        Assert.Equal((21, 0), (books.Events, books.MissingNumbers));
    }

    private static GatewayProcess Holder(GatewayProcess one, GatewayProcess two) =>
        new LinkOptions { Centre = one.Grpc, AlsoAt = [two.Grpc] }.ForAttempt("PB-1", 0).Centre == one.Grpc ? one : two;

    private static async Task<RawSession> ConnectedAsync(RawCar car)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await car.ConnectAsync();
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable && attempt < 50)
            {
                await Task.Delay(200);
            }
        }
    }

    private static async Task UntilAsync(Func<bool> done)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        while (!done())
            await Task.Delay(50, limit.Token);
    }
}
