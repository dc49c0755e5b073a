using System.Net;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>What a car will not show or look at: the console is told at once, and why.</summary>
public sealed class LiveRefusalTests : IAsyncLifetime
{
    private CentreUnderTest centre = null!;

    public async Task InitializeAsync()
    {
        centre = await CentreUnderTest.StartAsync();
        centre.AddAccount();
    }

    public async Task DisposeAsync() => await centre.DisposeAsync();

    [Theory]
    [InlineData("privacy_place", "privacy_place")]
    [InlineData("<script>", "ended_by_car")]
    public async Task A_view_that_the_car_refuses_or_ends_is_over_with_the_cars_own_reason(string said, string shown)
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        var (leaseId, command) = await BeginAsync(console, session);
        await using (var refused = await console.SocketAsync($"/api/live/{leaseId}/video"))
        {
            await session.SendAsync(new CarMessage { CommandAck = new CommandAck { CommandId = command.Id, Outcome = CommandOutcome.Refused, Code = said } });
            Assert.Equal(shown, (string?)JsonNode.Parse((await refused.NextAsync()).Text!)!["reason"]);
        }
        var (second, lease) = await BeginAsync(console, session);
        await session.AcceptAsync(lease);
        await using var ended = await console.SocketAsync($"/api/live/{second}/video");
        // Another unit's lease is nothing that this car could end.
        _ = await session.StoreAsync(RawCar.Event(Lane.Status, 1, e => e.LiveViewEnded = new LiveViewEnded { LeaseId = ByteString.CopyFrom(new byte[16]), Reason = said }));
        _ = await session.StoreAsync(RawCar.Event(Lane.Status, 2, e => e.LiveViewEnded = new LiveViewEnded { LeaseId = lease.LiveLease.LeaseId, Reason = said }));
        Assert.Equal(shown, (string?)JsonNode.Parse((await ended.NextAsync()).Text!)!["reason"]);
        Assert.Contains(centre.Audit(), row => row.StartsWith("PB-1 live_ended PB-1/cam1", StringComparison.Ordinal) && row.EndsWith(shown, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_movement_that_the_car_refuses_is_refused_at_the_console()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        var (leaseId, _) = await BeginAsync(console, session);
        var moving = console.PostAsync("/api/ptz", $$"""{"leaseId":"{{leaseId}}","pan":0.5,"tilt":0,"zoom":0,"holdMs":400}""");
        var asked = await session.CommandAsync(Command.BodyOneofCase.Ptz);
        await session.SendAsync(new CarMessage { CommandAck = new CommandAck { CommandId = asked.Id, Outcome = CommandOutcome.Refused, Code = "privacy_sector" } });
        var (status, json) = await moving;
        Assert.Equal((HttpStatusCode.Conflict, "privacy_sector"), (status, (string?)json!["code"]));
    }

    private static async Task<(string LeaseId, Command Command)> BeginAsync(ConsoleClient console, RawSession session)
    {
        var (status, json) = await console.PostAsync("/api/live", """{"unitId":"PB-1","cameraId":"cam1","reason":"pursuit"}""");
        Assert.Equal(HttpStatusCode.OK, status);
        return ((string)json!["leaseId"]!, await session.CommandAsync(Command.BodyOneofCase.LiveLease));
    }
}
