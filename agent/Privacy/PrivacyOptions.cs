using System.Text.Json.Serialization;
using EdgeAgent.Agent.Hosting;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Privacy;

/// <summary>Places in which the car shows, matches or looks at less.</summary>
internal sealed record PrivacyOptions
{
    private const int MostPlaces = 64;

    /// <summary>Default none, at most 64.</summary>
    public IReadOnlyList<PrivacyPlace> Places { get; init; } = [];

    public IEnumerable<string> Problems(IReadOnlyList<CameraOptions> cameras)
    {
        if (Places.Count > MostPlaces)
            yield return $"Privacy.Places has {Places.Count} entries: give at most {MostPlaces}.";
        foreach (var same in Places.GroupBy(p => p.Id).Where(g => g.Count() > 1))
            yield return $"Privacy.Places: '{same.Key}' stands there {same.Count()} times; give each place its own Id.";
        foreach (string problem in Places.SelectMany((place, index) => place.Problems(index, cameras)))
            yield return problem;
    }
}

/// <summary>One place and what the car does not do there. Each rule is strict unless it is loosened.</summary>
internal sealed record PrivacyPlace
{
    private const int MostPoints = 200;
    private const double MostRadiusMetres = 20_000;

    /// <summary>Short and unique: letters, digits, '-', '_'; at most 32. Stands in the audit chain.</summary>
    public string Id { get; init; } = "";

    public string NameZh { get; init; } = "";

    public string NameEn { get; init; } = "";

    /// <summary>[[latitude, longitude], …], three points or more; the last is joined to the first. Or Centre and RadiusMetres.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Polygon { get; init; } = [];

    /// <summary>[latitude, longitude] of a circle's middle.</summary>
    public IReadOnlyList<double> Centre { get; init; } = [];

    /// <summary>Metres, above 0 to 20000.</summary>
    public double RadiusMetres { get; init; }

    /// <summary>Cameras that this is about; default all.</summary>
    public IReadOnlyList<string> Cameras { get; init; } = [];

    /// <summary>Whether live views may leave the car there. Default false.</summary>
    public bool AllowViews { get; init; }

    /// <summary>What is not matched there: "none", "faces" or "all". Default "all".</summary>
    public string NotMatched { get; init; } = "all";

    /// <summary>Sector that a PTZ must not look into, clockwise from this to <see cref="PanToDegrees"/>, from true north, 0 to 360. Default none.</summary>
    public double? PanFromDegrees { get; init; }

    public double? PanToDegrees { get; init; }

    /// <summary>As an area of the contract: never an empty one, which would be everywhere.</summary>
    [JsonIgnore]
    public Area Area => Polygon.Count > 0
        ? new Area { Polygon = { Polygon.Select(Point) } }
        : new Area { Centre = Point(Centre), RadiusMetres = RadiusMetres };

    public bool IsAbout(string cameraId) => Cameras.Count == 0 || Cameras.Contains(cameraId);

    public IEnumerable<string> Problems(int index, IReadOnlyList<CameraOptions> cameras)
    {
        string where = $"Privacy.Places[{index}]";
        if (Id.Length is 0 or > 32 || !Id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            yield return $"{where}.Id is '{Id}': give 1 to 32 letters, digits, '-' or '_'.";
        if (NameZh.Length is 0 or > 40 || NameEn.Length is 0 or > 40)
            yield return $"{where}: give NameZh and NameEn, 1 to 40 characters each; the officer reads them.";
        foreach (string problem in ShapeProblems(where))
            yield return problem;
        foreach (string id in Cameras.Where(id => !cameras.Any(c => c.Id == id)))
            yield return $"{where}.Cameras names '{id}': there is no such camera.";
        if (NotMatched is not ("none" or "faces" or "all"))
            yield return $"{where}.NotMatched is '{NotMatched}': give none, faces or all.";
        if (PanFromDegrees is null != PanToDegrees is null)
            yield return $"{where}: give PanFromDegrees and PanToDegrees, or neither.";
        if (PanFromDegrees is < 0 or > 360 || PanToDegrees is < 0 or > 360)
            yield return $"{where}: PanFromDegrees and PanToDegrees are 0 to 360, clockwise from true north.";
        if (PanFromDegrees is not null && !cameras.Any(c => c.Ptz.Length > 0 && IsAbout(c.Id)))
            yield return $"{where} bars a sector, and none of its cameras can be steered.";
    }

    private IEnumerable<string> ShapeProblems(string where)
    {
        if (Polygon.Count > 0 == Centre.Count > 0)
            yield return $"{where}: give a Polygon, or Centre and RadiusMetres.";
        if (Polygon.Count > 0 && (Polygon.Count > MostPoints || Polygon.Select(p => string.Join(',', p)).Distinct().Count() < 3))
            yield return $"{where}.Polygon has {Polygon.Count} points: give 3 to {MostPoints}, three of them different.";
        if (!Polygon.All(IsPlace) || (Centre.Count > 0 && !IsPlace(Centre)))
            yield return $"{where}: a point is [latitude, longitude] in degrees.";
        if (Centre.Count > 0 && RadiusMetres is not (> 0 and <= MostRadiusMetres))
            yield return $"{where}.RadiusMetres is {RadiusMetres}: give above 0 to {MostRadiusMetres}.";
    }

    private static bool IsPlace(IReadOnlyList<double> point) => point is [>= -90 and <= 90, >= -180 and <= 180];

    private static GeoPoint Point(IReadOnlyList<double> point) => new() { LatitudeDegrees = point[0], LongitudeDegrees = point[1] };
}
