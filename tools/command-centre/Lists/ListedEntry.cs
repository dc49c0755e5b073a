using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Lists;

/// <summary>An entry as it is read at the centre, in words: no template, no picture.</summary>
internal sealed record ListedEntry
{
    public string EntryId { get; init; } = "";
    public string Plate { get; init; } = "";
    public string PlateClass { get; init; } = "";
    public string VehicleClass { get; init; } = "";
    public string SubjectReference { get; init; } = "";
    public string DisplayName { get; init; } = "";
    public string Note { get; init; } = "";

    public static IEnumerable<ListedEntry> Of(Watchlist list) => list.Plates.Select(Of).Concat(list.Faces.Select(face => new ListedEntry
    {
        EntryId = face.EntryId,
        SubjectReference = face.SubjectReference,
        DisplayName = face.DisplayName,
        Note = face.Note,
    }));

    public static ListedEntry Of(PlateEntry plate) => new()
    {
        EntryId = plate.EntryId,
        Plate = plate.Plate,
        PlateClass = plate.PlateClass == Patrol.Dispatch.V1.PlateClass.Unspecified ? "" : ListWords.Word(plate.PlateClass),
        VehicleClass = plate.VehicleClass,
        Note = plate.Note,
    };

    /// <summary>By id, plate, or the case's own number; not by name.</summary>
    public bool Answers(string search) => EntryId.Contains(search, StringComparison.OrdinalIgnoreCase)
        || SubjectReference.Contains(search, StringComparison.OrdinalIgnoreCase)
        || (Plate.Length > 0 && LookUpSubjects.BarePlate(search) is { Length: > 1 } plain && Plate.Contains(plain, StringComparison.Ordinal));
}
