using System.Globalization;

namespace EdgeAgent.Rig.Gnss;

/// <summary>NMEA 0183 sentences as a receiver sends them once a second.</summary>
internal static class Nmea
{
    private const double KnotsPerMps = 3600 / 1852.0;
    private static readonly int[] s_satellites = [2, 5, 7, 13, 15, 21, 24, 30];

    private const int MostUsed = 12, InSentence = 4, Few = 4;

    /// <summary>GGA, GSA, GSV and RMC of one fix, each ended by CR LF.</summary>
    /// <param name="fix">Null: the receiver sees no satellites.</param>
    /// <param name="few">It sees four of them, not eight.</param>
    public static string Cycle(DrivePoint? fix, DateTimeOffset time, bool few = false)
    {
        string clock = time.UtcDateTime.ToString("HHmmss.ff", CultureInfo.InvariantCulture);
        string date = time.UtcDateTime.ToString("ddMMyy", CultureInfo.InvariantCulture);
        if (fix is not { } at)
            return Sentence($"GPGGA,{clock},,,,,0,00,,,M,,M,,") + Sentence("GPGSA,A,1,,,,,,,,,,,,,,,") + Sentence($"GPRMC,{clock},V,,,,,,,{date},,,N");

        string place = $"{Latitude(at.Latitude)},{Longitude(at.Longitude)}";
        string motion = string.Create(CultureInfo.InvariantCulture, $"{at.SpeedMps * KnotsPerMps:0.00},{at.HeadingDegrees:0.0}");
        int[] used = few ? s_satellites[..Few] : s_satellites;
        string numbers = string.Join(',', Enumerable.Range(0, MostUsed).Select(at => at < used.Length ? $"{used[at]:00}" : ""));
        return Sentence($"GPGGA,{clock},{place},1,{used.Length:00},0.9,12.0,M,8.0,M,,")
            + Sentence($"GPGSA,A,3,{numbers},1.7,0.9,1.4")
            + InView(used)
            + Sentence($"GPRMC,{clock},A,{place},{motion},{date},,,A");
    }

    /// <summary>Where each satellite stands and how loud it is: gpsd counts those in use by it.</summary>
    private static string InView(int[] used)
    {
        int[][] sentences = [.. used.Chunk(InSentence)];
        return string.Concat(sentences.Select((chunk, at) => Sentence(
            $"GPGSV,{sentences.Length},{at + 1},{used.Length:00},{string.Join(',', chunk.Select(number => $"{number:00},{20 + (2 * number):00},{11 * number:000},42"))}")));
    }

    /// <summary>Exclusive or of everything between $ and *.</summary>
    public static byte Checksum(string body) => body.Aggregate((byte)0, (sum, c) => (byte)(sum ^ c));

    private static string Sentence(string body) => $"${body}*{Checksum(body):X2}\r\n";

    private static string Latitude(double degrees) => Degrees(Math.Abs(degrees), 2) + (degrees < 0 ? ",S" : ",N");

    private static string Longitude(double degrees) => Degrees(Math.Abs(degrees), 3) + (degrees < 0 ? ",W" : ",E");

    /// <summary>ddmm.mmmmm. Rounded as a whole, so that no minute ever reads 60.</summary>
    private static string Degrees(double degrees, int digits)
    {
        long units = (long)Math.Round(degrees * 60 * 100_000);
        long whole = units / (60 * 100_000);
        double minutes = units % (60 * 100_000) / 100_000.0;
        return whole.ToString(new string('0', digits), CultureInfo.InvariantCulture) + minutes.ToString("00.00000", CultureInfo.InvariantCulture);
    }
}
