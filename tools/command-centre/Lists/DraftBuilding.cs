using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Lists;

/// <summary>What was written to the list that is to be signed: checked whole, then built, then held against the cars' own check.</summary>
internal sealed class DraftBuilding(CentreDatabase database, ListTable lists, UnitTable units, TimeProvider time)
{
    private const string DataUrl = "data:image/";

    /// <summary>All that is wrong, at once; empty where it can be submitted, as far as can be known without its pictures.</summary>
    public IReadOnlyList<DraftProblem> Problems(WrittenDraft written, string district)
    {
        var known = units.All().Where(unit => unit.RevokedAt is null && (district.Length == 0 || unit.District == district)).Select(unit => unit.UnitId).ToHashSet(StringComparer.Ordinal);
        var revoked = database.Read(c => EntryRevocations.Of(c, null, written.List.ListId));
        if (!written.Based)
            return [.. DraftCheck.Of(written.List, known, revoked), .. Reach(written.List, district), .. NotAnew(written.List.ListId)];
        if (InForce(written.List.ListId) is not { } before)
            return [new("list_not_in_force", "", "该名单不在有效期内，无法修改或延期", "The list is not in force: it cannot be changed or extended")];
        var after = Merged(written, before);
        List<DraftProblem> found = [.. DraftCheck.Of(written.List, known, revoked).Where(problem => problem.Code != "bad_entry_count"), .. Reach(written.List, district)];
        var ids = ListedEntry.Of(before).Select(entry => entry.EntryId).ToHashSet(StringComparer.Ordinal);
        foreach (var id in written.Remove.Where(id => !ids.Contains(id)))
            found.Add(new("unknown_entry", id, "名单中没有此条目", "The list has no such entry"));
        if (after.Plates.Count + after.Faces.Count + written.List.Entries.Count is 0 or > DraftCheck.MostEntries)
            found.Add(new("bad_entry_count", "", $"条目须为 1 至 {DraftCheck.MostEntries} 条", $"A list of the console has 1 to {DraftCheck.MostEntries} entries"));
        return found;
    }

    /// <summary>A change takes what the list in force stands on: its entries were approved on just that.</summary>
    public WrittenDraft OnItsBase(WrittenDraft written) => !written.Based || InForce(written.List.ListId) is not { } before ? written : written with
    {
        List = written.List with
        {
            Kind = ListWords.Word(before.Kind),
            Category = ListWords.Word(before.Category),
            TitleZh = before.TitleZh,
            TitleEn = before.TitleEn,
            Authority = before.Authority,
            LegalReference = before.LegalReference,
            Purpose = before.Purpose,
            Source = before.Source,
            Units = lists.UnitsOf(before.ListId),
            FaceAuthorisation = before.FaceAuthorisation is not { } face
                ? null
                : new FaceAuthorisationDraft { AuthorisedBy = face.AuthorisedBy, Reference = face.Reference, Purpose = face.Purpose },
        },
    };

    /// <summary>The list without its version. Reads pictures, which takes its time.</summary>
    /// <exception cref="CentreException">A picture cannot be used, or a car would refuse the list.</exception>
    public Watchlist Build(WrittenDraft written)
    {
        var list = written.Based ? Changed(written) : ListBuilder.Build(written.List, Enrol, time);
        list.Version = 1;
        var verdict = ListTrial.Verdict(list, time.GetUtcNow());
        return verdict.Accepted ? list : throw new CentreException($"{verdict.SentenceZh} / {verdict.SentenceEn} [{verdict.Code}]");
    }

    private Watchlist Changed(WrittenDraft written)
    {
        var before = InForce(written.List.ListId) ?? throw new CentreException($"List '{written.List.ListId}' is in force no longer.");
        var after = Merged(written, before);
        var issued = (time.GetUtcNow() - TimeSpan.FromMinutes(1)).ToUnixTimeMilliseconds();
        (after.IssuedAtUnixMs, after.ValidFromUnixMs) = (issued, issued);
        after.ValidToUnixMs = issued + (long)TimeSpan.FromHours(written.List.ValidHours).TotalMilliseconds;
        if (after.FaceAuthorisation is { } face)
            (face.FromUnixMs, face.ToUnixMs) = (after.ValidFromUnixMs, after.ValidToUnixMs);
        if (written.List.Entries.Count > 0)
        {
            var added = ListBuilder.Build(written.List, Enrol, time);
            if (added.EmbeddingModelSha256 != before.EmbeddingModelSha256)
                throw new CentreException("The face model has changed since this list was issued: draft the list anew with all its pictures.");
            after.Plates.AddRange(added.Plates);
            after.Faces.AddRange(added.Faces);
        }
        after.SizeCap = (uint)(after.Plates.Count + after.Faces.Count);
        return after;
    }

    /// <summary>What stays of the list in force.</summary>
    private Watchlist Merged(WrittenDraft written, Watchlist before)
    {
        var gone = written.Remove.Concat(written.List.Entries.Select(entry => entry.EntryId)).ToHashSet(StringComparer.Ordinal);
        gone.UnionWith(database.Read(c => EntryRevocations.Of(c, null, before.ListId)));
        var after = before.Clone();
        after.Plates.Clear();
        after.Plates.AddRange(before.Plates.Where(plate => !gone.Contains(plate.EntryId)));
        after.Faces.Clear();
        after.Faces.AddRange(before.Faces.Where(face => !gone.Contains(face.EntryId)));
        return after;
    }

    private static IEnumerable<DraftProblem> Reach(ListDraft draft, string district) => district.Length == 0 || draft.Units.Count > 0
        ? []
        : [new("units_required", "", "分局名单须指明本辖区的车辆", "A list of a district names the cars of its district")];

    private IEnumerable<DraftProblem> NotAnew(string listId) => lists.All().FirstOrDefault(list => list.ListId == listId) is { RevokedAt: not null }
        ? [new("list_revoked", "", "该编号的名单已撤销，须用新编号", "A list of this id was revoked: a new order needs a new id")]
        : [];

    private Watchlist? InForce(string listId) => lists.InForce(listId, time.GetUtcNow().ToUnixTimeMilliseconds());

    // In memory alone: an unsealed face has no business on a disk, and the reader of pictures wants a path.
    private static EnrolledFace Enrol(FacePictures pictures, EntryDraft entry)
    {
        var comma = entry.Picture!.IndexOf(',', StringComparison.Ordinal);
        if (!entry.Picture.StartsWith(DataUrl, StringComparison.Ordinal) || comma < 0)
            throw new CentreException($"Entry '{entry.EntryId}': the picture is not an uploaded picture.");
        var memory = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        var path = Path.Combine(memory, $"centre-{Guid.NewGuid():N}");
        try
        {
            PrivateFiles.Write(path, Convert.FromBase64String(entry.Picture[(comma + 1)..]));
            return pictures.Enrol(path);
        }
        catch (Exception e) when (e is CentreException or FormatException)
        {
            throw new CentreException($"Entry '{entry.EntryId}': {e.Message.Replace(path, "the picture", StringComparison.Ordinal)}", e);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
