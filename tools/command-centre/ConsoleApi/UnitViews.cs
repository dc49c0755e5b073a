using System.Text.Json;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi;

internal sealed record UnitView(
    string UnitId, string Label, bool Online, long? LastSeenUnixMs, string SoftwareVersion, string OfficerId, PositionView? Position, long? PositionAgeMs,
    string Availability, IReadOnlyList<string> Cameras, IReadOnlyList<double[]> Trail);

internal sealed record PositionView(double? Latitude, double? Longitude, float SpeedMps, float HeadingDegrees, string Fix, long AtUnixMs, bool Stale);

/// <summary>The list of units as JSON, made at most once a second for all consoles together.</summary>
internal sealed class UnitViews(UnitTable units, SessionRegistry sessions, Fleet fleet, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(900);
    private readonly Lock gate = new();
    private byte[] message = [];
    private long made;

    /// <summary>The whole text message, {"type":"units","data":[…]}.</summary>
    public ReadOnlyMemory<byte> Message()
    {
        lock (gate)
        {
            if (message.Length == 0 || time.GetElapsedTime(made) > Fresh)
            {
                message = JsonSerializer.SerializeToUtf8Bytes(new { type = "units", data = Now() }, ConsoleJson.Options);
                made = time.GetTimestamp();
            }
            return message;
        }
    }

    public IReadOnlyList<UnitView> Now() => [.. units.All().Where(unit => unit is { RevokedAt: null, EnrolledAt: not null }).Select(View)];

    private UnitView View(UnitRow unit)
    {
        var place = fleet.Find(unit.UnitId);
        var position = place?.Position;
        var fixedNow = position is not null && Fleet.HasFix(position);
        var online = sessions.Find(unit.UnitId) is not null;
        return new UnitView(
            unit.UnitId,
            unit.Label,
            online,
            online ? time.GetUtcNow().ToUnixTimeMilliseconds() : unit.LastSeenAt,
            unit.SoftwareVersion,
            position?.OfficerId ?? "",
            position is null ? null : new PositionView(
                fixedNow ? position.LatitudeDegrees : null, fixedNow ? position.LongitudeDegrees : null, position.SpeedMps, position.HeadingDegrees,
                Word(position.Fix), position.AtUnixMs, position.Stale),
            position is null ? null : (long)fleet.Age(place!).TotalMilliseconds,
            place?.Availability ?? "",
            unit.CameraIds.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            [.. (place?.Trail ?? []).Select(point => new[] { Math.Round(point.Longitude, 6), Math.Round(point.Latitude, 6) })]);
    }

    private static string Word(GnssFix fix) => fix switch
    {
        GnssFix._2D => "2d",
        GnssFix._3D => "3d",
        GnssFix.DeadReckoning => "dead_reckoning",
        _ => "none",
    };
}

internal static class ConsoleJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web);
}
