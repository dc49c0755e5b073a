using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;

namespace EdgeAgent.Tests.Agent;

public sealed class EyesProtocolTests
{
    [Fact]
    public async Task What_is_not_as_agreed_is_refused_counted_and_harms_nothing()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates().Accepted);
        Assert.True(car.TakeFaces().Accepted);
        _ = await car.SignInAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        ByteString face = TestLists.Template(1);
        ByteString notANumber = ByteString.CopyFrom([.. BitConverter.GetBytes(float.NaN), .. face.Span[4..]]);
        (string Reason, Func<Task> Send)[] hostile =
        [
            ("embedding_norm", () => eyes.SeeFaceAsync(notANumber, car.Model)),
            ("embedding_norm", () => eyes.SeeFaceAsync(TestLists.Template(1, 7), car.Model)),
            ("embedding_length", () => eyes.SeeFaceAsync(ByteString.CopyFrom(face.Span[..2044]), car.Model)),
            ("embedding_model", () => eyes.SeeFaceAsync(face, TestLists.Model)),
            ("crop_size", () => eyes.SeeFaceAsync(face, car.Model, v => v.CropJpeg = ByteString.CopyFrom([0xFF, 0xD8, .. new byte[10_000_000]]))),
            ("crop_format", () => eyes.SeePlateAsync("京A12345", v => v.CropJpeg = ByteString.CopyFromUtf8("<svg onload=1>"))),
            ("camera", () => eyes.SeePlateAsync("京A12345", v => v.CameraId = "cam9")),
            ("camera", () => eyes.SeePlateAsync("京A12345", v => v.CameraId = "cab")),
            ("plate_text", () => eyes.SeePlateAsync("京A12345", v => v.CharacterConfidence.Add(1))),
            ("plate_text", () => eyes.SeePlateAsync(new string('A', 1000))),
            ("plate_confidence", () => eyes.SeePlateAsync("京A12345", v => v.CharacterConfidence[0] = float.NaN)),
            ("plate_colour", () => eyes.SeePlateAsync("京A12345", v => v.Colour = "<b>")),
            ("visit_id", () => eyes.SeePlateAsync("京A12345", v => v.VisitId = "")),
            ("time", () => eyes.SeePlateAsync("京A12345", v => v.CapturedMonoMs -= 120_000)),
            ("time", () => eyes.SeePlateAsync("京A12345", v => v.CapturedMonoMs += 120_000)),
            ("camera_status", () => eyes.SendAsync(new EyesMessage { Camera = new CameraStatus { CameraId = "cam9" } })),
            ("message", () => eyes.SendAsync(new EyesMessage())),
            ("media", () => eyes.SendAsync(new MediaMessage { Preview = new Preview { CameraId = "cam9", Jpeg = face } })),
        ];
        foreach ((_, Func<Task> send) in hostile)
            await send();
        EyesFacts facts = car.Get<EyesFacts>();
        await Eventually.HoldsAsync(() => facts.Refusals.Total == hostile.Length, $"all are refused: {string.Join(", ", facts.Refusals.Counts)}");
        Assert.Equal(hostile.GroupBy(h => h.Reason).ToDictionary(g => g.Key, g => (long)g.Count()), facts.Refusals.Counts.ToDictionary());
        Assert.Empty(car.Get<AlertBook>().Open);

        await eyes.SeePlateAsync("京A12345");
        await Eventually.HoldsAsync(() => car.Get<AlertBook>().Open.Count == 1, "what is in order still comes through");
    }

    [Fact]
    public async Task A_message_beyond_all_bounds_ends_that_stream_only()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        await using (FakeEyes eyes = await car.EyesAsync())
        {
            // The host ends the stream while the message is still on its way.
            _ = await Record.ExceptionAsync(() => eyes.SeePlateAsync("京A12345", v => v.CropJpeg = ByteString.CopyFrom(new byte[20_000_000])));
            await Eventually.HoldsAsync(() => eyes.Broken is not null, "the stream is ended");
            Assert.Equal(1, car.Get<EyesFacts>().Refusals.Counts["message_size"]);
        }
        await using FakeEyes again = await car.EyesAsync();
        await Eventually.HoldsAsync(() => car.Get<EyesFacts>().Attached, "eyes are back");
    }

    [Fact]
    public async Task Where_the_host_starts_eyes_no_other_process_is_heard()
    {
        // The host's own executable cannot look here (its socket is ours): what matters is that this process is not it.
        await using BenchCar car = await BenchCar.StartAsync(o => o with { Vision = o.Vision with { Spawn = false } });
        await Eventually.HoldsAsync(() => File.Exists(car.Socket), "the host listens");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(car.Socket));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(car.Socket)!));
        var child = new EyesChild(new EyesOptions(), car.Socket, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<EyesChild>.Instance);
        Assert.False(child.IsExpected(Environment.ProcessId));
        Assert.False(child.IsExpected(0));
    }

    [Fact]
    public async Task Visits_beyond_the_queue_are_forgotten_and_counted()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        EyesFacts facts = car.Get<EyesFacts>();
        // Nobody matches once the host has stopped: the queue fills.
        await car.App.StopAsync();
        for (int i = 0; i < 300; i++)
        {
            facts.Take(new EyesMessage
            {
                Plate = new PlateVisit { VisitId = $"v{i}", CameraId = "cam1", CapturedMonoMs = car.Time.MonoMs, Text = "A", CharacterConfidence = { 1 }, Confidence = 1, CropJpeg = ByteString.CopyFrom(FakeEyes.Jpeg) },
            });
        }
        Assert.Equal(44, facts.VisitsDropped);
    }

    [Fact]
    public async Task A_new_eyes_process_is_told_all_over_again()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates().Accepted);
        _ = await car.SignInAsync();
        await using (FakeEyes first = await car.EyesAsync())
            await Eventually.HoldsAsync(() => first.Seeing.Plates, "the first looks");
        await using FakeEyes second = await car.EyesAsync();
        Assert.Equal(["cam1", "cam2", "cab"], second.Told.First().Configure.Cameras.Select(c => c.Id));
        await Eventually.HoldsAsync(() => second.Seeing.Plates, "the second looks");
        Assert.Equal(1, car.Get<EyesFacts>().Returns);
    }

    [Fact]
    public async Task Eyes_are_asked_to_stop_when_the_host_does()
    {
        BenchCar car = await BenchCar.StartAsync();
        FakeEyes eyes = await car.EyesAsync();
        await eyes.SendAsync(new EyesMessage { Counters = new EyesCounters { FramesAnalysed = 7, FramesOutstanding = 2 } });
        await Eventually.HoldsAsync(() => car.Get<EyesFacts>().Counters.FramesAnalysed == 7, "counted");
        await car.EndAsync();
        await eyes.DisposeAsync();
        Assert.Contains("\"framesAnalysed\":7", await File.ReadAllTextAsync(Path.Combine(car.Data, "run", "summary.json")), StringComparison.Ordinal);
        await car.DisposeAsync();
    }
}
