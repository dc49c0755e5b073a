using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Lists;

/// <summary>A draft to a list that can be signed: dated, with templates and portraits, not yet numbered.</summary>
internal static class ListBuilder
{
    private const int MostHours = 366 * 24;

    // The list begins a little before now: clocks of cars are not exactly ours.
    private static readonly TimeSpan Backdated = TimeSpan.FromMinutes(1);

    /// <param name="draft">As read.</param>
    /// <param name="picturesBase">Folder that relative picture paths start from.</param>
    /// <exception cref="CentreException">Something is missing or impossible; the message names list and entry.</exception>
    public static Watchlist Build(ListDraft draft, string picturesBase, TimeProvider time) =>
        Build(draft, (pictures, entry) => pictures.Enrol(Path.Combine(picturesBase, entry.Picture!)), time);

    /// <param name="draft">As read.</param>
    /// <param name="enrol">An entry's picture to a face.</param>
    /// <exception cref="CentreException">As above.</exception>
    public static Watchlist Build(ListDraft draft, Func<FacePictures, EntryDraft, EnrolledFace> enrol, TimeProvider time)
    {
        if (!(draft.ValidHours is > 0 and <= MostHours))
            throw new CentreException($"List '{draft.ListId}': validHours must be above 0 and at most {MostHours}.");
        // A canary is for who reads the list here, never for a car.
        draft = draft with { Entries = [.. draft.Entries.Where(entry => !entry.Canary)] };
        if (draft.Entries.Count == 0)
            throw new CentreException($"List '{draft.ListId}' has no entries.");
        var now = time.GetUtcNow();
        var issued = (now - Backdated).ToUnixTimeMilliseconds();
        // Counted from the (backdated) issue, so that a list for 24 hours is not a minute too long.
        var list = new Watchlist
        {
            ListId = draft.ListId,
            Kind = draft.KindValue(),
            Category = draft.CategoryValue(),
            TitleZh = draft.TitleZh,
            TitleEn = draft.TitleEn,
            Authority = draft.Authority,
            LegalReference = draft.LegalReference,
            Purpose = draft.Purpose,
            Source = draft.Source,
            IssuedAtUnixMs = issued,
            ValidFromUnixMs = issued,
            ValidToUnixMs = issued + (long)TimeSpan.FromHours(draft.ValidHours).TotalMilliseconds,
            SizeCap = (uint)draft.Entries.Count,
        };
        if (list.Kind == ListKind.Plates)
            list.Plates.AddRange(draft.Entries.Select(entry => Plate(draft, entry)));
        else
            AddFaces(list, draft, enrol);
        return list;
    }

    /// <summary>The draft's canaries as they are read at the centre.</summary>
    public static IReadOnlyList<ListedEntry> Canaries(ListDraft draft) => [.. draft.Entries.Where(entry => entry.Canary).Select(entry =>
        draft.KindValue() == ListKind.Plates
            ? ListedEntry.Of(Plate(draft, entry))
            : new ListedEntry { EntryId = entry.EntryId, Plate = entry.Plate ?? "", SubjectReference = entry.SubjectReference ?? "", DisplayName = entry.DisplayName ?? "", Note = entry.Note ?? "" })];

    private static PlateEntry Plate(ListDraft draft, EntryDraft entry)
    {
        if (string.IsNullOrWhiteSpace(entry.Plate) || entry.Picture is not null)
            throw new CentreException($"List '{draft.ListId}', entry '{entry.EntryId}': a list of plates needs a plate in each entry, and no picture.");
        var plateClass = entry.PlateClass is null or ""
            ? PlateClass.Unspecified
            : ListWords.PlateClass(entry.PlateClass)
                ?? throw new CentreException(
                    $"List '{draft.ListId}', entry '{entry.EntryId}': '{entry.PlateClass}' is not a class of plates. "
                    + $"There are: {string.Join(", ", ListWords.PlateClasses)}.");
        return new PlateEntry
        {
            EntryId = entry.EntryId,
            Plate = LookUpSubjects.BarePlate(entry.Plate),
            PlateClass = plateClass,
            VehicleClass = entry.VehicleClass ?? "",
            Note = entry.Note ?? "",
        };
    }

    private static void AddFaces(Watchlist list, ListDraft draft, Func<FacePictures, EntryDraft, EnrolledFace> enrol)
    {
        if (draft.FaceAuthorisation is { } authorisation)
        {
            list.FaceAuthorisation = new FaceAuthorisation
            {
                AuthorisedBy = authorisation.AuthorisedBy,
                Reference = authorisation.Reference,
                Purpose = authorisation.Purpose,
                FromUnixMs = list.ValidFromUnixMs,
                ToUnixMs = list.ValidToUnixMs,
            };
        }
        using var pictures = new FacePictures();
        list.EmbeddingModelSha256 = ByteString.CopyFrom(pictures.ModelSha256);
        foreach (var entry in draft.Entries)
        {
            if (string.IsNullOrWhiteSpace(entry.Picture) || entry.Plate is not null)
                throw new CentreException($"List '{draft.ListId}', entry '{entry.EntryId}': a list of faces needs a picture in each entry, and no plate.");
            var face = enrol(pictures, entry);
            list.Faces.Add(new FaceEntry
            {
                EntryId = entry.EntryId,
                SubjectReference = entry.SubjectReference ?? "",
                DisplayName = entry.DisplayName ?? "",
                Template = ByteString.CopyFrom(face.Template),
                PortraitJpeg = ByteString.CopyFrom(face.PortraitJpeg),
                Minor = entry.Minor,
                Note = entry.Note ?? "",
            });
        }
    }
}
