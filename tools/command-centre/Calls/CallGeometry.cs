namespace EdgeAgent.CommandCentre.Calls;

/// <summary>Distances and bearings between near points on the ground (a sphere of 6,371 km: within 0.5 % of WGS 84).</summary>
internal static class CallGeometry
{
    private const double EarthMetres = 6_371_000;

    public static double Metres(double latitude1, double longitude1, double latitude2, double longitude2)
    {
        var (a, b) = (Radians(latitude1), Radians(latitude2));
        var north = Math.Sin((b - a) / 2);
        var east = Math.Sin(Radians(longitude2 - longitude1) / 2);
        return 2 * EarthMetres * Math.Asin(Math.Min(1, Math.Sqrt((north * north) + (Math.Cos(a) * Math.Cos(b) * east * east))));
    }

    /// <summary>From the first to the second, clockwise from north, 0 to 360.</summary>
    public static double Bearing(double latitude1, double longitude1, double latitude2, double longitude2)
    {
        var (a, b, turn) = (Radians(latitude1), Radians(latitude2), Radians(longitude2 - longitude1));
        var degrees = Math.Atan2(Math.Sin(turn) * Math.Cos(b), (Math.Cos(a) * Math.Sin(b)) - (Math.Sin(a) * Math.Cos(b) * Math.Cos(turn))) * 180 / Math.PI;
        return (degrees + 360) % 360;
    }

    /// <summary>0 to 180.</summary>
    public static double Between(double degrees1, double degrees2)
    {
        var turn = Math.Abs(degrees1 - degrees2) % 360;
        return turn > 180 ? 360 - turn : turn;
    }

    private static double Radians(double degrees) => degrees * Math.PI / 180;
}
