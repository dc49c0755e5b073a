using System.Text.Json;

namespace EdgeAgent.Rig.Clips;

/// <summary>Writes what the bench's two lists are to hold, in the form that `command-centre lists issue --file` takes.</summary>
internal static class WatchFiles
{
    public const string PlatesFile = "watch-plates.json";
    public const string FacesFile = "watch-faces.json";

    public static async Task WriteAsync(string folder, Cast cast, CancellationToken stop)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, PlatesFile), JsonSerializer.Serialize(Plates(cast), RigJson.Options), stop);
        string faces = Path.Combine(folder, FacesFile);
        // An empty list is no list: a centre would refuse it.
        if (cast.Persons.Any(p => p.Listed))
            await File.WriteAllTextAsync(faces, JsonSerializer.Serialize(Faces(cast), RigJson.Options), stop);
        else
            File.Delete(faces);
    }

    private static object Plates(Cast cast) => new
    {
        ListId = "bench-stolen-vehicles",
        Kind = "plates",
        Category = "stolen_vehicle",
        TitleZh = "被盗车辆（台架）",
        TitleEn = "Stolen vehicles (bench)",
        Authority = "台架分局 Bench precinct",
        LegalReference = "BENCH-2026-0001",
        Purpose = "Bench run: vehicles reported stolen.",
        Source = "rig",
        ValidHours = 24,
        Entries = cast.ListedPlates.Select((plate, i) => new { EntryId = $"plate-{i + 1:000}", Plate = plate.Text, PlateClass = plate.ClassName, VehicleClass = plate.Class == PlateClass.Yellow ? "van" : "car", Note = "" }),
    };

    private static object Faces(Cast cast) => new
    {
        ListId = "bench-missing-persons",
        Kind = "faces",
        Category = "missing_or_vulnerable",
        TitleZh = "走失人员（台架）",
        TitleEn = "Missing persons (bench)",
        Authority = "台架分局 Bench precinct",
        LegalReference = "BENCH-2026-0002",
        Purpose = "Bench run: find persons reported missing.",
        Source = "rig",
        ValidHours = 24,
        FaceAuthorisation = new { AuthorisedBy = "台架分局局长 Head of the bench precinct", Reference = "BENCH-FA-0001", Purpose = "Find persons reported missing." },
        Entries = cast.Persons.Where(p => p.Listed).Select((person, i) => new { EntryId = $"face-{i + 1:000}", SubjectReference = person.Id, DisplayName = $"走失人员 {i + 1}", Picture = person.EnrolPicture, Note = "" }),
    };
}
