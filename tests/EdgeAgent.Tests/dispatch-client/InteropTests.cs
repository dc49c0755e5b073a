using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Uplink;
using EdgeAgent.Tests.Support;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>The contract against @grpc/grpc-js on the other side, both ways, over mutual TLS.</summary>
public sealed class InteropTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly TestPki pki = new();

    public void Dispose()
    {
        pki.Dispose();
        directory.Dispose();
    }

    [NodeFact]
    public async Task Our_car_and_a_centre_in_node_understand_each_other()
    {
        var envelope = WriteCentre();
        using var centre = Node.Start("centre.mjs", directory.Path);
        try
        {
            var told = new ConcurrentQueue<JsonElement>();
            var port = JsonDocument.Parse((await centre.StandardOutput.ReadLineAsync())!).RootElement.GetProperty("port").GetInt32();
            _ = ReadAsync(centre.StandardOutput, told);
            await using var car = new TestCar(pki, new Uri($"https://localhost:{port}"));
            var picture = TestOutbox.Noise(1, 300_000);
            car.Outbox.AppendMany([TestOutbox.Note("第一"), TestOutbox.Note("refuse me"), .. Enumerable.Range(0, 30).Select(_ => TestOutbox.Trail())]);
            car.Outbox.Append(TestOutbox.Clip(10, picture));
            car.Link.Publish(new Position { LatitudeDegrees = 39.9 }, "free");
            car.Start();

            await Eventually.HoldsAsync(() => car.Outbox.Counts is { Acknowledged: 32, Refused: 1, Pending: 0 }, "events answered");
            Assert.Equal(("odd", "不收"), (car.Outbox.Refused[0].Code, car.Outbox.Refused[0].Detail));
            var events = told.Where(line => line.TryGetProperty("event", out _)).ToList();
            Assert.Equal(("第一", "officer-7", "LANE_CALLS"), (Text(events[0], "text"), Text(events[0], "officer"), Text(events[0], "lane")));
            await Eventually.HoldsAsync(() => car.Times.Any(time => time.UnixMs == 1788000000000), "time signed by node believed");
            await Eventually.HoldsAsync(() => told.Any(line => line.TryGetProperty("position", out var at) && at.GetDouble() == 39.9), "position");

            await Eventually.HoldsAsync(() => told.Any(line => line.TryGetProperty("complete", out var size) && size.GetInt32() == picture.Length), "attachment resumed and whole");
            var offsets = told.Where(line => line.TryGetProperty("upload", out _)).Select(line => line.GetProperty("offset").GetInt64()).ToList();
            Assert.Equal(0, offsets[0]);
            Assert.True(offsets[1] >= 100_000);

            var offer = Assert.Single((await car.Link.ListIndexAsync()).Offers);
            Assert.Equal(envelope, await car.Link.FetchListAsync(offer));
            var gone = await Assert.ThrowsAsync<RpcException>(() => car.Link.FetchListAsync(new ListOffer(offer) { ListId = "gone" }));
            Assert.Equal((StatusCode.NotFound, "revoked"), (gone.StatusCode, gone.Status.Detail));

            await centre.StandardInput.WriteLineAsync("command hello");
            await Eventually.HoldsAsync(() => told.Any(line => line.TryGetProperty("commandAck", out _)), "command answered");
            Assert.Equal("hello", car.Commands.Single().Instruction.Text);

            await centre.StandardInput.WriteLineAsync("refuse PERMISSION_DENIED");
            await centre.StandardInput.WriteLineAsync("goodbye");
            await Eventually.HoldsAsync(() => car.Link.State.Phase == LinkPhase.Refused, "refused");
            Assert.Contains("unit-1 不受欢迎", car.Link.State.Detail);
            await centre.StandardInput.WriteLineAsync("refuse NONE");
            await Eventually.HoldsAsync(() => car.Link.State.Phase == LinkPhase.Up, "up again");
        }
        finally
        {
            centre.Kill();
            await centre.WaitForExitAsync();
        }
    }

    [NodeFact]
    public async Task A_car_in_node_and_our_centre_understand_each_other()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        centre.Lists.Offer("stolen-1", pki.Sign(TestLists.Plates()));
        File.WriteAllText(directory.At("ca.pem"), pki.DeviceRoot.ExportCertificatePem());
        WritePem("signer", pki.CentreSigner);
        using var unit = pki.UnitCertificate("unit-js");
        WritePem("unit", unit);
        using var strangers = new TestPki();
        using var rogue = strangers.UnitCertificate("unit-js");
        WritePem("rogue", rogue);
        var running = Node.RunAsync("car.mjs", centre.Port.ToString(), directory.Path);
        await Eventually.HoldsAsync(() => centre.Sessions.ContainsKey("unit-js") || running.IsCompleted, "the car came");
        await centre.Sessions["unit-js"].SendAsync(new CentreMessage
        {
            Command = new Command { Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)), Instruction = new Instruction { Text = "回来" } },
        });
        var output = await running;
        foreach (var line in (string[])["{\"session\":\"ok\",\"command\":\"回来\"}", $"{{\"time\":{TestLists.Now}}}", "{\"list\":\"被盗车辆\"}", "{\"evidence\":200000}", "{\"refused\":[\"nobody\",\"rogue\"]}"])
            Assert.Contains(line, output);
        Assert.Equal(["第一", "second", "第一"], centre.Received.Where(happened => happened.CallStep is not null).Select(happened => happened.CallStep.Text));
        var health = Assert.Single(centre.Received, happened => happened.UnitHealth is not null).UnitHealth;
        Assert.Equal((true, false, 17.5f, 42_000L), (health.Power.HasIgnitionOn, health.Power.IgnitionOn, health.Power.BatteryPercent, health.Power.OffInMs));
        Assert.True(health.Power is { HasOnBattery: false, HasSupplyVolts: false } && health.Modem is { HasSignalPercent: false, OperatorName: "中国移动" } && health.Disk is null);
        Assert.Equal((TimeTrust.Gnss, -86_400_000L, TimeTrust.Centre), (health.Clock.Trust, health.Clock.LastJumpMs, health.Clock.JumpedBy));
        var first = centre.Received.First();
        Assert.Equal(("警官-7", 1780000000123L, Priority.Urgent, TimeTrust.Centre), (first.OfficerId, first.CapturedAtUnixMs, first.Priority, first.TimeTrust));
        Assert.Equal(CommandOutcome.Stored, Assert.Single(centre.CommandAcks).Outcome);
        Assert.Equal(["cam1"], centre.Hellos.First().CameraIds);
    }

    [NodeFact]
    public async Task A_centre_that_stops_reading_and_then_ends_the_call_holds_nobody()
    {
        WriteCentre();
        using var centre = Node.Start("centre.mjs", directory.Path, "deaf");
        try
        {
            var port = JsonDocument.Parse((await centre.StandardOutput.ReadLineAsync())!).RootElement.GetProperty("port").GetInt32();
            _ = ReadAsync(centre.StandardOutput, new ConcurrentQueue<JsonElement>());
            await using var car = new TestCar(pki, new Uri($"https://localhost:{port}"));
            car.Outbox.AppendMany([.. Enumerable.Range(0, 8).Select(_ => TestOutbox.Note(new string('x', 400_000)))]);
            car.Start();
            await Eventually.HoldsAsync(() => car.Outbox.Counts.Acknowledged == 8, "delivered in the next session");
        }
        finally
        {
            centre.Kill();
            await centre.WaitForExitAsync();
        }
    }

    private byte[] WriteCentre()
    {
        var envelope = pki.Sign(TestLists.Plates());
        File.WriteAllText(directory.At("ca.pem"), pki.DeviceRoot.ExportCertificatePem());
        WritePem("server", pki.Server);
        WritePem("signer", pki.CentreSigner);
        File.WriteAllBytes(directory.At("list.bin"), envelope);
        return envelope;
    }

    private static string? Text(JsonElement line, string name) => line.GetProperty(name).GetString();

    private static async Task ReadAsync(StreamReader output, ConcurrentQueue<JsonElement> told)
    {
        while (await output.ReadLineAsync() is { } line)
            told.Enqueue(JsonDocument.Parse(line).RootElement.Clone());
    }

    private void WritePem(string name, X509Certificate2 certificate)
    {
        File.WriteAllText(directory.At($"{name}.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(directory.At($"{name}.key"), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }
}
