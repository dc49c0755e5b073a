using System.Text.Json;

namespace EdgeAgent.Hw.Gnss;

/// <summary>
/// Reads gpsd's JSON lines. What is no JSON, or a class we do not use, changes nothing; a number that no position can have makes the
/// whole report void, since its neighbours come from the same broken sentence.
/// </summary>
internal sealed class GpsdParser
{
    /// <summary>gpsd's own longest report is under 11 KB.</summary>
    public const int MaxLineBytes = 16 * 1024;

    // gpsd_json(5), TPV.status. 6, satellites with wheel and gyroscope, is a fix like others.
    private const int DeadReckoningAlone = 5;

    private int _satellitesUsed;

    /// <summary>Lines that were not understood.</summary>
    public long Garbage { get; private set; }

    /// <summary>The fix that a line holds; null when it holds none.</summary>
    public GnssFix? Parse(ReadOnlySpan<byte> line, long receivedMonoMs)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("class", out var kind))
                throw new JsonException("no class");
            switch (kind.GetString())
            {
                case "TPV":
                    return ToFix(root, receivedMonoMs);
                case "SKY" when root.TryGetProperty("uSat", out var used) && used.TryGetInt32(out int count):
                    _satellitesUsed = Math.Max(0, count);
                    return null;
                default:
                    return null;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            Garbage++;
            return null;
        }
    }

    private GnssFix? ToFix(JsonElement tpv, long receivedMonoMs)
    {
        var quality = Number(tpv, "mode") switch { 2 => GnssQuality.TwoD, 3 => GnssQuality.ThreeD, _ => GnssQuality.None };
        double? latitude = Number(tpv, "lat"), longitude = Number(tpv, "lon"), speed = Number(tpv, "speed"), track = Number(tpv, "track");
        if (latitude is < -90 or > 90 || longitude is < -180 or > 180 || speed is < 0 or > 500 || track is < 0 or > 360)
        {
            Garbage++;
            return null;
        }
        if (latitude is null || longitude is null)
            quality = GnssQuality.None;
        if (quality != GnssQuality.None && Number(tpv, "status") == DeadReckoningAlone)
            quality = GnssQuality.DeadReckoning;
        return new GnssFix(
            latitude ?? 0, longitude ?? 0, speed, track, quality == GnssQuality.ThreeD ? Number(tpv, "altHAE") : null, Number(tpv, "eph"),
            quality, _satellitesUsed, TimeOf(tpv), receivedMonoMs, Stale: false);
    }

    private static double? Number(JsonElement tpv, string name) =>
        tpv.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number)
        && double.IsFinite(number) ? number : null;

    private static long TimeOf(JsonElement tpv) =>
        tpv.TryGetProperty("time", out var value) && value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time)
            ? time.ToUnixTimeMilliseconds() : 0;
}
