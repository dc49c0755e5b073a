using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Calls;

/// <summary>A place that people name: its name, other names for it, and where it is (WGS 84).</summary>
internal sealed record Place(string Name, IReadOnlyList<string> Aliases, double Longitude, double Latitude, string District);

/// <summary>The gazetteer: public names of public places, so nothing of it is sealed.</summary>
internal sealed class PlaceTable(CentreDatabase database)
{
    public const string Schema = """

        -- Names of places, in millionths of a degree. names: name and aliases in small letters without spaces, each between line breaks, for searching.
        CREATE TABLE places (
            place_id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            aliases TEXT NOT NULL,
            names TEXT NOT NULL,
            longitude_e6 INTEGER NOT NULL,
            latitude_e6 INTEGER NOT NULL,
            district TEXT NOT NULL) STRICT;
        CREATE INDEX places_district ON places (district);
        """;

    private const int MostFound = 8;
    private const int MostQuery = 40;

    /// <summary>Names that begin with the words first, then those that hold them; short names first. At most eight.</summary>
    /// <param name="words">Any part of a name; spaces and capitals say nothing.</param>
    /// <param name="district">Of whoever asks, "" the city: its own places and those of no district.</param>
    public IReadOnlyList<Place> Find(string words, string district)
    {
        var plain = Plain(words);
        if (plain.Length is 0 or > MostQuery)
            return [];
        var literal = plain.Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal);
        return database.Read(c => c.Query<(string Name, string Aliases, long Longitude, long Latitude, string District)>(
            """
            SELECT name, aliases, longitude_e6, latitude_e6, district FROM places
            WHERE names LIKE @part ESCAPE '!' AND (@district = '' OR district = @district OR district = '')
            ORDER BY CASE WHEN names LIKE @start ESCAPE '!' THEN 0 ELSE 1 END, length(name), name LIMIT @MostFound
            """,
            new { part = $"%{literal}%", start = $"%\n{literal}%", district, MostFound }).AsList())
            .Select(row => new Place(row.Name, row.Aliases.Split('\n', StringSplitOptions.RemoveEmptyEntries), row.Longitude / 1e6, row.Latitude / 1e6, row.District)).ToList();
    }

    public static long Count(DbConnection connection) => connection.ExecuteScalar<long>("SELECT count(*) FROM places");

    /// <summary>Takes the place of every district that it names, in one transaction: all of it or nothing.</summary>
    public static void Replace(DbTransaction transaction, IReadOnlyList<Place> places)
    {
        foreach (var district in places.Select(place => place.District).Distinct())
            transaction.Connection!.Execute("DELETE FROM places WHERE district = @district", new { district }, transaction);
        using var insert = Sql.Prepared(
            transaction, "INSERT INTO places (name, aliases, names, longitude_e6, latitude_e6, district) VALUES (@name, @aliases, @names, @longitude, @latitude, @district)",
            "@name", "@aliases", "@names", "@longitude", "@latitude", "@district");
        foreach (var place in places)
        {
            var names = string.Concat(place.Aliases.Prepend(place.Name).Select(name => $"\n{Plain(name)}")) + "\n";
            _ = insert.Run(place.Name, string.Join('\n', place.Aliases), names, (long)Math.Round(place.Longitude * 1e6), (long)Math.Round(place.Latitude * 1e6), place.District);
        }
    }

    private static string Plain(string words) => string.Concat(words.Where(c => !char.IsWhiteSpace(c))).ToLowerInvariant();
}
