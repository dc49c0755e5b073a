namespace EdgeAgent.Hw.Gnss;

/// <summary>How good a position is.</summary>
public enum GnssQuality
{
    /// <summary>No position: coordinates of such a fix are the last known ones, or zero.</summary>
    None,

    /// <summary>Latitude and longitude only.</summary>
    TwoD,

    /// <summary>With altitude.</summary>
    ThreeD,

    /// <summary>By wheel and gyroscope alone since the satellites were lost: an estimate that drifts.</summary>
    DeadReckoning,
}

/// <summary>Where the car is, at one instant. Immutable.</summary>
/// <param name="Latitude">Degrees, WGS 84, north positive.</param>
/// <param name="Longitude">Degrees, WGS 84, east positive.</param>
/// <param name="SpeedMps">Over ground, metres a second; null when the receiver does not know.</param>
/// <param name="HeadingDegrees">True course, clockwise from north, 0 … 360; null when unknown (standing still).</param>
/// <param name="AltitudeM">Metres above the ellipsoid; null without a 3D fix.</param>
/// <param name="HorizontalErrorM">Estimated error with 95 % confidence, metres; null when unknown.</param>
/// <param name="Quality">None, 2D, 3D, or without satellites.</param>
/// <param name="SatellitesUsed">In the solution; 0 when unknown.</param>
/// <param name="ReceiverUnixMs">The receiver's own time of the fix; 0 when it gave none.</param>
/// <param name="ReceivedMonoMs">When it arrived here, CLOCK_MONOTONIC.</param>
/// <param name="Stale">Older than the client's limit: where the car was, not where it is.</param>
public sealed record GnssFix(
    double Latitude, double Longitude, double? SpeedMps, double? HeadingDegrees, double? AltitudeM, double? HorizontalErrorM,
    GnssQuality Quality, int SatellitesUsed, long ReceiverUnixMs, long ReceivedMonoMs, bool Stale);
