using EdgeAgent.Agent.Live;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;

namespace EdgeAgent.Tests.Agent;

/// <summary>Pictures that an officer takes, through eyes.</summary>
public sealed class StillTests
{
    [Fact]
    public async Task A_picture_comes_with_the_time_of_its_capture()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        Task<Still?> taking = car.Get<StillDesk>().TakeAsync("cam1", CancellationToken.None);
        TakeStill asked = await AskedAsync(eyes);
        Assert.Equal("cam1", asked.CameraId);
        byte[] jpeg = [0xFF, 0xD8, 0xFF, 1, 2, 3];
        await eyes.SendAsync(new MediaMessage { Still = new StillPicture { RequestId = asked.RequestId, CapturedMonoMs = eyes.MonoMs - 300, Jpeg = ByteString.CopyFrom(jpeg) } });
        Still still = (await taking)!;
        Assert.Equal(jpeg, still.Jpeg);
        Assert.InRange(car.Clock.NowUnixMs - still.CapturedUnixMs, 300, 20_000);
    }

    [Fact]
    public async Task There_is_none_of_an_unknown_or_the_cab_camera_without_eyes_or_when_eyes_have_none()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        StillDesk desk = car.Get<StillDesk>();
        Assert.Null(await desk.TakeAsync("cam1", CancellationToken.None));
        await using FakeEyes eyes = await car.EyesAsync();
        Assert.Null(await desk.TakeAsync("cam9", CancellationToken.None));
        Assert.Null(await desk.TakeAsync("cab", CancellationToken.None));
        Assert.DoesNotContain(eyes.Asked, r => r.TakeStill is not null);
        Task<Still?> taking = desk.TakeAsync("cam1", CancellationToken.None);
        TakeStill asked = await AskedAsync(eyes);
        await eyes.SendAsync(new MediaMessage { Still = new StillPicture { RequestId = asked.RequestId, Error = "the camera has no picture right now" } });
        Assert.Null(await taking);
    }

    [Fact]
    public async Task What_is_no_picture_is_refused_and_eyes_that_do_not_answer_are_not_waited_for()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        Task<Still?> taking = car.Get<StillDesk>().TakeAsync("cam1", CancellationToken.None);
        TakeStill asked = await AskedAsync(eyes);
        await eyes.SendAsync(new MediaMessage { Still = new StillPicture { RequestId = asked.RequestId, Jpeg = ByteString.CopyFromUtf8("<svg/>") } });
        Assert.Null(await taking);
    }

    private static async Task<TakeStill> AskedAsync(FakeEyes eyes)
    {
        await Eventually.HoldsAsync(() => eyes.Asked.Any(r => r.TakeStill is not null), "eyes are asked");
        return eyes.Asked.First(r => r.TakeStill is not null).TakeStill;
    }
}
