using System.Buffers.Binary;
using System.Net;
using System.Text.Json.Nodes;
using EdgeAgent.CommandCentre.LiveViews;
using EdgeAgent.Contract;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

public sealed class LiveVideoTests : IAsyncLifetime
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

    [Theory]
    [InlineData("""{"unitId":"PB-1","cameraId":"cam1"}""", 400, "reason_required")]
    [InlineData("""{"unitId":"PB-1","cameraId":"cam1","reason":"  "}""", 400, "reason_required")]
    [InlineData("""{"unitId":"PB-1","cameraId":"cam1","reason":"pursuit","minutes":61}""", 400, "bad_minutes")]
    [InlineData("""{"unitId":"PB-1","cameraId":"cam1","reason":"pursuit","minutes":0}""", 400, "bad_minutes")]
    [InlineData("""{"unitId":"PB-1","cameraId":"cam1","reason":"pursuit","quality":"best"}""", 400, "bad_quality")]
    [InlineData("""{"unitId":"PB-9","cameraId":"cam1","reason":"pursuit"}""", 404, "unknown_unit")]
    [InlineData("""{"unitId":"PB-1","cameraId":"cab","reason":"pursuit"}""", 404, "unknown_camera")]
    public async Task A_live_view_needs_a_reason_a_known_camera_and_an_end(string body, int status, string code)
    {
        var (answer, json) = await console.PostAsync("/api/live", body);
        Assert.Equal((status, code), ((int)answer, (string?)json!["code"]));
    }

    [Fact]
    public async Task The_car_is_told_who_watches_why_and_until_when_and_two_screens_see_every_picture()
    {
        var (leaseId, lease) = await BeginAsync(minutes: null);
        Assert.Equal(("cam1", CentreUnderTest.Dispatcher, "pursuit"), (lease.LiveLease.CameraId, lease.LiveLease.Viewer, lease.LiveLease.Reason));
        Assert.InRange(lease.LiveLease.EndsAtUnixMs - lease.IssuedAtUnixMs, 14 * 60_000, 15 * 60_000);

        using var publish = new Video.VideoClient(car.Channel).Publish();
        await publish.RequestStream.WriteAsync(Start(lease.LiveLease.LeaseId));
        await using var first = await console.SocketAsync($"/api/live/{leaseId}/video");
        var format = JsonNode.Parse((await first.NextAsync()).Text!)!;
        Assert.Equal("video/mp4; codecs=\"avc1.64001f\"", (string)format["mime"]!);
        Assert.Equal((640, 360), ((int)format["width"]!, (int)format["height"]!));
        Assert.Equal(LivePart.Init, (await PieceAsync(first)).Part);
        await publish.RequestStream.WriteAsync(Fragment(1, key: true));
        await publish.RequestStream.WriteAsync(Fragment(2, key: false));
        Assert.Equal((LivePart.Key, 1), await NumberAsync(first));
        Assert.Equal((LivePart.Delta, 2), await NumberAsync(first));

        // The second screen comes later and stands at once: format, init, and everything since the last key.
        await using var second = await console.SocketAsync($"/api/live/{leaseId}/video");
        Assert.NotNull((await second.NextAsync()).Text);
        Assert.Equal(LivePart.Init, (await PieceAsync(second)).Part);
        Assert.Equal((LivePart.Key, 1), await NumberAsync(second));
        Assert.Equal((LivePart.Delta, 2), await NumberAsync(second));
        await publish.RequestStream.WriteAsync(Fragment(3, key: true));
        Assert.Equal((LivePart.Key, 3), await NumberAsync(first));
        Assert.Equal((LivePart.Key, 3), await NumberAsync(second));

        Assert.Equal(HttpStatusCode.NoContent, await console.DeleteAsync($"/api/live/{leaseId}"));
        Assert.True((bool)JsonNode.Parse((await first.NextAsync()).Text!)!["ended"]!);
        Assert.True((bool)JsonNode.Parse((await second.NextAsync()).Text!)!["ended"]!);
        Assert.True((await LastFeedbackAsync(publish)).End);
        Assert.Equal(lease.LiveLease.LeaseId, (await session.CommandAsync(Command.BodyOneofCase.EndLive)).EndLive.LeaseId);
        var audit = centre.Audit();
        foreach (var act in (string[])["live_started", "live_watched", "live_ended"])
            Assert.Contains(audit, row => row.StartsWith($"dispatcher {act} PB-1/cam1 {leaseId}", StringComparison.Ordinal));
        Assert.Contains(audit, row => row.Contains("live_started", StringComparison.Ordinal) && row.EndsWith("pursuit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Several_people_watch_one_upload_each_until_their_own_lease_ends()
    {
        var (mine, lease) = await BeginAsync(5);
        centre.AddAccount("colleague");
        using var colleague = await ConsoleClient.SignedInAsync(centre.Http, "colleague");
        var theirs = (string)(await colleague.PostAsync("/api/live", """{"unitId":"PB-1","cameraId":"cam1","reason":"pursuit"}""")).Json!["leaseId"]!;
        var their = (await session.CommandAsync(Command.BodyOneofCase.LiveLease)).LiveLease;
        using var publish = new Video.VideoClient(car.Channel).Publish();
        await publish.RequestStream.WriteAsync(Start(lease.LiveLease.LeaseId));
        await using var first = await console.SocketAsync($"/api/live/{mine}/video");
        await using var second = await colleague.SocketAsync($"/api/live/{theirs}/video");
        foreach (var screen in (ConsoleSocket[])[first, second])
        {
            Assert.NotNull((await screen.NextAsync()).Text);
            Assert.Equal(LivePart.Init, (await PieceAsync(screen)).Part);
        }
        await publish.RequestStream.WriteAsync(Fragment(1, key: true));
        Assert.Equal((LivePart.Key, 1), await NumberAsync(first));
        Assert.Equal((LivePart.Key, 1), await NumberAsync(second));

        Assert.Equal(HttpStatusCode.NoContent, await console.DeleteAsync($"/api/live/{mine}"));
        Assert.True((bool)JsonNode.Parse((await first.NextAsync()).Text!)!["ended"]!);
        Assert.True((await LastFeedbackAsync(publish)).End);
        // The car goes on under the lease that is left, and the other screen begins with it anew.
        using var again = new Video.VideoClient(car.Channel).Publish();
        await again.RequestStream.WriteAsync(Start(their.LeaseId));
        await again.RequestStream.WriteAsync(Fragment(2, key: true));
        Assert.NotNull((await second.NextAsync()).Text);
        Assert.Equal(LivePart.Init, (await PieceAsync(second)).Part);
        Assert.Equal((LivePart.Key, 2), await NumberAsync(second));
    }

    [Fact]
    public async Task Screens_are_told_what_the_link_carries_and_the_car_how_far_its_pictures_got()
    {
        var (leaseId, lease) = await BeginAsync(5);
        using var publish = new Video.VideoClient(car.Channel).Publish();
        await publish.RequestStream.WriteAsync(Start(lease.LiveLease.LeaseId));
        await using var screen = await console.SocketAsync($"/api/live/{leaseId}/video");
        Assert.NotNull((await screen.NextAsync()).Text);
        Assert.Equal(LivePart.Init, (await PieceAsync(screen)).Part);

        await publish.RequestStream.WriteAsync(Fragment(1, key: true, VideoLevel.Sub, 900));
        await publish.RequestStream.WriteAsync(Fragment(2, key: false, VideoLevel.Sub));
        await publish.RequestStream.WriteAsync(Fragment(3, key: true, VideoLevel.KeyFrames, 240));
        Assert.Equal(("sub", 900), await LevelAsync(screen));
        Assert.Equal((LivePart.Key, 1), await NumberAsync(screen));
        Assert.Equal((LivePart.Delta, 2), await NumberAsync(screen));
        Assert.Equal(("keys", 240), await LevelAsync(screen));
        Assert.Equal((LivePart.Key, 3), await NumberAsync(screen));

        // The car measures its link by these: several a second, also while nothing comes.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        long start = TimeProvider.System.GetTimestamp();
        for (int i = 0; i < 5; i++)
            Assert.True(await publish.ResponseStream.MoveNext(limit.Token));
        Assert.Equal(3UL, publish.ResponseStream.Current.ReceivedSequence);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0, 2.5);
    }

    [Fact]
    public async Task A_lease_ends_by_itself()
    {
        var leases = centre.Get<LiveLeases>();
        // Shorter than the console lets anyone ask for.
        var lease = await leases.BeginAsync(CentreUnderTest.Dispatcher, "dispatcher", "PB-1", "cam1", "pursuit", minutes: 0, LiveQuality.Sub);
        using var publish = new Video.VideoClient(car.Channel).Publish();
        Assert.Equal("time is up", (await session.CommandAsync(Command.BodyOneofCase.EndLive)).EndLive.Reason);
        Assert.True(lease.Ended.IsCancellationRequested);
        await publish.RequestStream.WriteAsync(Start(ByteString.CopyFrom(Uuid7.ToBytes(lease.Id))));
        Assert.Equal(StatusCode.PermissionDenied, (await Assert.ThrowsAsync<RpcException>(() => publish.ResponseStream.MoveNext(CancellationToken.None))).StatusCode);
    }

    [Fact]
    public async Task Revoking_the_unit_ends_its_video_at_once()
    {
        var (_, lease) = await BeginAsync(5);
        using var publish = new Video.VideoClient(car.Channel).Publish();
        await publish.RequestStream.WriteAsync(Start(lease.LiveLease.LeaseId));
        Assert.Equal(0, (await centre.CommandAsync(null, "units", "revoke", "--unit", "PB-1", "--reason", "box stolen")).ExitCode);
        Assert.Equal("the unit was revoked", (await LastFeedbackAsync(publish)).Reason);
    }

    [Fact]
    public async Task Video_without_a_lease_of_this_unit_and_camera_is_refused()
    {
        var (_, lease) = await BeginAsync(5);
        using var other = await centre.EnrolAsync("PB-2");
        (RawCar Car, VideoChunk Start)[] refused =
        [
            (car, Start(ByteString.CopyFrom(Uuid7.New(TimeProvider.System)))),
            (car, Start(ByteString.Empty)),
            (car, Start(lease.LiveLease.LeaseId, "cam2")),
            (other, Start(lease.LiveLease.LeaseId)),
        ];
        foreach (var (who, start) in refused)
        {
            using var publish = new Video.VideoClient(who.Channel).Publish();
            await publish.RequestStream.WriteAsync(start);
            Assert.Equal(StatusCode.PermissionDenied, (await Assert.ThrowsAsync<RpcException>(() => publish.ResponseStream.MoveNext(CancellationToken.None))).StatusCode);
        }
    }

    [Fact]
    public async Task Only_the_person_of_the_lease_watches_steers_and_ends()
    {
        var (leaseId, _) = await BeginAsync(5);
        centre.AddAccount("curious");
        using var curious = await ConsoleClient.SignedInAsync(centre.Http, "curious");
        Assert.Equal(403, await curious.SocketRefusalAsync($"/api/live/{leaseId}/video"));
        Assert.Equal(HttpStatusCode.Forbidden, await curious.DeleteAsync($"/api/live/{leaseId}"));
        var ptz = $$"""{"leaseId":"{{leaseId}}","pan":0.5,"tilt":0,"zoom":0,"holdMs":400}""";
        Assert.Equal("own_lease_needed", (string?)(await curious.PostAsync("/api/ptz", ptz)).Json!["code"]);
        Assert.Equal("bad_vector", (string?)(await console.PostAsync("/api/ptz", ptz.Replace("0.5", "1.5", StringComparison.Ordinal))).Json!["code"]);
        Assert.Equal(HttpStatusCode.NoContent, (await console.PostAsync("/api/ptz", ptz)).Status);
        var command = (await session.CommandAsync(Command.BodyOneofCase.Ptz)).Ptz;
        Assert.Equal(("cam1", 0.5f, 400u), (command.CameraId, command.Continuous.Pan, command.HoldMs));
    }

    [Fact]
    public async Task A_slow_screen_skips_to_the_next_key_and_slows_nobody()
    {
        var fanOut = new LiveFanOut();
        fanOut.Start(new LiveFormat("video/mp4", 1, 1), new byte[10]);
        var slow = fanOut.Join();
        var quick = fanOut.Join();
        Assert.Equal(LivePart.Init, (await quick.NextAsync(CancellationToken.None))!.Piece.Part);
        for (var number = 1; number <= 1000; number++)
        {
            fanOut.Add(new VideoFragment { Key = number % 50 == 1, CapturedAtUnixMs = number, Data = ByteString.CopyFrom(new byte[100_000]) });
            Assert.Equal(number, (await quick.NextAsync(CancellationToken.None))!.Piece.CapturedAtUnixMs);
            // The slow one takes a piece now and then.
            if (number % 10 == 0)
                await FollowsAsync(slow);
        }
        Assert.True(slow.Skipped > 500, $"{slow.Skipped}");
        fanOut.Close();
        while (await FollowsAsync(slow))
        {
        }
    }

    private long followed;

    /// <summary>What a slow screen gets is still a stream: each delta follows its predecessor, each jump lands on a key.</summary>
    private async Task<bool> FollowsAsync(LiveViewer viewer)
    {
        if (await viewer.NextAsync(CancellationToken.None) is not { } item)
            return false;
        Assert.True(item.Piece.Part != LivePart.Delta || item.Piece.CapturedAtUnixMs == followed + 1);
        followed = item.Piece.CapturedAtUnixMs;
        return true;
    }

    private async Task<(string LeaseId, Command Lease)> BeginAsync(int? minutes)
    {
        var limit = minutes is { } some ? $",\"minutes\":{some}" : "";
        var (status, json) = await console.PostAsync("/api/live", $$"""{"unitId":"PB-1","cameraId":"cam1","reason":"pursuit"{{limit}}}""");
        Assert.Equal(HttpStatusCode.OK, status);
        return ((string)json!["leaseId"]!, await session.CommandAsync(Command.BodyOneofCase.LiveLease));
    }

    internal static VideoChunk Start(ByteString leaseId, string camera = "cam1")
    {
        // The part of a real init segment that says the size.
        byte[] init = [.. "ftypmoovstsd"u8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 99, .. "avc1"u8, .. new byte[24], 2, 128, 1, 104, 0, 0];
        return new VideoChunk { Start = new VideoStart { LeaseId = leaseId, CameraId = camera, Mime = "video/mp4; codecs=\"avc1.64001f\"", InitSegment = ByteString.CopyFrom(init) } };
    }

    internal static VideoChunk Fragment(ulong number, bool key, VideoLevel level = VideoLevel.Unspecified, uint kbitS = 0) => new()
    {
        Fragment = new VideoFragment { Sequence = number, CapturedAtUnixMs = (long)number, Key = key, Level = level, LinkKbitS = kbitS, Data = ByteString.CopyFrom(new byte[1000]) },
    };

    private static async Task<(string Level, int KbitS)> LevelAsync(ConsoleSocket socket)
    {
        var said = JsonNode.Parse((await socket.NextAsync()).Text!)!;
        return ((string)said["level"]!, (int)said["linkKbitS"]!);
    }

    private static async Task<(LivePart Part, long At)> PieceAsync(ConsoleSocket socket)
    {
        var bytes = (await socket.NextAsync()).Bytes!;
        return ((LivePart)bytes[0], BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(1)));
    }

    private static async Task<(LivePart Part, int Number)> NumberAsync(ConsoleSocket socket)
    {
        var (part, at) = await PieceAsync(socket);
        return (part, (int)at);
    }

    private static async Task<VideoFeedback> LastFeedbackAsync(AsyncDuplexStreamingCall<VideoChunk, VideoFeedback> publish)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        while (await publish.ResponseStream.MoveNext(limit.Token))
        {
            if (publish.ResponseStream.Current.End)
                return publish.ResponseStream.Current;
        }
        throw new EndOfStreamException("The stream ended without a word.");
    }
}
