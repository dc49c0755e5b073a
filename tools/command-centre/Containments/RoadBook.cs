using System.Text.Json;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using NetTopologySuite.Geometries;
using NetTopologySuite.Index.Strtree;

namespace EdgeAgent.CommandCentre.Containments;

/// <summary>The roads of the city where a file of them was imported, indexed once and read again when it was replaced.</summary>
internal sealed class RoadBook(DataFolder folder)
{
    public const long MostFileBytes = 256L << 20;
    public const int MostLines = 500_000, MostPoints = 5_000_000, MostTold = 3000;

    private readonly Lock gate = new();
    private DateTime readOf;
    private STRtree<LineString>? index;

    public static string FileOf(DataFolder folder) => Path.Combine(folder.Path, "roads.json");

    public bool Installed => Index() is not null;

    /// <summary>Lines of a GeoJSON file, written compactly in the place of those before.</summary>
    /// <returns>How many lines and points.</returns>
    /// <exception cref="CentreException">Not GeoJSON with lines, or too much of it.</exception>
    public static (int Lines, int Points) Import(DataFolder folder, string file)
    {
        if (new FileInfo(file) is not { Exists: true, Length: <= MostFileBytes })
            throw new CentreException($"{file} is not there or larger than {MostFileBytes >> 20} MiB. Cut the road file to the city's area.");
        var lines = Read(File.ReadAllBytes(file), file);
        PrivateFiles.Write(FileOf(folder), JsonSerializer.SerializeToUtf8Bytes(lines));
        return (lines.Count, lines.Sum(line => line.Length));
    }

    /// <summary>The roads of an area, as lines of [longitude, latitude], bounded.</summary>
    public IReadOnlyList<double[][]> Within(double west, double south, double east, double north) =>
        [.. (Index()?.Query(new Envelope(west, east, south, north)) ?? []).Take(MostTold)
            .Select(line => line.Coordinates.Select(at => new[] { Math.Round(at.X, 6), Math.Round(at.Y, 6) }).ToArray())];

    /// <summary>Where roads cross a cordon. Null: no roads are installed.</summary>
    public IReadOnlyList<PlanePoint>? Crossings(Cordon cordon)
    {
        if (Index() is not { } roads)
            return null;
        var corners = cordon.Ring.Select(cordon.Plane.Back).ToList();
        var area = new Envelope(corners.Min(at => at.LongitudeDegrees), corners.Max(at => at.LongitudeDegrees), corners.Min(at => at.LatitudeDegrees), corners.Max(at => at.LatitudeDegrees));
        var ring = new LineString([.. cordon.Ring.Append(cordon.Ring[0]).Select(at => new Coordinate(at.East, at.North))]);
        return [.. roads.Query(area)
            .Select(line => new LineString([.. line.Coordinates.Select(at => cordon.Plane.Of(at.Y, at.X)).Select(at => new Coordinate(at.East, at.North))]))
            // A road that runs along the cordon meets it in a line: its ends are where it comes and goes.
            .SelectMany(line => line.Intersection(ring).Coordinates)
            .Select(at => new PlanePoint(at.X, at.Y))];
    }

    private STRtree<LineString>? Index()
    {
        var path = FileOf(folder);
        if (!File.Exists(path))
            return null;
        var written = File.GetLastWriteTimeUtc(path);
        lock (gate)
        {
            if (index is not null && written == readOf)
                return index;
            var made = new STRtree<LineString>();
            foreach (var line in JsonSerializer.Deserialize<List<double[][]>>(File.ReadAllBytes(path)) ?? [])
            {
                var road = new LineString([.. line.Select(at => new Coordinate(at[0], at[1]))]);
                made.Insert(road.EnvelopeInternal, road);
            }
            made.Build();
            (index, readOf) = (made, written);
            return made;
        }
    }

    private static List<double[][]> Read(byte[] json, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var lines = new List<double[][]>();
            var points = 0;
            foreach (var feature in document.RootElement.GetProperty("features").EnumerateArray())
            {
                if (feature.GetProperty("geometry") is not { ValueKind: JsonValueKind.Object } geometry)
                    continue;
                var at = geometry.GetProperty("coordinates");
                IEnumerable<JsonElement> found = geometry.GetProperty("type").GetString() switch
                {
                    "LineString" => [at],
                    "MultiLineString" => at.EnumerateArray(),
                    _ => [],
                };
                lines.AddRange(found.Select(line => line.EnumerateArray().Select(Pair).ToArray()).Where(line => line.Length >= 2));
                points += lines.Count > 0 ? lines[^1].Length : 0;
                if (lines.Count > MostLines || points > MostPoints)
                    throw new CentreException($"{file} has more than {MostLines} lines or {MostPoints} points. Cut it to the city's area.");
            }
            return lines.Count > 0 ? lines : throw new CentreException($"{file} has no lines: give GeoJSON with features of type LineString or MultiLineString.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException)
        {
            throw new CentreException($"{file} is no GeoJSON of roads: {e.Message}");
        }
    }

    private static double[] Pair(JsonElement at) => at[0].GetDouble() is >= -180 and <= 180 and var longitude && at[1].GetDouble() is >= -90 and <= 90 and var latitude
        ? [longitude, latitude]
        : throw new FormatException("a coordinate is out of range (longitude first, WGS 84).");
}
