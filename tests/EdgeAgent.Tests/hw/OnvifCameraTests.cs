using EdgeAgent.Hw.Onvif;
using EdgeAgent.Rig.Onvif;
using EdgeAgent.Tests.Rig;

namespace EdgeAgent.Tests.Hw;

/// <summary>What a camera says of itself, by the bench's ONVIF camera.</summary>
public sealed class OnvifCameraTests
{
    private static readonly OfferedStream Main = new("main", "H265", 2560, 1440, "rtsp://192.0.2.7/main"), Sub = new("sub", "H264", 640, 360, "rtsp://192.0.2.7/sub");
    private static readonly OfferedStream Middle = new("middle", "H264", 1280, 720, "rtsp://192.0.2.7/middle");

    [Fact]
    public async Task Its_streams_are_told_and_the_right_two_are_chosen()
    {
        var told = await ReadAsync([Sub, Main, Middle]);
        Assert.Equal(("EdgeAgent bench", "PTZ-360", true), (told.Manufacturer, told.Model, told.CanMove));
        Assert.Equal(new OnvifProfile("main", "main", "H265", 2560, 1440, Main.Url), told.MainProfile);
        Assert.Equal("sub", told.SubProfile(960)!.Token);
        Assert.Equal("middle", told.SubProfile(1920)!.Token);
        Assert.Equal(3, told.Profiles.Count);
    }

    [Fact]
    public async Task One_stream_is_the_main_one_and_there_is_no_other()
    {
        var told = await ReadAsync([Main], moves: false);
        Assert.Equal(("main", null, false, "FIX-1"), (told.MainProfile!.Token, told.SubProfile(960), told.CanMove, told.Model));
        Assert.Null((await ReadAsync([])).MainProfile);
    }

    [Fact]
    public async Task A_camera_whose_clock_is_hours_off_is_asked_all_the_same_and_told_of()
    {
        var told = await ReadAsync([Main, Sub], clockOffset: TimeSpan.FromHours(-7));
        Assert.Equal(-7, told.ClockOffset.TotalHours, 0.01);
        Assert.Equal(2, told.Profiles.Count);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://192.0.2.7/picture.jpg")]
    [InlineData("concat:rtsp://192.0.2.7/a|/etc/passwd")]
    [InlineData("")]
    public async Task A_stream_that_is_none_is_refused_before_anything_opens_it(string url) =>
        Assert.Contains("no RTSP stream", (await Assert.ThrowsAsync<OnvifException>(() => ReadAsync([Main with { Url = url }]))).Message, StringComparison.Ordinal);

    private static async Task<OnvifCamera> ReadAsync(OfferedStream[] streams, bool moves = true, TimeSpan clockOffset = default)
    {
        await using var site = await OnvifSite.StartAsync(new PtzSimulator("bench", "secret", () => streams, TimeProvider.System, moves, clockOffset));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return await OnvifCamera.ReadAsync(new OnvifAccess(new Uri(site.DeviceService), "bench", "secret"), TimeProvider.System, limit.Token);
    }
}
