using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>The video of a confirmed alert at the centre: told, come, played in parts, each reading written down.</summary>
public sealed class ClipTests : IAsyncLifetime
{
    private readonly byte[] video = RandomNumberGenerator.GetBytes(400_000);
    private CentreUnderTest centre = null!;
    private RawCar car = null!;
    private ConsoleClient console = null!;

    public async Task InitializeAsync()
    {
        centre = await CentreUnderTest.StartAsync();
        centre.AddAccount();
        car = await centre.EnrolAsync("PB-1");
        console = await ConsoleClient.SignedInAsync(centre.Http);
    }

    public async Task DisposeAsync()
    {
        console.Dispose();
        car.Dispose();
        await centre.DisposeAsync();
    }

    [Fact]
    public async Task It_is_expected_then_coming_then_here_and_read_from_anywhere()
    {
        Event decided = car.Decided(1);
        await StoreAsync(car, decided);
        Assert.Equal("expected", (string)(await TellAsync(decided))["state"]!);
        Event ready = Ready(decided, video);
        await StoreAsync(car, ready);
        JsonNode told = await TellAsync(decided);
        Assert.Equal(("coming", "cam1", 5000, 15_000), ((string)told["state"]!, (string)told["cameraId"]!, (long)told["fromUnixMs"]!, (long)told["toUnixMs"]!));
        Assert.Equal(HttpStatusCode.NotFound, await console.GetAsync(Path(decided)));
        await UploadAsync(car, ready);
        told = await TellAsync(decided);
        Assert.Equal(("here", 400_000, Path(decided)), ((string)told["state"]!, (long)told["sizeBytes"]!, (string)told["url"]!));

        Assert.Equal(video, await console.Http.GetByteArrayAsync(new Uri(Path(decided), UriKind.Relative)));
        foreach (var (from, to) in ((int, int)[])[(0, 99), (65_535, 65_536), (65_536, 200_000), (199_999, 399_999), (399_999, 399_999)])
            Assert.Equal(video[from..(to + 1)], await PartAsync(decided, from, to));
        Assert.Equal(6, centre.Audit().Count(row => row.StartsWith("dispatcher clip_read", StringComparison.Ordinal)));
        using HttpResponseMessage saved = await console.Http.GetAsync(new Uri(Path(decided) + "?keep", UriKind.Relative));
        Assert.EndsWith(".mp4", saved.Content.Headers.ContentDisposition!.FileName!.Trim('"'), StringComparison.Ordinal);
        Assert.Equal("video/mp4", saved.Content.Headers.ContentType!.MediaType);
        Assert.True(saved.Headers.CacheControl!.NoStore);
        Assert.Single(centre.Audit(), row => row.StartsWith("dispatcher clip_saved", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_there_is_none_the_reason_is_told_and_a_later_one_counts()
    {
        Event decided = car.Decided(1);
        await StoreAsync(car, decided, Ready(decided, null, "car_restarted"));
        JsonNode told = await TellAsync(decided);
        Assert.Equal(("none", "car_restarted"), ((string)told["state"]!, (string)told["reason"]!));
        Event later = Ready(decided, video, number: 2);
        await StoreAsync(car, later);
        await UploadAsync(car, later);
        Assert.Equal("here", (string)(await TellAsync(decided))["state"]!);
    }

    [Fact]
    public async Task Nobody_elses_and_no_rejected_alerts_video_is_shown_and_strangers_get_none()
    {
        Event decided = car.Decided(1), rejected = car.Decided(2, d => (d.Verdict, d.Reason) = (Verdict.Rejected, "other"));
        using RawCar other = await centre.EnrolAsync("PB-2");
        Event forged = Ready(decided, video);
        await StoreAsync(car, decided, rejected);
        await StoreAsync(other, forged);
        await UploadAsync(other, forged);
        Assert.Equal("expected", (string)(await TellAsync(decided))["state"]!);
        Assert.Equal(HttpStatusCode.NotFound, await console.GetAsync(Path(decided)));
        byte[] another = RandomNumberGenerator.GetBytes(50_000);
        Event ofRejected = Ready(rejected, another);
        await StoreAsync(car, ofRejected);
        await UploadAsync(car, ofRejected, another);
        foreach (string path in (string[])[Path(rejected), Path(rejected)[..^4], $"/api/incidents/{Guid.NewGuid()}/clip"])
            Assert.Equal(HttpStatusCode.NotFound, await console.GetAsync(path));
        using var stranger = new ConsoleClient(centre.Http);
        Assert.Equal(HttpStatusCode.Unauthorized, await stranger.GetAsync(Path(decided)));
        Assert.Equal(HttpStatusCode.Unauthorized, await stranger.GetAsync(Path(decided)[..^4]));
        Assert.DoesNotContain(centre.Audit(), row => row.Contains("clip_read", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_malformed_one_is_refused_and_the_rest_is_stored()
    {
        Event decided = car.Decided(1);
        Event[] bad =
        [
            Ready(decided, null, new string('x', 65), 1),
            Ready(decided, null, "no_video", 2, r => (r.FromUnixMs, r.ToUnixMs) = (2, 1)),
            Ready(decided, null, "no_video", 3, r => r.CameraId = new string('c', 65)),
            Ready(decided, null, "no_video", 4, r => r.AboutEventId = ByteString.CopyFrom(1, 2)),
        ];
        using RawSession session = await car.ConnectAsync();
        IReadOnlyList<EventAck> acks = await session.StoreAsync([decided, .. bad]);
        Assert.Equal([AckStatus.Stored, .. bad.Select(_ => AckStatus.Refused)], acks.Select(a => a.Status));
        Assert.All(acks.Skip(1), a => Assert.Equal("bad_evidence", a.Code));
        Assert.Equal("expected", (string)(await TellAsync(decided))["state"]!);
    }

    private static string Path(Event decided) => $"/api/incidents/{Uuid7.ToGuid(decided.Id.Span)}/clip.mp4";

    private static Event Ready(Event about, byte[]? content, string reason = "", ulong number = 1, Action<EvidenceReady>? change = null)
    {
        Event made = RawCar.Event(Lane.Evidence, number, e => e.EvidenceReady = new EvidenceReady
        {
            AboutEventId = about.Id,
            CameraId = "cam1",
            FromUnixMs = 5000,
            ToUnixMs = 15_000,
            Reason = reason,
        });
        change?.Invoke(made.EvidenceReady);
        if (content is not null)
        {
            made.Attachments.Add(new AttachmentRef
            {
                Sha256 = ByteString.CopyFrom(SHA256.HashData(content)),
                SizeBytes = (ulong)content.Length,
                MediaType = "video/mp4",
                Role = AttachmentRole.Clip,
            });
        }
        return made;
    }

    private static async Task StoreAsync(RawCar from, params Event[] events)
    {
        using RawSession session = await from.ConnectAsync();
        Assert.All(await session.StoreAsync(events), a => Assert.Equal(AckStatus.Stored, a.Status));
    }

    private async Task UploadAsync(RawCar from, Event ready, byte[]? content = null)
    {
        using var call = new Evidence.EvidenceClient(from.Channel).Upload();
        await call.RequestStream.WriteAsync(new EvidenceChunk { Header = new EvidenceHeader { EventId = ready.Id, Attachment = ready.Attachments[0] } });
        foreach (byte[] piece in (content ?? video).Chunk(100_000))
            await call.RequestStream.WriteAsync(new EvidenceChunk { Data = ByteString.CopyFrom(piece) });
        await call.RequestStream.CompleteAsync();
        _ = await call.ResponseAsync;
    }

    private async Task<JsonNode> TellAsync(Event decided) =>
        JsonNode.Parse(await console.Http.GetStringAsync(new Uri(Path(decided)[..^4], UriKind.Relative)))!;

    private async Task<byte[]> PartAsync(Event decided, int from, int to)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Path(decided)) { Headers = { Range = new RangeHeaderValue(from, to) } };
        using HttpResponseMessage answer = await console.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        return await answer.Content.ReadAsByteArrayAsync();
    }
}
