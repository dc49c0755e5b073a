using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Agent.Watchlists;
using EdgeAgent.Tests.DispatchClient;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

public sealed class PositionTests
{
    [Fact]
    public async Task The_car_tells_where_it_is_and_keeps_its_trail_with_the_driver()
    {
        using var gpsd = new TcpListener(IPAddress.Loopback, 0);
        gpsd.Start();
        using var stop = new CancellationTokenSource();
        Task speaking = SpeakAsync(gpsd, stop.Token);
        await using TestCentre centre = await TestCentre.StartAsync();
        await using (BenchCar car = await BenchCar.StartAsync(o => o with { Gnss = new GnssOptions { Port = ((IPEndPoint)gpsd.LocalEndpoint).Port } }, centre))
        {
            _ = await car.SignInAsync();
            await using Page page = await car.PageAsync();
            JsonNode state = await page.UntilAsync("state", s => s["position"] is not null && (string)s["position"]!["fix"]! == "3d", seconds: 20);
            Assert.InRange((double)state["position"]!["latitude"]!, 39.9, 40);
            await Eventually.HoldsAsync(() => centre.Positions.Any(p => p.Position.OfficerId == BenchCar.OfficerId), "the live position is at the centre");
        }
        await stop.CancelAsync();
        await speaking;
        TrackSegment segment = centre.Durable.Values.First(e => e.Track is { Base.OfficerId: BenchCar.OfficerId }).Track;
        Assert.InRange(segment.Base.LatitudeDegrees, 39.9, 40);
    }

    [Fact]
    public void A_trail_decodes_to_what_was_driven_and_costs_few_bytes()
    {
        var coder = new TrackCoder();
        Position[] driven = [.. Enumerable.Range(0, 10).Select(i => new Position
        {
            AtUnixMs = TestLists.Now + i * 1003, Fix = GnssFix._3D, LatitudeDegrees = 39.9123456 + i * 1.234e-4, LongitudeDegrees = 116.3 - i * 2.1e-4,
            SpeedMps = 12 + i * 0.37f, HeadingDegrees = (350 + i * 4) % 360, OfficerId = "o1",
        })];
        Assert.All(driven, p => Assert.Null(coder.Add(p)));
        TrackSegment segment = coder.Take()!;
        (long time, long latitude, long longitude, int speed) = (segment.Base.AtUnixMs / 100, (long)Math.Round(segment.Base.LatitudeDegrees * 1e6), (long)Math.Round(segment.Base.LongitudeDegrees * 1e6), (int)MathF.Round(segment.Base.SpeedMps * 10));
        for (int i = 1; i < driven.Length; i++)
        {
            (time, latitude, longitude, speed) = (time + segment.TimeDelta[i - 1], latitude + segment.LatitudeDelta[i - 1], longitude + segment.LongitudeDelta[i - 1], speed + segment.SpeedDelta[i - 1]);
            Assert.InRange(driven[i].AtUnixMs - time * 100, 0, 99);
            Assert.Equal(driven[i].LatitudeDegrees, latitude * 1e-6, 0.6e-6);
            Assert.Equal(driven[i].LongitudeDegrees, longitude * 1e-6, 0.6e-6);
            Assert.Equal(driven[i].SpeedMps, speed / 10.0, 0.051);
        }
        Assert.InRange(segment.CalculateSize() / driven.Length, 1, 40);
    }

    [Fact]
    public void Another_officer_or_a_lost_fix_begins_a_new_segment()
    {
        var coder = new TrackCoder();
        var here = new Position { AtUnixMs = 1000, Fix = GnssFix._3D, OfficerId = "o1" };
        Assert.Null(coder.Add(here));
        Assert.Equal("o1", coder.Add(new Position { AtUnixMs = 2000, Fix = GnssFix._3D, OfficerId = "o2" })!.Base.OfficerId);
        Assert.NotNull(coder.Add(new Position { AtUnixMs = 3000, Fix = GnssFix._2D, OfficerId = "o2" }));
        Assert.NotNull(coder.Add(new Position { AtUnixMs = 1000, Fix = GnssFix._2D, OfficerId = "o2" }));
    }

    [Fact]
    public void A_gap_in_the_trail_is_said_by_the_segment_after_it_and_by_no_other()
    {
        var coder = new TrackCoder();
        Assert.Null(coder.Break());
        Assert.Null(coder.Add(At(1_000)));
        Assert.Null(coder.Add(At(2_000)));
        Assert.Equal(0U, coder.Break()!.GapMs);
        Assert.Null(coder.Break());
        Assert.Null(coder.Add(At(95_000)));
        Assert.Equal(93_000U, coder.Take()!.GapMs);
        Assert.Null(coder.Add(At(96_000)));
        Assert.Equal(0U, coder.Take()!.GapMs);
        // A second without a report is no gap, and a clock that was set back gives none.
        _ = coder.Break();
        Assert.Null(coder.Add(At(97_000)));
        Assert.Equal(0U, coder.Break()!.GapMs);
        Assert.Null(coder.Add(At(50_000)));
        Assert.Equal(0U, coder.Take()!.GapMs);

        static Position At(long unixMs) => new() { AtUnixMs = unixMs, Fix = GnssFix._3D, OfficerId = "o1" };
    }

    [Fact]
    public void Areas_hold_what_lies_in_them()
    {
        var square = new Area { Polygon = { Point(39.9, 116.3), Point(39.9, 116.5), Point(40.0, 116.5), Point(40.0, 116.3) } };
        Assert.True(GeoArea.Contains(square, 39.95, 116.4));
        Assert.False(GeoArea.Contains(square, 40.05, 116.4));
        Assert.False(GeoArea.Contains(square, 39.95, 116.6));
        var circle = new Area { Centre = Point(39.9, 116.4), RadiusMetres = 1000 };
        Assert.True(GeoArea.Contains(circle, 39.9089, 116.4));
        Assert.False(GeoArea.Contains(circle, 39.9091, 116.4));
        Assert.True(GeoArea.IsEverywhere(null) && GeoArea.IsEverywhere(new Area()));
    }

    [Fact]
    public async Task A_hit_outside_the_lists_area_or_nobody_knows_where_says_so()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates(l => l.Area = new Area { Centre = Point(39.9, 116.4), RadiusMetres = 1000 }).Accepted);
        _ = await car.SignInAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await eyes.SeePlateAsync("京A12345");
        await Eventually.HoldsAsync(() => car.Get<AlertBook>().Open is [{ Alert.Contradictions: [Contradictions.AreaUnknown] }], "the place is unknown");
        _ = car.Get<PositionBook>().Take(new EdgeAgent.Hw.Gnss.GnssFix(31.2, 121.4, 0, 0, 0, 5, EdgeAgent.Hw.Gnss.GnssQuality.ThreeD, 9, 0, car.Time.MonoMs, false), "");
        await eyes.SeePlateAsync("京AD12345", v => v.Colour = "green");
        await Eventually.HoldsAsync(() => car.Get<AlertBook>().Open.Any(a => a.Alert is { Contradictions: [Contradictions.OutsideArea], Tone: AlertTone.Check }), "it is elsewhere");
    }

    private static GeoPoint Point(double latitude, double longitude) => new() { LatitudeDegrees = latitude, LongitudeDegrees = longitude };

    // gpsd as far as a client sees it: a fix ten times a second.
    private static async Task SpeakAsync(TcpListener gpsd, CancellationToken stop)
    {
        try
        {
            using TcpClient client = await gpsd.AcceptTcpClientAsync(stop);
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                string report = $$"""{"class":"TPV","mode":3,"lat":{{39.9 + i * 1e-5}},"lon":116.3,"speed":3.5,"track":90,"eph":4}""";
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(report + "\n"), stop);
                await Task.Delay(100, stop);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // The test is over, or the car hung up.
        }
    }
}
