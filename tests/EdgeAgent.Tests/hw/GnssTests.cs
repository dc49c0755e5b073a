using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeAgent.Hw.Gnss;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Hw;

public sealed class GnssTests
{
    private const string Good =
        """{"class":"TPV","device":"/dev/ttyUSB0","mode":3,"time":"2026-05-04T08:15:30.000Z","lat":31.230416,"lon":121.473701,"altHAE":15.2,"track":84.5,"speed":12.25,"eph":4.1}""";

    private readonly GpsdParser _parser = new();

    [Theory]
    [InlineData("")]
    [InlineData("$GPRMC,081530,A,3113.82,N,12128.42,E,23.8,84.5,040526,,*1F")]
    [InlineData("{\"class\":\"TPV\",\"mode\":3")]
    [InlineData("[1,2,3]")]
    [InlineData("{\"class\":7}")]
    [InlineData("{\"mode\":3,\"lat\":1,\"lon\":2}")]
    [InlineData("{\"class\":\"TPV\",\"mode\":3,\"lat\":91.0,\"lon\":2}")]
    [InlineData("{\"class\":\"TPV\",\"mode\":3,\"lat\":1,\"lon\":-181}")]
    [InlineData("{\"class\":\"TPV\",\"mode\":3,\"lat\":1,\"lon\":2,\"speed\":-3}")]
    public void Garbage_gives_no_fix_and_is_counted(string line)
    {
        Assert.Null(Parse(line));
        Assert.Equal(1, _parser.Garbage);
    }

    [Theory]
    [InlineData("{\"class\":\"VERSION\",\"release\":\"3.22\"}")]
    [InlineData("{\"class\":\"DEVICES\",\"devices\":[]}")]
    [InlineData("{\"class\":\"SKY\"}")]
    public void Other_reports_of_gpsd_are_no_garbage(string line)
    {
        Assert.Null(Parse(line));
        Assert.Equal(0, _parser.Garbage);
    }

    [Fact]
    public void A_good_report_is_taken_whole()
    {
        Assert.Null(Parse("{\"class\":\"SKY\",\"uSat\":9}"));
        var fix = Parse(Good)!;
        Assert.Equal((31.230416, 121.473701), (fix.Latitude, fix.Longitude));
        Assert.Equal((12.25, 84.5, 15.2, 4.1), (fix.SpeedMps, fix.HeadingDegrees, fix.AltitudeM, fix.HorizontalErrorM));
        Assert.Equal((GnssQuality.ThreeD, 9, 1777882530000, 5000), (fix.Quality, fix.SatellitesUsed, fix.ReceiverUnixMs, fix.ReceivedMonoMs));
        Assert.False(fix.Stale);
    }

    [Fact]
    public void A_report_without_a_place_has_no_quality()
    {
        Assert.Equal(GnssQuality.None, Parse("{\"class\":\"TPV\",\"mode\":3}")!.Quality);
        Assert.Equal(GnssQuality.None, Parse("{\"class\":\"TPV\",\"mode\":1,\"lat\":1,\"lon\":2}")!.Quality);
        Assert.Equal(GnssQuality.TwoD, Parse("{\"class\":\"TPV\",\"mode\":2,\"lat\":1,\"lon\":2}")!.Quality);
    }

    [Fact]
    public void A_place_reckoned_without_satellites_says_so()
    {
        Assert.Equal(GnssQuality.DeadReckoning, Parse("{\"class\":\"TPV\",\"mode\":3,\"status\":5,\"lat\":1,\"lon\":2}")!.Quality);
        Assert.Equal(GnssQuality.ThreeD, Parse("{\"class\":\"TPV\",\"mode\":3,\"status\":6,\"lat\":1,\"lon\":2}")!.Quality);
        Assert.Equal(GnssQuality.None, Parse("{\"class\":\"TPV\",\"mode\":1,\"status\":5}")!.Quality);
    }

    [Fact]
    public async Task A_fix_goes_stale_keeps_its_place_and_comes_back_after_gpsd_restarts()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var gpsd = new TcpListener(IPAddress.Loopback, 0);
        gpsd.Start();
        int port = ((IPEndPoint)gpsd.LocalEndpoint).Port;
        var client = new GnssClient(
            new GnssOptions { Port = port, StaleAfter = TimeSpan.FromSeconds(1) }, TimeProvider.System, NullLogger<GnssClient>.Instance);
        Assert.Null(client.Current);
        var running = client.RunAsync(stop.Token);
        using (var first = await gpsd.AcceptTcpClientAsync(stop.Token))
        {
            await SendAsync(first, "{\"class\":\"VERSION\"}\ngarbage\n" + Good + "\n", stop.Token);
            await Until(() => client.Current is { Stale: false, Latitude: 31.230416 }, stop.Token);
            Assert.True(client.Connected);
            await Until(() => client.Current is { Stale: true }, stop.Token);
        }
        await Until(() => !client.Connected, stop.Token);
        Assert.Equal(121.473701, client.Current!.Longitude);
        using (var second = await gpsd.AcceptTcpClientAsync(stop.Token))
        {
            await SendAsync(second, "{\"class\":\"TPV\",\"mode\":1}\n", stop.Token);
            await Until(() => client.Current is { Stale: false, Quality: GnssQuality.None, Latitude: 31.230416 }, stop.Token);
        }
        await stop.CancelAsync();
        await running;
        gpsd.Stop();
    }

    private GnssFix? Parse(string line) => _parser.Parse(Encoding.UTF8.GetBytes(line), 5000);

    private static async Task SendAsync(TcpClient client, string text, CancellationToken stop)
    {
        var buffer = new byte[256];
        int read = await client.GetStream().ReadAsync(buffer, stop);
        Assert.StartsWith("?WATCH=", Encoding.UTF8.GetString(buffer, 0, read), StringComparison.Ordinal);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text), stop);
    }

    private static async Task Until(Func<bool> condition, CancellationToken stop)
    {
        while (!condition())
            await Task.Delay(20, stop);
    }
}
