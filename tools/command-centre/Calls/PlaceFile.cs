using System.Globalization;
using System.Text.Json;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Calls;

/// <summary>
/// Places as files bring them. GeoJSON: points with properties name, aliases (a list, or one text parted by ;) and district. CSV: a head
/// line with name, longitude, latitude and, where wanted, aliases and district.
/// </summary>
internal static class PlaceFile
{
    public const int MostPlaces = 500_000;
    private const long MostBytes = 256L << 20;
    private const int MostName = 100, MostAliases = 20;

    /// <param name="path">Ends with .geojson, .json or .csv.</param>
    /// <param name="district">For places that name none.</param>
    /// <exception cref="CentreException">What is wrong, and where in the file.</exception>
    public static IReadOnlyList<Place> Read(string path, string district)
    {
        if (new FileInfo(path) is not { Exists: true, Length: <= MostBytes })
            throw new CentreException($"{path} is not there, or larger than {MostBytes >> 20} MiB.");
        var places = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".geojson" or ".json" => OfGeoJson(path, district),
            ".csv" => OfCsv(path, district),
            _ => throw new CentreException($"{path} ends with neither .geojson nor .csv."),
        };
        return places.Count switch
        {
            0 => throw new CentreException($"{path} holds no place: nothing was changed."),
            > MostPlaces => throw new CentreException($"{path} holds {places.Count} places, more than {MostPlaces}."),
            _ => places,
        };
    }

    private static List<Place> OfGeoJson(string path, string district)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var places = new List<Place>();
            foreach (var feature in document.RootElement.GetProperty("features").EnumerateArray())
            {
                var where = $"{path}, feature {places.Count + 1}";
                var geometry = feature.GetProperty("geometry");
                if (geometry.GetProperty("type").GetString() != "Point")
                    throw new CentreException($"{where}: a place is a Point.");
                var at = geometry.GetProperty("coordinates");
                var properties = feature.GetProperty("properties");
                places.Add(Checked(Text(properties, "name"), Aliases(properties), at[0].GetDouble(), at[1].GetDouble(), Text(properties, "district"), district, where));
            }
            return places;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw new CentreException($"{path} is no GeoJSON FeatureCollection of points: {e.Message}", e);
        }
    }

    private static string[] Aliases(JsonElement properties) =>
        !properties.TryGetProperty("aliases", out var aliases) || aliases.ValueKind == JsonValueKind.Null ? []
        : aliases.ValueKind == JsonValueKind.Array ? [.. aliases.EnumerateArray().Select(alias => alias.GetString() ?? "")]
        : Parted(aliases.GetString() ?? "");

    private static string Text(JsonElement properties, string name) => properties.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static List<Place> OfCsv(string path, string district)
    {
        var lines = File.ReadLines(path).GetEnumerator();
        if (!lines.MoveNext())
            return [];
        var head = Fields(lines.Current.TrimStart('\uFEFF'));
        int At(string name) => head.FindIndex(column => column.Trim().Equals(name, StringComparison.OrdinalIgnoreCase));
        var (name, longitude, latitude, aliases, own) = (At("name"), At("longitude"), At("latitude"), At("aliases"), At("district"));
        if (name < 0 || longitude < 0 || latitude < 0)
            throw new CentreException($"{path}, line 1: the head names name, longitude and latitude; aliases and district may follow.");
        var places = new List<Place>();
        for (var line = 2; lines.MoveNext(); line++)
        {
            if (lines.Current.Length == 0)
                continue;
            var fields = Fields(lines.Current);
            var where = $"{path}, line {line}";
            string Field(int at) => at >= 0 && at < fields.Count ? fields[at] : "";
            if (!double.TryParse(Field(longitude), CultureInfo.InvariantCulture, out var east) || !double.TryParse(Field(latitude), CultureInfo.InvariantCulture, out var north))
                throw new CentreException($"{where}: longitude and latitude are decimal degrees.");
            places.Add(Checked(Field(name), Parted(Field(aliases)), east, north, Field(own), district, where));
        }
        return places;
    }

    private static List<string> Fields(string line)
    {
        var fields = new List<string>();
        var field = new System.Text.StringBuilder();
        var quoted = false;
        for (var at = 0; at < line.Length; at++)
        {
            if (quoted && line[at] == '"' && at + 1 < line.Length && line[at + 1] == '"')
                _ = field.Append(line[++at]);
            else if (line[at] == '"')
                quoted = !quoted;
            else if (line[at] == ',' && !quoted)
            {
                fields.Add(field.ToString());
                _ = field.Clear();
            }
            else
                _ = field.Append(line[at]);
        }
        fields.Add(field.ToString());
        return fields;
    }

    private static string[] Parted(string text) => text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static Place Checked(string name, string[] aliases, double longitude, double latitude, string district, string fallback, string where)
    {
        if (name.Trim().Length is 0 or > MostName || aliases.Length > MostAliases || aliases.Any(alias => alias.Length > MostName))
            throw new CentreException($"{where}: a place has a name of at most {MostName} characters and at most {MostAliases} aliases.");
        if (!double.IsFinite(longitude) || !double.IsFinite(latitude) || Math.Abs(longitude) > 180 || Math.Abs(latitude) > 90)
            throw new CentreException($"{where}: longitude -180 to 180, latitude -90 to 90, in this order.");
        return new Place(name.Trim(), aliases, longitude, latitude, Cli.CliShared.District(district.Length > 0 ? district : fallback));
    }
}
