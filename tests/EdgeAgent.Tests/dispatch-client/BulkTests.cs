using System.Threading.Channels;
using EdgeAgent.DispatchClient.Uplink;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>Attachments, lists and live video.</summary>
public sealed class BulkTests : IDisposable
{
    private readonly TestPki pki = new();

    public void Dispose() => pki.Dispose();

    [Fact]
    public async Task Attachments_follow_their_event_and_arrive_whole()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        await using var car = new TestCar(pki, centre.Address).Start();
        byte[][] contents = [TestOutbox.Noise(1, 500_000), TestOutbox.Noise(2, 10), TestOutbox.Noise(3, 64 << 10)];
        car.Outbox.Append(TestOutbox.Clip(10, contents));
        await Eventually.HoldsAsync(() => centre.Evidence.Complete.Count == 3, "all there");
        foreach (var content in contents)
            Assert.Equal(content, centre.Evidence.Objects[Convert.ToBase64String(TestOutbox.Sha256(content))].ToArray());
        await Eventually.HoldsAsync(() => car.Outbox.Counts.AttachmentsPending == 0, "known in the car");
    }

    [Fact]
    public async Task A_cut_upload_goes_on_where_it_stopped()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        centre.Evidence.BreakAfter = 200_000;
        await using var car = new TestCar(pki, centre.Address).Start();
        var content = TestOutbox.Noise(1, 500_000);
        car.Outbox.Append(TestOutbox.Clip(10, content));
        await Eventually.HoldsAsync(() => centre.Evidence.Complete.Count == 1, "there");
        Assert.Equal(content, centre.Evidence.Objects.Values.Single().ToArray());
        Assert.Equal(2, centre.Evidence.Offsets.Count);
        Assert.InRange(centre.Evidence.Offsets.Last(), 200_000UL, 400_000UL);
    }

    [Fact]
    public async Task What_is_there_already_is_not_sent_again()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        var content = TestOutbox.Noise(1, 1000);
        centre.Evidence.Complete[Convert.ToBase64String(TestOutbox.Sha256(content))] = true;
        await using var car = new TestCar(pki, centre.Address).Start();
        car.Outbox.Append(TestOutbox.Clip(10, content));
        await Eventually.HoldsAsync(() => car.Outbox.Counts is { AttachmentsPending: 0, Acknowledged: 1 }, "settled");
        Assert.Empty(centre.Evidence.Offsets);
    }

    [Fact]
    public async Task An_attachment_of_an_unanswered_event_waits()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        centre.Judge = happened => happened.Number == 1 ? new EventAck() : null;
        await using var car = new TestCar(pki, centre.Address).Start();
        car.Outbox.Append(TestOutbox.Clip(10, TestOutbox.Noise(1, 1000)));
        car.Outbox.Append(TestOutbox.Clip(10, TestOutbox.Noise(2, 1000)));
        await Eventually.HoldsAsync(() => centre.Evidence.Complete.Count == 1, "the second one's");
        await Task.Delay(100);
        Assert.Single(centre.Evidence.Objects);
        Assert.Equal(1, car.Outbox.Counts.AttachmentsPending);
    }

    [Fact]
    public async Task What_the_centre_will_never_take_is_parked_and_the_next_one_leaves()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        centre.Evidence.RefuseWith = new Status(StatusCode.InvalidArgument, "too strange");
        await using var car = new TestCar(pki, centre.Address).Start();
        car.Outbox.Append(TestOutbox.Clip(10, TestOutbox.Noise(1, 1000)));
        await Eventually.HoldsAsync(() => car.Outbox.Counts is { Acknowledged: 1, AttachmentsPending: 0 }, "parked");
        Assert.Empty(centre.Evidence.Complete);
        centre.Evidence.RefuseWith = null;
        car.Outbox.Append(TestOutbox.Clip(10, TestOutbox.Noise(2, 1000)));
        await Eventually.HoldsAsync(() => centre.Evidence.Complete.Count == 1, "the next one is there");
    }

    [Fact]
    public async Task A_list_arrives_byte_for_byte_even_over_a_cut()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        await using var car = new TestCar(pki, centre.Address).Start();
        await UpAsync(car);
        var envelope = pki.Sign(TestLists.Plates());
        centre.Lists.Offer("stolen-1", envelope);
        var index = await car.Link.ListIndexAsync();
        Assert.Equal(["gone-1"], index.RevokedListIds);
        centre.Lists.ChunkBytes = 300;
        centre.Lists.BreakAfter = 900;
        Assert.Equal(envelope, await car.Link.FetchListAsync(Assert.Single(index.Offers)));
        Assert.Null(centre.Lists.BreakAfter);
    }

    [Fact]
    public async Task A_list_that_is_not_what_was_offered_is_not_taken()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        await using var car = new TestCar(pki, centre.Address).Start();
        await UpAsync(car);
        var envelope = TestOutbox.Noise(1, 5000);
        var offer = centre.Lists.Offer("a", envelope);
        centre.Lists.Envelopes["a"] = TestOutbox.Noise(2, 5000);
        await Assert.ThrowsAsync<InvalidDataException>(() => car.Link.FetchListAsync(offer));
        centre.Lists.Envelopes["a"] = TestOutbox.Noise(2, 6000);
        await Assert.ThrowsAsync<InvalidDataException>(() => car.Link.FetchListAsync(offer));
        await Assert.ThrowsAsync<InvalidDataException>(() => car.Link.FetchListAsync(new ListOffer(offer) { SizeBytes = 0 }));
        centre.Lists.Envelopes.Clear();
        var gone = await Assert.ThrowsAsync<RpcException>(() => car.Link.FetchListAsync(offer));
        Assert.Equal(StatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Without_a_link_lists_and_video_say_so_at_once()
    {
        await using var car = new TestCar(pki, new Uri("https://localhost:9"));
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => car.Link.ListIndexAsync())).StatusCode);
        var fragments = Channel.CreateBounded<VideoChunk>(4);
        var fault = await Assert.ThrowsAsync<RpcException>(() => car.Link.PublishVideoAsync(new VideoStart(), fragments, new VideoPace(LiveQuality.Sub, TimeProvider.System), CancellationToken.None));
        Assert.Equal(StatusCode.Unavailable, fault.StatusCode);
    }

    [Fact]
    public async Task A_live_view_ends_with_its_source_or_by_the_centre()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        await using var car = new TestCar(pki, centre.Address).Start();
        await UpAsync(car);
        var fragments = Channel.CreateBounded<VideoChunk>(100);
        for (ulong i = 1; i <= 5; i++)
            fragments.Writer.TryWrite(Fragment(i, key: i == 1));
        fragments.Writer.Complete();
        var end = await car.Link.PublishVideoAsync(new VideoStart { CameraId = "cam1" }, fragments, new VideoPace(LiveQuality.Sub, TimeProvider.System), CancellationToken.None);
        Assert.Equal(new VideoEnd(500, 0, "source_ended"), end);
        Assert.Equal("cam1", centre.Video.Chunks.First().Start.CameraId);

        centre.Video.Feedback = fragment => fragment.Sequence == 8 ? new VideoFeedback { End = true, Reason = "lease_ended" } : null;
        fragments = Channel.CreateBounded<VideoChunk>(100);
        for (ulong i = 6; i <= 10; i++)
            fragments.Writer.TryWrite(Fragment(i, key: i == 6));
        end = await car.Link.PublishVideoAsync(new VideoStart { CameraId = "cam1" }, fragments, new VideoPace(LiveQuality.Sub, TimeProvider.System), CancellationToken.None);
        Assert.Equal("lease_ended", end.Reason);
    }

    [Fact]
    public async Task A_narrow_link_drops_to_key_frames()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        await using var car = new TestCar(pki, centre.Address).Start();
        await UpAsync(car);
        var fragments = Channel.CreateBounded<VideoChunk>(1000);
        for (ulong i = 1; i <= 101; i++)
            fragments.Writer.TryWrite(Fragment(i, key: i % 25 == 1));
        fragments.Writer.Complete();
        var end = await car.Link.PublishVideoAsync(new VideoStart { CameraId = "cam1" }, fragments, new VideoPace(LiveQuality.Sub, TimeProvider.System), CancellationToken.None);
        var sent = centre.Video.Chunks.Where(chunk => chunk.PartCase == VideoChunk.PartOneofCase.Fragment).Select(chunk => chunk.Fragment).ToList();
        Assert.Equal(101 - sent.Count, end.Skipped);
        Assert.True(end.Skipped > 50);
        Assert.Equal(end.Skipped, sent.Sum(fragment => fragment.Skipped));
        // After a gap comes a key frame: a picture never builds on one that was left out.
        Assert.All(sent.Where(fragment => fragment.Skipped > 0), fragment => Assert.True(fragment.Key));
        Assert.Equal(101UL, sent[^1].Sequence);
    }

    private static Task UpAsync(TestCar car) => Eventually.HoldsAsync(() => car.Link.State.Phase == LinkPhase.Up && car.Times.Count == 1, "up");

    private static VideoChunk Fragment(ulong sequence, bool key) =>
        new() { Fragment = new VideoFragment { Sequence = sequence, Key = key, Data = ByteString.CopyFrom(new byte[100]) } };
}
