using System.Text.Json;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>A unit as the console shows it.</summary>
internal sealed record UnitView
{
    public required string UnitId { get; init; }
    public required string Label { get; init; }

    /// <summary>"": of the whole city.</summary>
    public required string District { get; init; }

    /// <summary>public_order or traffic.</summary>
    public required string PoliceType { get; init; }
    public bool Online { get; init; }
    public long? LastSeenUnixMs { get; init; }
    public required string SoftwareVersion { get; init; }
    public required string OfficerId { get; init; }
    public PositionView? Position { get; init; }

    /// <summary>Since it arrived here, by our own monotonic clock.</summary>
    public long? PositionAgeMs { get; init; }
    public required string Availability { get; init; }
    public required IReadOnlyList<string> Cameras { get; init; }

    /// <summary>[longitude, latitude], oldest first.</summary>
    public required IReadOnlyList<double[]> Trail { get; init; }

    /// <summary>Vehicles that came into sight in the last minute, over all cameras; null when none were counted.</summary>
    public long? VehiclesPerMinute { get; init; }

    /// <summary>Heads seen at a time (median of the last minute), over all cameras; null when none were counted.</summary>
    public long? Heads { get; init; }

    /// <summary>Evidence that should be here and is not: numbers missing, attachments late, events refused.</summary>
    public required UnitGaps Gaps { get; init; }

    /// <summary>Null before its first word.</summary>
    public HealthView? Health { get; init; }
}

internal sealed record PositionView
{
    public double? Latitude { get; init; }
    public double? Longitude { get; init; }
    public float SpeedMps { get; init; }
    public float HeadingDegrees { get; init; }
    public required string Fix { get; init; }
    public long AtUnixMs { get; init; }
    public bool Stale { get; init; }

    public static PositionView Of(Position position)
    {
        var placed = Fleet.HasFix(position);
        return new PositionView
        {
            Latitude = placed ? position.LatitudeDegrees : null,
            Longitude = placed ? position.LongitudeDegrees : null,
            SpeedMps = position.SpeedMps,
            HeadingDegrees = position.HeadingDegrees,
            Fix = Word(position.Fix),
            AtUnixMs = position.AtUnixMs,
            Stale = position.Stale,
        };
    }

    private static string Word(GnssFix fix) => fix switch
    {
        GnssFix._2D => "2d",
        GnssFix._3D => "3d",
        GnssFix.DeadReckoning => "dead_reckoning",
        _ => "none",
    };
}

/// <summary>The list of units as JSON, made at most once a second for all consoles of a district together.</summary>
internal sealed class UnitViews(UnitTable units, SessionRegistry sessions, Fleet fleet, UnitHealths healths, UnitGapTable gaps, TimeProvider time)
{
    private const int MostDistricts = 256;

    // Of all trails together; a large fleet's are drawn with fewer points each, over the same five minutes.
    private const int MostTrailPoints = 12_000;
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(900);
    private readonly Lock gate = new();
    private readonly Dictionary<string, (byte[] Message, long Made)> messages = new(StringComparer.Ordinal);

    /// <summary>The whole text message, {"type":"units","data":[…]}, for those of a district ("": of the city).</summary>
    public ReadOnlyMemory<byte> Message(string district)
    {
        lock (gate)
        {
            if (!messages.TryGetValue(district, out var told) || time.GetElapsedTime(told.Made) > Fresh)
            {
                // Districts come from accounts, but a bound costs nothing.
                if (messages.Count >= MostDistricts)
                    messages.Clear();
                told = (JsonSerializer.SerializeToUtf8Bytes(new { type = "units", data = Now(district) }, ConsoleJson.Options), time.GetTimestamp());
                messages[district] = told;
            }
            return told.Message;
        }
    }

    public IReadOnlyList<UnitView> Now(string district)
    {
        var missing = gaps.All();
        var seen = units.All().Where(unit => unit is { RevokedAt: null, EnrolledAt: not null } && (district.Length == 0 || unit.District == district)).ToList();
        var each = Math.Max(1, ((seen.Count * Fleet.TrailPoints) + MostTrailPoints - 1) / MostTrailPoints);
        return [.. seen.Select(unit => View(unit, missing, each))];
    }

    /// <param name="each">Every how many points of the trail one is shown; the newest always is.</param>
    private UnitView View(UnitRow unit, IReadOnlyDictionary<string, UnitGaps> missing, int each)
    {
        var place = fleet.Find(unit.UnitId);
        var position = place?.Position;
        var (vehicles, heads) = fleet.Scene(unit.UnitId);
        var online = sessions.IsOnline(unit.UnitId);
        return new UnitView
        {
            UnitId = unit.UnitId,
            Label = unit.Label,
            District = unit.District,
            PoliceType = unit.PoliceType,
            Online = online,
            LastSeenUnixMs = online ? time.GetUtcNow().ToUnixTimeMilliseconds() : unit.LastSeenAt,
            SoftwareVersion = unit.SoftwareVersion,
            OfficerId = position?.OfficerId ?? "",
            Position = position is null ? null : PositionView.Of(position),
            PositionAgeMs = position is null ? null : (long)fleet.Age(place!).TotalMilliseconds,
            Availability = place?.Availability ?? "",
            Cameras = unit.CameraIds.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            Trail = [.. (place?.Trail ?? []).Where((_, at) => (place!.Trail.Count - 1 - at) % each == 0).Select(point => new[] { Math.Round(point.Longitude, 6), Math.Round(point.Latitude, 6) })],
            VehiclesPerMinute = vehicles,
            Heads = heads,
            Gaps = missing.GetValueOrDefault(unit.UnitId, UnitGaps.None),
            Health = HealthView.Of(healths.Find(unit.UnitId)),
        };
    }
}

internal static class ConsoleJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web);
}
