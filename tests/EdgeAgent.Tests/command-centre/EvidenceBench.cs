using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>A centre with a car whose alerts and clips come in over the real line, and consoles of several people.</summary>
internal sealed class EvidenceBench : IAsyncDisposable
{
    private readonly List<ConsoleClient> consoles = [];
    private readonly List<RawCar> cars = [];
    private ulong numbered;

    private EvidenceBench(CentreUnderTest centre) => Centre = centre;

    public CentreUnderTest Centre { get; }

    public static async Task<EvidenceBench> StartAsync()
    {
        var bench = new EvidenceBench(await CentreUnderTest.StartAsync());
        bench.Centre.AddAccount();
        bench.Centre.AddAccount("chief", "supervisor");
        return bench;
    }

    public async Task<RawCar> CarAsync(string unitId, string district = "")
    {
        var car = await Centre.EnrolAsync(unitId);
        cars.Add(car);
        Centre.PlaceUnit(unitId, district);
        return car;
    }

    public async Task<ConsoleClient> ConsoleAsync(string user = CentreUnderTest.Dispatcher)
    {
        var console = await ConsoleClient.SignedInAsync(Centre.Http, user);
        consoles.Add(console);
        return console;
    }

    /// <summary>A decided alert, and its clip where there is content.</summary>
    public async Task<Guid> AlertAsync(RawCar car, byte[]? clip = null, Action<Decision>? change = null)
    {
        using var session = await car.ConnectAsync();
        var decided = car.Decided(++numbered, change);
        Assert.All(await session.StoreAsync(decided), ack => Assert.Equal(AckStatus.Stored, ack.Status));
        if (clip is not null)
            await ClipAsync(car, session, decided.Id, clip);
        return Uuid7.ToGuid(decided.Id.Span);
    }

    public async Task ClipAsync(RawCar car, RawSession session, ByteString about, byte[] clip)
    {
        var ready = RawCar.Event(Lane.Evidence, ++numbered, e => e.EvidenceReady = new EvidenceReady { AboutEventId = about, CameraId = "cam1", FromUnixMs = 5000, ToUnixMs = 15_000 });
        ready.Attachments.Add(new AttachmentRef { Sha256 = ByteString.CopyFrom(SHA256.HashData(clip)), SizeBytes = (ulong)clip.Length, MediaType = "video/mp4", Role = AttachmentRole.Clip });
        Assert.All(await session.StoreAsync(ready), ack => Assert.Equal(AckStatus.Stored, ack.Status));
        using var call = new Evidence.EvidenceClient(car.Channel).Upload();
        await call.RequestStream.WriteAsync(new EvidenceChunk { Header = new EvidenceHeader { EventId = ready.Id, Attachment = ready.Attachments[0] } });
        foreach (byte[] piece in clip.Chunk(100_000))
            await call.RequestStream.WriteAsync(new EvidenceChunk { Data = ByteString.CopyFrom(piece) });
        await call.RequestStream.CompleteAsync();
        _ = await call.ResponseAsync;
    }

    /// <summary>All evidence of the last day and the next, or what more is asked of it.</summary>
    public static async Task<(HttpStatusCode Status, JsonNode? Json)> SearchAsync(ConsoleClient console, JsonObject? more = null)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var body = new JsonObject { ["fromUnixMs"] = now - 86_400_000, ["toUnixMs"] = now + 86_400_000 };
        foreach (var (name, value) in more ?? [])
            body[name] = value?.DeepClone();
        return await console.PostAsync("/api/evidence/search", body.ToJsonString());
    }

    public static async Task<IReadOnlyList<string>> FoundAsync(ConsoleClient console, JsonObject? more = null)
    {
        var (status, json) = await SearchAsync(console, more);
        Assert.Equal(HttpStatusCode.OK, status);
        return [.. json!["found"]!.AsArray().Select(found => (string)found!["id"]!)];
    }

    public async ValueTask DisposeAsync()
    {
        consoles.ForEach(console => console.Dispose());
        cars.ForEach(car => car.Dispose());
        await Centre.DisposeAsync();
    }
}
