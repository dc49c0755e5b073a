using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using EdgeAgent.Rig.Gnss;

namespace EdgeAgent.Tests.Rig;

public sealed class GnssTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 5, TimeSpan.Zero);

    [Fact]
    public void Checksums_are_those_of_the_standard()
    {
        // The example of many a manual.
        Assert.Equal(0x47, Nmea.Checksum("GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,"));
        foreach (string sentence in Sentences(new DrivePoint(30.2741, 120.1551, 12.5, 271.3)))
            Assert.Equal(Nmea.Checksum(sentence[1..sentence.IndexOf('*')]), Convert.ToByte(sentence.Split('*')[1], 16));
    }

    [Fact]
    public void A_fix_is_told_in_degrees_minutes_and_knots()
    {
        string[] sentences = Sentences(new DrivePoint(-30.25, 120.5, 10, 90));

        Assert.StartsWith("$GPGGA,120005.00,3015.00000,S,12030.00000,E,1,08,", sentences[0]);
        Assert.StartsWith("$GPGSA,A,3,", sentences[1]);
        Assert.StartsWith("$GPGSV,2,1,08,02,", sentences[2]);
        Assert.StartsWith("$GPGSV,2,2,08,15,", sentences[3]);
        Assert.StartsWith("$GPRMC,120005.00,A,3015.00000,S,12030.00000,E,19.44,90.0,221126,", sentences[4]);
    }

    [Fact]
    public void Minutes_never_read_sixty()
    {
        string gga = Sentences(new DrivePoint(29.99999999999, 119.99999999999, 0, 0))[0];
        Assert.Contains("3000.00000,N,12000.00000,E", gga);
    }

    [Fact]
    public void Without_satellites_no_position_is_told()
    {
        string[] sentences = Sentences(null);
        Assert.Contains(",,,,,0,00,", sentences[0]);
        Assert.StartsWith("$GPGSA,A,1,", sentences[1]);
        Assert.StartsWith("$GPRMC,120005.00,V,,,,,,,221126", sentences[2]);
    }

    [Fact]
    public void The_drive_takes_ten_minutes_with_stops_and_moves_as_fast_as_it_says()
    {
        var drive = new Drive();
        int seconds = (int)drive.Length.TotalSeconds;
        Assert.InRange(seconds, 480, 780);

        int standing = 0;
        for (int second = 0; second < seconds - 1; second++)
        {
            (DrivePoint from, DrivePoint to) = (drive.At(second), drive.At(second + 1));
            double metres = Distance(from, to);
            Assert.InRange(from.SpeedMps, 0, 13.6);
            Assert.InRange(Math.Abs(to.SpeedMps - from.SpeedMps), 0, 4.5);
            Assert.InRange(metres, 0, 15);
            Assert.InRange(Math.Abs(metres - (from.SpeedMps + to.SpeedMps) / 2), 0, 2.5);
            standing += to.SpeedMps == 0 ? 1 : 0;
        }
        Assert.InRange(standing, 60, 200);
        Assert.InRange(Distance(drive.At(seconds - 1), drive.At(0)), 0, 40);
        Assert.Equal(drive.At(3), drive.At(3 + seconds));
    }

    [Fact]
    public async Task A_real_gpsd_reports_the_fix_loses_it_in_a_tunnel_and_ends_with_the_bench()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        GnssReceiver receiver = await GnssReceiver.StartAsync(TimeProvider.System, limit.Token);
        int gpsd = receiver.GpsdProcessId;
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, receiver.Port, limit.Token);
            using var reader = new StreamReader(client.GetStream());
            await client.GetStream().WriteAsync("?WATCH={\"enable\":true,\"json\":true}\n"u8.ToArray(), limit.Token);

            JsonNode fix = await ReportAsync(reader, r => (int)r["mode"]! == 3 && r["speed"] is not null, limit.Token);
            Assert.InRange((double)fix["lat"]!, 30.27, 30.29);
            Assert.InRange((double)fix["lon"]!, 120.15, 120.18);
            Assert.InRange((TimeProvider.System.GetUtcNow() - DateTimeOffset.Parse((string)fix["time"]!)).TotalSeconds, -0.1, 2);

            receiver.SetFault(GnssFault.NoFix);
            JsonNode lost = await ReportAsync(reader, r => (int)r["mode"]! <= 1, limit.Token);
            Assert.Null(lost["lat"]);
        }
        finally
        {
            await receiver.DisposeAsync();
        }
        Assert.False(Directory.Exists($"/proc/{gpsd}"));
    }

    private static async Task<JsonNode> ReportAsync(StreamReader reader, Func<JsonNode, bool> wanted, CancellationToken stop)
    {
        while (await reader.ReadLineAsync(stop) is { } line)
        {
            if (JsonNode.Parse(line) is { } report && (string?)report["class"] == "TPV" && wanted(report))
                return report;
        }
        throw new EndOfStreamException("gpsd ended the conversation.");
    }

    private static string[] Sentences(DrivePoint? fix) => Nmea.Cycle(fix, Noon).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

    private static double Distance(DrivePoint a, DrivePoint b)
    {
        double north = (b.Latitude - a.Latitude) * 111_320;
        double east = (b.Longitude - a.Longitude) * 111_320 * Math.Cos(a.Latitude * Math.PI / 180);
        return Math.Sqrt(north * north + east * east);
    }
}
