using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Hw;
using EdgeAgent.Tests.Support;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Moments of a live view that are kept: a still of the very picture that is shown, and a clip that the car is asked for.</summary>
public sealed class MomentTests : IAsyncLifetime
{
    private CentreUnderTest centre = null!;
    private RawCar car = null!;
    private RawSession session = null!;
    private ConsoleClient console = null!;

    public async Task InitializeAsync()
    {
        centre = await CentreUnderTest.StartAsync();
        centre.AddAccount();
        car = await centre.EnrolAsync("PB-1");
        session = await car.ConnectAsync();
        console = await ConsoleClient.SignedInAsync(centre.Http);
    }

    public async Task DisposeAsync()
    {
        console.Dispose();
        session.Dispose();
        car.Dispose();
        await centre.DisposeAsync();
    }

    [Fact]
    public async Task A_snapshot_is_the_picture_that_is_shown_sealed_with_its_reason_and_in_the_audit()
    {
        var (leaseId, lease) = await BeginAsync();
        Assert.Equal((HttpStatusCode.Conflict, "no_picture"), await CodeAsync(console.PostAsync($"/api/live/{leaseId}/snapshot", """{"reason":"face at the window"}""")));
        using var publish = new Video.VideoClient(car.Channel).Publish();
        await using var screen = await console.SocketAsync($"/api/live/{leaseId}/video");
        await PublishAsync(publish, screen, lease.LeaseId, 12);

        Assert.Equal((HttpStatusCode.BadRequest, "reason_required"), await CodeAsync(console.PostAsync($"/api/live/{leaseId}/snapshot", "{}")));
        var (status, json) = await console.PostAsync($"/api/live/{leaseId}/snapshot", """{"reason":"face at the window","callNumber":"J-2026-000017","capturedAtUnixMs":1007}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(1007, (long)json!["capturedAtUnixMs"]!);
        var id = Guid.Parse((string)json["exhibitId"]!);
        var exhibit = centre.Get<ExhibitTable>().Find(id)!;
        Assert.Equal(("snapshot", "PB-1", "cam1", 1007, CentreUnderTest.Dispatcher), (exhibit.Kind, exhibit.UnitId, exhibit.CameraId, exhibit.FromUnixMs, exhibit.MadeBy));
        Assert.Equal(("face at the window", "J-2026-000017"), (exhibit.Words.Reason, exhibit.Words.CallNumber));
        var file = centre.Get<ExhibitTable>().FileOf(exhibit, 0);
        Assert.Equal(("here", "image/jpeg"), (file.State, file.MediaType));

        // It is picture number 7 of the clip, and on disk it is nothing that anybody could look at.
        var jpeg = centre.Get<EdgeAgent.CommandCentre.Exhibits.ExhibitStore>().Read(file.Sha256!, file.SizeBytes!.Value);
        using var pool = new FramePool();
        using var codec = new JpegCodec();
        using (var frame = codec.Decode(jpeg, pool))
            Assert.Equal(7, NumberedPicture.NumberIn(frame.View));
        var stored = await File.ReadAllBytesAsync(centre.Get<EdgeAgent.CommandCentre.Attachments.EvidenceFiles>().PathOf(file.Sha256));
        Assert.Equal(-1, stored.AsSpan().IndexOf(jpeg.AsSpan(0, 64)));
        Assert.Contains(centre.Audit(), row => row == $"dispatcher snapshot_taken {id} PB-1/cam1 {leaseId} face at the window");
        // The audit names the purpose in clear, as everywhere; what else was said lies sealed.
        Assert.All(Directory.EnumerateFiles(centre.Data, "centre.db*"), path => Assert.Equal(-1, Bytes(path).AsSpan().IndexOf("J-2026-000017"u8)));

        centre.AddAccount("curious");
        using var curious = await ConsoleClient.SignedInAsync(centre.Http, "curious");
        Assert.Equal((HttpStatusCode.Forbidden, "own_lease_needed"), await CodeAsync(curious.PostAsync($"/api/live/{leaseId}/snapshot", """{"reason":"let me have it"}""")));
    }

    [Fact]
    public async Task A_marked_moment_is_asked_of_the_car_under_the_lease_and_its_clip_is_told_of_until_it_is_here()
    {
        var (leaseId, lease) = await BeginAsync();
        foreach (var (body, code) in ((string, string)[])[("{}", "reason_required"), ("""{"reason":"bag left","secondsBefore":21}""", "bad_clip_span"), ("""{"reason":"bag left","secondsBefore":0,"secondsAfter":0}""", "bad_clip_span")])
            Assert.Equal((HttpStatusCode.BadRequest, code), await CodeAsync(console.PostAsync($"/api/live/{leaseId}/mark", body)));
        var (status, json) = await console.PostAsync($"/api/live/{leaseId}/mark", """{"reason":"bag left","secondsBefore":10,"secondsAfter":5}""");
        Assert.Equal(HttpStatusCode.OK, status);
        var id = Guid.Parse((string)json!["exhibitId"]!);
        var command = await session.CommandAsync(Command.BodyOneofCase.Clip);
        Assert.Equal((id, lease.LeaseId, "cam1", "bag left"), (Uuid7.ToGuid(command.Id.Span), command.Clip.LeaseId, command.Clip.CameraId, command.Clip.Reason));
        // Never from before the view began: nobody was given to see that.
        var begun = centre.Get<EdgeAgent.CommandCentre.LiveViews.LiveLeases>().Find(Guid.Parse(leaseId))!.Row.StartedAt;
        Assert.Equal(begun, command.Clip.FromUnixMs);
        Assert.InRange(command.Clip.ToUnixMs - command.IssuedAtUnixMs, 4_900, 5_100);
        Assert.Contains(centre.Audit(), row => row == $"dispatcher clip_asked {id} PB-1/cam1 bag left");

        var table = centre.Get<ExhibitTable>();
        var exhibit = table.Find(id)!;
        Assert.Equal("expected", table.FileOf(exhibit, begun).State);
        var video = RandomNumberGenerator.GetBytes(200_000);
        var ready = RawCar.Event(Lane.Evidence, 1, e => e.EvidenceReady = new EvidenceReady { AboutEventId = command.Id, CameraId = "cam1", FromUnixMs = command.Clip.FromUnixMs, ToUnixMs = command.Clip.ToUnixMs });
        ready.Attachments.Add(new AttachmentRef { Sha256 = ByteString.CopyFrom(SHA256.HashData(video)), SizeBytes = (ulong)video.Length, MediaType = "video/mp4", Role = AttachmentRole.Clip });
        Assert.Equal(AckStatus.Stored, Assert.Single(await session.StoreAsync(ready)).Status);
        Assert.Equal("coming", table.FileOf(exhibit, begun).State);
        using var upload = new Evidence.EvidenceClient(car.Channel).Upload();
        await upload.RequestStream.WriteAsync(new EvidenceChunk { Header = new EvidenceHeader { EventId = ready.Id, Attachment = ready.Attachments[0] } });
        await upload.RequestStream.WriteAsync(new EvidenceChunk { Data = ByteString.CopyFrom(video) });
        await upload.RequestStream.CompleteAsync();
        _ = await upload.ResponseAsync;
        var file = table.FileOf(exhibit, begun);
        Assert.Equal(("here", 200_000), (file.State, file.SizeBytes));
    }

    [Fact]
    public async Task A_clip_that_the_car_refuses_has_not_or_never_hears_of_says_why()
    {
        var (leaseId, _) = await BeginAsync();
        var table = centre.Get<ExhibitTable>();
        async Task<(Exhibit Exhibit, Command Command)> MarkAsync()
        {
            var (_, json) = await console.PostAsync($"/api/live/{leaseId}/mark", """{"reason":"bag left"}""");
            return (table.Find(Guid.Parse((string)json!["exhibitId"]!))!, await session.CommandAsync(Command.BodyOneofCase.Clip));
        }
        var (refused, first) = await MarkAsync();
        await session.SendAsync(new CarMessage { CommandAck = new CommandAck { CommandId = first.Id, Outcome = CommandOutcome.Refused, Code = "not_in_ring" } });
        await Eventually.HoldsAsync(() => table.FileOf(refused, 0) is { State: "none", Reason: "not_in_ring" }, "the refusal is told");
        var (none, second) = await MarkAsync();
        var told = RawCar.Event(Lane.Evidence, 1, e => e.EvidenceReady = new EvidenceReady { AboutEventId = second.Id, CameraId = "cam1", FromUnixMs = 1, ToUnixMs = 2, Reason = "no_video" });
        _ = await session.StoreAsync(told);
        Assert.Equal(("none", "no_video"), (table.FileOf(none, 0).State, table.FileOf(none, 0).Reason));
        var (unheard, third) = await MarkAsync();
        Assert.Equal("expected", table.FileOf(unheard, third.ExpiresAtUnixMs - 1).State);
        Assert.Equal("car_unreachable", table.FileOf(unheard, third.ExpiresAtUnixMs + 1).Reason);
    }

    [Fact]
    public async Task A_clip_may_be_asked_for_about_a_confirmed_alert_of_that_car_and_about_nothing_else()
    {
        var decided = car.Decided(1);
        var rejected = car.Decided(2, d => (d.Verdict, d.Reason) = (Verdict.Rejected, "other"));
        _ = await session.StoreAsync(decided, rejected);
        var path = $"/api/evidence/{Uuid7.ToGuid(decided.Id.Span)}/clip";
        Assert.Equal((HttpStatusCode.BadRequest, "reason_required"), await CodeAsync(console.PostAsync(path, "{}")));
        var (status, json) = await console.PostAsync(path, """{"reason":"no clip came","secondsBefore":5,"secondsAfter":5}""");
        Assert.Equal(HttpStatusCode.OK, status);
        var command = await session.CommandAsync(Command.BodyOneofCase.Clip);
        Assert.Equal((decided.Id, "cam1", 10_000), (command.Clip.AboutEventId, command.Clip.CameraId, command.Clip.ToUnixMs - command.Clip.FromUnixMs));
        Assert.True(command.Clip.LeaseId.IsEmpty);
        Assert.Equal(Uuid7.ToGuid(decided.Id.Span), centre.Get<ExhibitTable>().Find(Guid.Parse((string)json!["exhibitId"]!))!.SourceId);
        Assert.Equal(HttpStatusCode.NotFound, (await console.PostAsync($"/api/evidence/{Uuid7.ToGuid(rejected.Id.Span)}/clip", """{"reason":"no clip came"}""")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await console.PostAsync($"/api/evidence/{Guid.NewGuid()}/clip", """{"reason":"no clip came"}""")).Status);
    }

    private static byte[] Bytes(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private async Task<(string LeaseId, LiveLease Lease)> BeginAsync()
    {
        var (status, json) = await console.PostAsync("/api/live", """{"unitId":"PB-1","cameraId":"cam1","reason":"pursuit"}""");
        Assert.Equal(HttpStatusCode.OK, status);
        return ((string)json!["leaseId"]!, (await session.CommandAsync(Command.BodyOneofCase.LiveLease)).LiveLease);
    }

    /// <summary>Real H.264 pictures that show their own numbers, picture n captured at 1000 + n.</summary>
    private async Task PublishAsync(Grpc.Core.AsyncDuplexStreamingCall<VideoChunk, VideoFeedback> publish, ConsoleSocket screen, ByteString leaseId, int pictures)
    {
        string plain = Clips.Numbered(centre.Folder, "plain.mp4", 640, 360, pictures, Clips.H264);
        string fragmented = Path.Combine(centre.Folder, "live.mp4");
        _ = Clips.Ffmpeg("-i", plain, "-c", "copy", "-movflags", "frag_every_frame+empty_moov+default_base_moof", fragmented);
        var (init, fragments) = Boxes(await File.ReadAllBytesAsync(fragmented));
        Assert.Equal(pictures, fragments.Count);
        await publish.RequestStream.WriteAsync(new VideoChunk { Start = new VideoStart { LeaseId = leaseId, CameraId = "cam1", Mime = "video/mp4", InitSegment = ByteString.CopyFrom(init) } });
        for (var n = 0; n < pictures; n++)
        {
            await publish.RequestStream.WriteAsync(new VideoChunk
            {
                Fragment = new VideoFragment { Sequence = (ulong)n + 1, CapturedAtUnixMs = 1000 + n, Key = n == 0, Data = ByteString.CopyFrom(fragments[n]) },
            });
        }
        for (var got = 0; got < pictures + 2; got++)
            _ = await screen.NextAsync();
    }

    private static (byte[] Init, IReadOnlyList<byte[]> Fragments) Boxes(byte[] mp4)
    {
        var (init, fragments, open) = (new List<byte>(), new List<byte[]>(), Array.Empty<byte>());
        for (var at = 0; at < mp4.Length;)
        {
            var size = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(mp4.AsSpan(at));
            var box = mp4.AsSpan(at, size);
            var type = System.Text.Encoding.ASCII.GetString(box.Slice(4, 4));
            if (type is "ftyp" or "moov")
                init.AddRange(box);
            else if (type == "moof")
                open = box.ToArray();
            else if (type == "mdat")
                fragments.Add([.. open, .. box]);
            at += size;
        }
        return ([.. init], fragments);
    }

    private static async Task<(HttpStatusCode, string?)> CodeAsync(Task<(HttpStatusCode Status, JsonNode? Json)> answer)
    {
        var (status, json) = await answer;
        return (status, (string?)json?["code"]);
    }
}
