using System.CommandLine;
using EdgeAgent.CommandCentre.Containments;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Cli;

internal static class RoadsCommand
{
    public static Command Create() => new("roads", "The roads of the city, for cordons: where they cross one, a post is proposed.") { Import() };

    private static Command Import()
    {
        var (data, json) = (CliShared.Data(), CliShared.AsJson());
        var file = new Option<string>("--file") { Description = "GeoJSON in WGS 84 with features of type LineString or MultiLineString.", Required = true };
        var command = new Command(
            "import",
            "Puts this file in the place of the roads before, at once; with a mistake in it nothing changes. Example: command-centre roads import --data /var/lib/centre --file roads.geojson")
        { data, file, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var (lines, points) = RoadBook.Import(centre.Folder, parsed.GetValue(file)!);
            _ = centre.Database.Write(transaction =>
            {
                AuditTable.Add(transaction, new AuditRow("command-line", "roads_imported", $"{lines} lines {points} points", ""), OpenCentre.Now);
                return 0;
            });
            if (parsed.GetValue(json))
                CliShared.Print(new { lines, points });
            else
                Console.Out.WriteLine($"{lines} roads with {points} points are installed.");
        });
        return command;
    }
}
