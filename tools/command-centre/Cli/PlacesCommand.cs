using System.CommandLine;
using EdgeAgent.CommandCentre.Calls;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Cli;

internal static class PlacesCommand
{
    public static Command Create() => new("places", "Names of places, for writing down where a call is.") { Import(), Find() };

    private static Command Import()
    {
        var data = CliShared.Data();
        var file = new Option<string>("--file") { Description = "GeoJSON points, or CSV with name, longitude, latitude (aliases and district as wanted).", Required = true };
        var district = new Option<string>("--district") { Description = "District of places that name none; left out: the whole city's.", DefaultValueFactory = _ => "" };
        var json = CliShared.AsJson();
        var command = new Command(
            "import",
            "Puts these places in the place of those of the districts that they name; with a mistake in the file nothing changes. "
            + "Example: command-centre places import --data /var/lib/centre --file east.csv --district east")
        { data, file, district, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var places = PlaceFile.Read(parsed.GetValue(file)!, CliShared.District(parsed.GetValue(district)));
            var districts = places.Select(place => place.District).Distinct().Order(StringComparer.Ordinal).ToList();
            _ = centre.Database.Write(transaction =>
            {
                PlaceTable.Replace(transaction, places);
                AuditTable.Add(transaction, new AuditRow("command-line", "places_imported", $"{places.Count} places", string.Join(' ', districts)), OpenCentre.Now);
                return 0;
            });
            if (parsed.GetValue(json))
                CliShared.Print(new { places = places.Count, districts });
            else
                Console.Out.WriteLine($"{places.Count} places can be found now.");
        });
        return command;
    }

    private static Command Find()
    {
        var data = CliShared.Data();
        var words = new Option<string>("--name") { Description = "Any part of a name.", Required = true };
        var json = CliShared.AsJson();
        var command = new Command("find", "Finds places as the console does. Example: command-centre places find --data /var/lib/centre --name 小学") { data, words, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var places = new PlaceTable(centre.Database).Find(parsed.GetValue(words)!, "");
            if (parsed.GetValue(json))
                CliShared.Print(new { places });
            else
                places.ToList().ForEach(place => Console.Out.WriteLine($"{place.Name}\t{place.Longitude},{place.Latitude}\t{place.District}"));
        });
        return command;
    }
}
