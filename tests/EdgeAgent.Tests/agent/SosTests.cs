using System.Buffers.Binary;
using System.Net;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Emergencies;
using EdgeAgent.Contract;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

/// <summary>An officer calls for help, at the page or by a button in the car.</summary>
public sealed class SosTests
{
    [Fact]
    public async Task A_call_for_help_is_on_disk_before_the_page_is_told_and_stands_over_a_restart()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        _ = await car.SignInAsync();
        using (HttpResponseMessage called = await car.Http.PostAsync("/api/sos", null))
            Assert.Equal(HttpStatusCode.OK, called.StatusCode);
        using (HttpResponseMessage again = await car.Http.PostAsync("/api/sos", null))
            Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Event sent = Assert.Single(car.Events(), e => e.Sos is not null);
        Assert.Equal((Lane.Calls, Priority.Urgent, BenchCar.OfficerId), (sent.Lane, sent.Priority, sent.OfficerId));
        Assert.Equal(sent.Id, car.Events()[0].Id);
        Assert.Equal("page", Assert.Single(car.Audit(), r => r.Kind == AuditKind.Sos).Purpose);

        await using BenchCar after = await car.RestartAsync(sameBoot: true);
        Assert.Equal(sent.Sos.SosId.ToByteArray(), after.Get<SosBook>().Open!.SosId);
        await using Page page = await after.PageAsync();
        JsonNode sos = (await page.UntilAsync("state"))["areas"]!["sos"]!;
        Assert.Equal((false, ""), ((bool)sos["sent"]!, (string?)sos["takenBy"]));
    }

    [Fact]
    public async Task Help_comes_to_whoever_is_signed_in_nowhere()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        using HttpResponseMessage called = await car.Http.PostAsync("/api/sos", null);
        Assert.Equal(HttpStatusCode.OK, called.StatusCode);
        Assert.Equal("", Assert.Single(car.Events(), e => e.Sos is not null).OfficerId);
        // Taking it back is an officer's.
        using HttpResponseMessage taken = await car.Http.DeleteAsync("/api/sos");
        Assert.Equal(HttpStatusCode.Unauthorized, taken.StatusCode);
    }

    [Fact]
    public async Task Taken_back_the_centre_is_told_that_it_ended_and_the_page_shows_none()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        _ = await car.SignInAsync();
        _ = await car.Http.PostAsync("/api/sos", null);
        using (HttpResponseMessage back = await car.Http.DeleteAsync("/api/sos"))
            Assert.Equal(HttpStatusCode.NoContent, back.StatusCode);
        Event[] told = [.. car.Events().Where(e => e.Sos is not null)];
        Assert.Equal([false, true], told.Select(e => e.Sos.Ended));
        Assert.Single(told.Select(e => e.Sos.SosId).Distinct());
        Assert.Null(car.Get<SosBook>().Open);
        using HttpResponseMessage none = await car.Http.DeleteAsync("/api/sos");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Theory]
    [InlineData("dispatcher", CommandOutcome.Stored, "wang")]
    [InlineData("auditor", CommandOutcome.Refused, "")]
    public async Task The_officer_sees_who_has_taken_it_and_it_ends_when_the_centre_closes_it(string role, CommandOutcome outcome, string takenBy)
    {
        await using BenchCar car = await BenchCar.StartAsync();
        SosNow sos = car.Get<SosBook>().Call("", "page");
        Assert.Equal(outcome, (await car.Get<CommandDesk>().HandleAsync(Answer(sos.SosId, SosState.Taken, role), default)).Outcome);
        Assert.Equal(takenBy, car.Get<SosBook>().Open!.TakenBy);
        // Of another one: nothing.
        Assert.Equal(outcome, (await car.Get<CommandDesk>().HandleAsync(Answer(Uuid7.New(car.Time), SosState.Closed, role), default)).Outcome);
        Assert.NotNull(car.Get<SosBook>().Open);
        _ = await car.Get<CommandDesk>().HandleAsync(Answer(sos.SosId, SosState.Closed, role), default);
        Assert.Equal(outcome == CommandOutcome.Stored, car.Get<SosBook>().Open is null);
    }

    [Fact]
    public async Task A_button_in_the_car_calls_when_it_is_held_for_a_second_and_not_before()
    {
        using var folder = new TemporaryDirectory();
        string device = folder.At("panic");
        using (System.Diagnostics.Process made = System.Diagnostics.Process.Start("mkfifo", device)!)
            await made.WaitForExitAsync();
        await using BenchCar car = await BenchCar.StartAsync(o => o with { Sos = new SosOptions { KeyDevice = device } });
        await using var key = new FileStream(device, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
        await key.WriteAsync(KeyEvent(183, 1));
        await key.WriteAsync(KeyEvent(183, 0));
        await key.WriteAsync(KeyEvent(30, 1));
        await Task.Delay(1500);
        Assert.Null(car.Get<SosBook>().Open);
        await key.WriteAsync(KeyEvent(183, 1));
        await Eventually.HoldsAsync(() => car.Get<SosBook>().Open is not null, "the button calls for help");
        Assert.Equal("key", Assert.Single(car.Audit(), r => r.Kind == AuditKind.Sos).Purpose);
    }

    [Fact]
    public async Task Nobody_is_heard_without_a_link_and_the_page_is_told_at_once()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.Equal("signed_out", await RefusedAsync(car, emergency: false));
        Assert.Equal("not_allowed", await RefusedAsync(car, emergency: true));
        _ = await car.SignInAsync();
        Assert.Equal("no_link", await RefusedAsync(car, emergency: false));
    }

    private static async Task<string> RefusedAsync(BenchCar car, bool emergency)
    {
        await using Page page = await car.PageAsync("/api/voice");
        await page.SayAsync(new JsonObject { ["ask"] = new JsonObject { ["talkId"] = Guid.CreateVersion7().ToString(), ["channel"] = "district", ["emergency"] = emergency } });
        return (string)(await page.NextJsonAsync())["answer"]!["code"]!;
    }

    private static Command Answer(byte[] sosId, SosState state, string role) => new()
    {
        Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
        Issuer = "wang",
        IssuerRole = role,
        Sos = new SosAnswer { SosId = ByteString.CopyFrom(sosId), State = state },
    };

    private static byte[] KeyEvent(ushort code, int value)
    {
        byte[] happened = new byte[24];
        BinaryPrimitives.WriteUInt16LittleEndian(happened.AsSpan(16), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(happened.AsSpan(18), code);
        BinaryPrimitives.WriteInt32LittleEndian(happened.AsSpan(20), value);
        return happened;
    }
}
