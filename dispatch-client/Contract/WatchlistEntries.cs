using System.Buffers.Binary;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>The entries of a list whose signatures and claims hold.</summary>
internal static class WatchlistEntries
{
    private const int TemplateBytes = 512 * sizeof(float);
    private const int MaxIdCharacters = 64;
    private const int MaxPlateCharacters = 16;
    private const int MaxTextCharacters = 200;
    private const int MaxPortraitBytes = 64 << 10;

    // float32 rounding of 512 squares stays well below this.
    private const double NormTolerance = 1e-3;

    public static WatchlistVerdict? Check(Watchlist list, ListCheck check)
    {
        if (CheckSize(list, check) is { } overSize)
            return overSize;
        if (string.IsNullOrWhiteSpace(list.ListId) || list.ListId.Length > MaxIdCharacters)
            return Bad("list_id");
        if (list.DeltaFromVersion == 0 && list.RemovedEntryIds.Count > 0)
            return Bad("removed_entry_ids");
        var ids = new HashSet<string>(list.RemovedEntryIds.Count + list.Plates.Count + list.Faces.Count, StringComparer.Ordinal);
        foreach (var removed in list.RemovedEntryIds)
        {
            if (!IsId(removed) || !ids.Add(removed))
                return Bad("removed_entry_ids");
        }
        foreach (var plate in list.Plates)
        {
            if (!ids.Add(plate.EntryId) || !IsPlate(plate))
                return Bad(plate.EntryId);
        }
        foreach (var face in list.Faces)
        {
            if (!ids.Add(face.EntryId) || !IsFace(face))
                return Bad(face.EntryId);
            if (face.Minor && list.Category != ListCategory.MissingOrVulnerable)
                return ListRefusals.Refuse(ListRefusals.MinorNotAllowed, Shown(face.EntryId));
        }
        return null;
    }

    private static WatchlistVerdict? CheckSize(Watchlist list, ListCheck check)
    {
        var wrongKind = list.Kind == ListKind.Plates ? list.Faces.Count : list.Plates.Count;
        if (wrongKind > 0)
            return Bad("kind");
        var entries = list.Plates.Count + list.Faces.Count;
        var whole = list.DeltaFromVersion == 0 ? entries : Math.Max(entries, (long)list.EntriesAfter);
        var cap = Math.Min(list.SizeCap, list.Kind == ListKind.Faces ? check.MaxFaces : check.MaxPlates);
        return whole > cap ? ListRefusals.Refuse(ListRefusals.OverSize, $"{whole} > {cap}") : null;
    }

    private static bool IsPlate(PlateEntry plate) =>
        IsId(plate.EntryId)
        && plate.Plate.Length is > 0 and <= MaxPlateCharacters
        && !plate.Plate.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
        && plate.VehicleClass.Length <= MaxTextCharacters
        && plate.Note.Length <= MaxTextCharacters;

    private static bool IsFace(FaceEntry face) =>
        IsId(face.EntryId)
        && face.PortraitJpeg.Length <= MaxPortraitBytes
        && face.SubjectReference.Length <= MaxTextCharacters
        && face.DisplayName.Length <= MaxTextCharacters
        && face.Note.Length <= MaxTextCharacters
        && IsTemplate(face.Template.Span);

    private static bool IsTemplate(ReadOnlySpan<byte> template)
    {
        if (template.Length != TemplateBytes)
            return false;
        var squares = 0.0;
        for (var at = 0; at < template.Length; at += sizeof(float))
        {
            var value = BinaryPrimitives.ReadSingleLittleEndian(template[at..]);
            squares += (double)value * value;
        }
        // NaN and infinities fail the comparison as well.
        return Math.Abs(squares - 1) <= NormTolerance;
    }

    private static bool IsId(string id) => id.Length is > 0 and <= MaxIdCharacters && !id.Any(char.IsControl);

    private static WatchlistVerdict Bad(string where) => ListRefusals.Refuse(ListRefusals.BadEntry, Shown(where));

    private static string Shown(string id) => id.Length is > 0 and <= MaxIdCharacters && !id.Any(char.IsControl) ? id : "?";
}
