using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Audit;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

/// <summary>The caller's voice, from the centre to the officer's ear, and pictures and video from the car to the call.</summary>
public sealed class CallRecordingTests
{
    private static readonly byte[] Sound = TestOutbox.Noise(5, 200_000), Jpeg = [0xFF, 0xD8, 0xFF, .. TestOutbox.Noise(8, 3000)];

    [Fact]
    public async Task A_callers_recording_is_fetched_over_cuts_lies_sealed_is_played_in_ranges_and_goes_with_its_call()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        centre.Evidence.DownloadBreaks.Enqueue(150_000);
        await using BenchCar car = await CallBench.LinkedAsync(centre);
        Call call = await CallBench.SendAsync(centre, CallBench.Call(c => c.Recording = centre.Evidence.Record(Sound)));
        JsonNode shown = await CallBench.ShownAsync(car, call, c => (string?)c["recording"]?["state"] == "here");
        Assert.Equal(("audio/wav", Sound.Length), ((string)shown["recording"]!["mediaType"]!, (int)shown["recording"]!["sizeBytes"]!));
        // What was whole before the cut was not asked for again.
        Assert.Equal([0, 131_072], centre.Evidence.DownloadOffsets.Select(o => (int)o));
        string file = Assert.Single(Directory.GetFiles(Path.Combine(car.Data, "recordings")));
        Assert.Equal(-1, File.ReadAllBytes(file).AsSpan().IndexOf(Sound.AsSpan(70_000, 16)));

        string path = CallBench.PathOf(call, "recording");
        Assert.Equal(Sound, await car.Http.GetByteArrayAsync(path));
        foreach ((int from, int to) in ((int, int)[])[(0, 0), (65_530, 65_545), (199_990, 199_999)])
        {
            using var asked = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Range = new RangeHeaderValue(from, to) } };
            HttpResponseMessage part = await car.Http.SendAsync(asked);
            Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
            Assert.Equal(Sound[from..(to + 1)], await part.Content.ReadAsByteArrayAsync());
        }
        AuditRecord heard = Assert.Single(car.Audit(), r => r.Kind == AuditKind.RecordingHeard);
        Assert.Equal((BenchCar.OfficerId, Convert.ToHexStringLower(call.CallId.Span)), (heard.Actor, heard.Subject));

        Call over = call.Clone();
        (over.Revision, over.State) = (2, CallState.Closed);
        _ = await CallBench.SendAsync(centre, over);
        await Eventually.HoldsAsync(() => Directory.GetFiles(Path.Combine(car.Data, "recordings")).Length == 0, "it is gone with its call");
        Assert.Equal(HttpStatusCode.NotFound, (await car.Http.GetAsync(path)).StatusCode);
    }

    [Fact]
    public async Task A_recording_that_is_refused_tampered_with_or_none_of_this_cars_is_said_so_and_never_played()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await CallBench.LinkedAsync(centre);
        AttachmentRef spoilt = centre.Evidence.Record(TestOutbox.Noise(6, 90_000));
        centre.Evidence.Recordings[spoilt.Sha256.ToBase64()] = TestOutbox.Noise(7, 90_000);
        var unknown = new AttachmentRef { Sha256 = ByteString.CopyFrom(new byte[32]), SizeBytes = 10, MediaType = "audio/wav" };
        var huge = new AttachmentRef { Sha256 = ByteString.CopyFrom(new byte[32].Select(_ => (byte)1).ToArray()), SizeBytes = 1UL << 40 };
        var odd = new AttachmentRef { Sha256 = ByteString.CopyFrom(1, 2), SizeBytes = 10 };
        foreach ((AttachmentRef recording, string why) in ((AttachmentRef, string)[])[(unknown, "not_here"), (spoilt, "wrong_hash"), (huge, "too_large"), (odd, "bad_reference")])
        {
            Call call = await CallBench.SendAsync(centre, CallBench.Call(c => c.Recording = recording));
            JsonNode shown = await CallBench.ShownAsync(car, call, c => (string?)c["recording"]?["state"] == "none");
            Assert.Equal(why, (string)shown["recording"]!["why"]!);
            Assert.Equal(HttpStatusCode.NotFound, (await car.Http.GetAsync(CallBench.PathOf(call, "recording"))).StatusCode);
        }
        // Somebody else's: the centre would not send it, and the car does not ask.
        int asked = centre.Evidence.DownloadOffsets.Count;
        Call near = await CallBench.SendAsync(centre, CallBench.Call(c => (c.Part, c.Recording) = (CallPart.Nearby, centre.Evidence.Record(Sound))));
        Assert.Equal("none", (string)(await CallBench.ShownAsync(car, near, c => (string)c["recording"]!["state"]! == "none"))["recording"]!["state"]!);
        Assert.Equal(asked, centre.Evidence.DownloadOffsets.Count);
        Assert.Empty(Directory.GetFiles(Path.Combine(car.Data, "recordings")));
    }

    [Fact]
    public async Task A_recording_changed_on_the_disk_is_not_played()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await CallBench.LinkedAsync(centre);
        Call call = await CallBench.SendAsync(centre, CallBench.Call(c => c.Recording = centre.Evidence.Record(Sound)));
        _ = await CallBench.ShownAsync(car, call, c => (string?)c["recording"]?["state"] == "here");
        string file = Assert.Single(Directory.GetFiles(Path.Combine(car.Data, "recordings")));
        byte[] changed = File.ReadAllBytes(file);
        changed[300] ^= 1;
        File.WriteAllBytes(file, changed);
        _ = await Assert.ThrowsAnyAsync<HttpRequestException>(() => car.Http.GetByteArrayAsync(CallBench.PathOf(call, "recording")));
    }

    [Fact]
    public async Task A_picture_leaves_with_a_note_to_its_call_under_the_officers_name()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        _ = await car.SignInAsync();
        Call call = CallBench.Know(car);
        Task<HttpResponseMessage> TakeAsync(string camera) => car.Http.PostAsJsonAsync(CallBench.PathOf(call, "pictures"), new { cameraId = camera, text = "现场" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await TakeAsync("cam1")).StatusCode); // no eyes
        await using FakeEyes eyes = await car.EyesAsync();
        Assert.Equal(HttpStatusCode.Conflict, (await TakeAsync("cab")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await TakeAsync("cam9")).StatusCode);
        Assert.Empty(car.Get<EdgeAgent.Agent.Dispatches.CallLog>().Of(call.CallId));

        Task<HttpResponseMessage> taking = TakeAsync("cam1");
        await AnswerAsync(eyes, 1, new StillPicture { Jpeg = ByteString.CopyFrom(Jpeg), CapturedMonoMs = 1 });
        Assert.Equal(HttpStatusCode.NoContent, (await taking).StatusCode);
        Event note = Assert.Single(car.Events(), e => e.CallStep is not null);
        AttachmentRef picture = Assert.Single(note.Attachments);
        Assert.Equal((CallAct.Note, "现场", "image/jpeg", AttachmentRole.Photo), (note.CallStep.Act, note.CallStep.Text, picture.MediaType, picture.Role));
        Assert.Equal(Jpeg, car.Get<OutboxStore>().Content(picture.Sha256.ToByteArray()));
        AuditRecord taken = Assert.Single(car.Audit(), r => r.Kind == AuditKind.PictureTaken);
        Assert.Equal((BenchCar.OfficerId, $"{Convert.ToHexStringLower(call.CallId.Span)} cam1 {Convert.ToHexStringLower(picture.Sha256.Span)}"), (taken.Actor, taken.Subject));
        Assert.Equal(1, (int)(await CallBench.ShownAsync(car, call))["steps"]![0]!["pictures"]!);

        taking = TakeAsync("cam1");
        await AnswerAsync(eyes, 2, new StillPicture { Error = "the camera gives no picture now" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await taking).StatusCode);
        Assert.Single(car.Events(), e => e.CallStep is not null);
        Assert.True(car.VerifyAudit().Whole);
    }

    [Fact]
    public async Task The_last_minute_of_a_camera_follows_the_note_that_asked_for_it()
    {
        await using BenchCar car = await BenchCar.StartAsync(o => o with { Vision = o.Vision with { RingSeconds = 90 } });
        _ = await car.SignInAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        Call call = CallBench.Know(car);
        Task<HttpResponseMessage> KeepAsync(string camera) => car.Http.PostAsJsonAsync(CallBench.PathOf(call, "clips"), new { cameraId = camera, text = "最近 60 秒" });
        Assert.Equal(HttpStatusCode.Conflict, (await KeepAsync("cab")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await KeepAsync("cam2")).StatusCode);
        Event note = Assert.Single(car.Events(), e => e.CallStep is not null);
        string name = Convert.ToHexStringLower(note.Id.Span);
        await Eventually.HoldsAsync(() => eyes.Asked.Any(r => r.CutClip?.RequestId == name), "eyes are asked");
        CutClip cut = eyes.Asked.First(r => r.CutClip is not null).CutClip;
        Assert.Equal(("cam2", 60_000), (cut.CameraId, cut.ToMonoMs - cut.FromMonoMs));
        await eyes.SendAsync(new MediaMessage { Clip = new ClipChunk { RequestId = name, Data = ByteString.CopyFrom(Sound) } });
        await eyes.SendAsync(new MediaMessage { Clip = new ClipChunk { RequestId = name, Last = true, FirstMonoMs = cut.FromMonoMs, LastMonoMs = cut.ToMonoMs } });
        await Eventually.HoldsAsync(() => car.Events().Any(e => e.EvidenceReady is not null), "the clip is there");
        Event ready = car.Events().First(e => e.EvidenceReady is not null);
        Assert.Equal((note.Id, ""), (ready.EvidenceReady.AboutEventId, ready.EvidenceReady.Reason));
        Assert.Equal(Sound, car.Get<OutboxStore>().Content(Assert.Single(ready.Attachments).Sha256.ToByteArray()));
        AuditRecord asked = Assert.Single(car.Audit(), r => r.Kind == AuditKind.ClipAsked);
        Assert.Equal((BenchCar.OfficerId, Convert.ToHexStringLower(call.CallId.Span)), (asked.Actor, asked.Purpose));
    }

    private static async Task AnswerAsync(FakeEyes eyes, int nth, StillPicture answer)
    {
        await Eventually.HoldsAsync(() => eyes.Asked.Count(r => r.TakeStill is not null) == nth, "eyes are asked for a picture");
        answer.RequestId = eyes.Asked.Last(r => r.TakeStill is not null).TakeStill.RequestId;
        await eyes.SendAsync(new MediaMessage { Still = answer });
    }
}
