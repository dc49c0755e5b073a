using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Lists;

/// <summary>One thing that keeps a draft from being submitted, and where it stands ("" is the list itself, else the entry).</summary>
internal sealed record DraftProblem(string Code, string Place, string Zh, string En);

/// <summary>Holds a draft of the console against every rule and names all that is wrong at once, so that nobody mends it one by one.</summary>
internal static class DraftCheck
{
    public const int MostEntries = 5000;
    private const int MostProblems = 200;
    private const int MostText = 200;
    private const int FaceHours = 24, NamedIncidentHours = 72, PlateHours = 366 * 24;

    /// <param name="draft">As written.</param>
    /// <param name="units">Units that there are, and that its writer may see.</param>
    /// <param name="revokedEntries">Entries taken back for good.</param>
    public static IReadOnlyList<DraftProblem> Of(ListDraft draft, IReadOnlySet<string> units, IReadOnlySet<string> revokedEntries)
    {
        List<DraftProblem> found = [.. Claims(draft), .. Times(draft)];
        foreach (var unit in draft.Units.Where(unit => !units.Contains(unit)))
            found.Add(new("unknown_unit", unit, $"没有车辆 {unit}，或不在您的辖区", $"There is no car {unit}, or not in your district"));
        found.AddRange(Entries(draft, revokedEntries));
        return [.. found.Take(MostProblems)];
    }

    private static IEnumerable<DraftProblem> Claims(ListDraft draft)
    {
        if (!IsId(draft.ListId, 32))
            yield return new("bad_list_id", "", "名单编号须为 1 至 32 个字母、数字、-、_ 或 .", "The list's id has 1 to 32 letters, digits, -, _ or .");
        if (draft.Kind is not ("plates" or "faces"))
            yield return new("no_kind", "", "种类须为号牌或人脸", "The kind is plates or faces");
        if (ListWords.Category(draft.Category) is not { } category)
            yield return new("no_category", "", "没有选择法定类别", "No category of the closed set is chosen");
        else if (draft.Kind == "faces" && category is ListCategory.StolenVehicle or ListCategory.NamedIncidentVehicle)
            yield return new("faces_in_plate_category", "", "此类别只能布控号牌", "This category is for plates only");
        foreach (var (code, zh, en, value) in new[]
        {
            ("title_zh", "中文名称", "the Chinese title", draft.TitleZh), ("title_en", "英文名称", "the English title", draft.TitleEn),
            ("authority", "批准机关", "the authority", draft.Authority), ("legal_reference", "法律依据或文号", "the legal reference", draft.LegalReference),
            ("purpose", "用途", "the purpose", draft.Purpose), ("source", "来源", "the source", draft.Source),
        })
        {
            if (string.IsNullOrWhiteSpace(value) || value.Length > MostText)
                yield return new($"no_{code}", "", $"缺少{zh}，或超过 {MostText} 字", $"Missing or longer than {MostText} characters: {en}");
        }
        if (draft.Kind == "faces" && (draft.FaceAuthorisation is not { } face || new[] { face.AuthorisedBy, face.Reference, face.Purpose }.Any(string.IsNullOrWhiteSpace)))
            yield return new("no_face_authorisation", "", "人脸布控须写明由谁、以何文号、为何批准", "A list of faces needs who authorised it, under which reference, and for what");
    }

    private static IEnumerable<DraftProblem> Times(ListDraft draft)
    {
        var most = draft.Kind == "faces" ? FaceHours : draft.Category == "named_incident_vehicle" ? NamedIncidentHours : PlateHours;
        if (!(draft.ValidHours > 0 && draft.ValidHours <= most))
            yield return new("bad_valid_hours", "", $"有效时长须大于 0 且不超过 {most} 小时", $"It is valid for more than 0 and at most {most} hours");
    }

    private static IEnumerable<DraftProblem> Entries(ListDraft draft, IReadOnlySet<string> revokedEntries)
    {
        if (draft.Entries.Count is 0 or > MostEntries)
            yield return new("bad_entry_count", "", $"条目须为 1 至 {MostEntries} 条", $"A draft has 1 to {MostEntries} entries");
        var (ids, plates) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var entry in draft.Entries.Take(MostEntries))
        {
            if (!IsId(entry.EntryId, 64))
                yield return new("bad_entry_id", entry.EntryId, "条目编号须为 1 至 64 个字母、数字、-、_ 或 .", "An entry's id has 1 to 64 letters, digits, -, _ or .");
            else if (!ids.Add(entry.EntryId))
                yield return new("entry_twice", entry.EntryId, "条目编号重复", "This entry's id stands there twice");
            if (revokedEntries.Contains(entry.EntryId))
                yield return new("entry_revoked", entry.EntryId, "该条目已被撤销，须用新编号", "This entry was revoked: a new order needs a new id");
            if (entry.Canary)
                yield return new("canary_here", entry.EntryId, "诱饵条目不经审批，只能由管理员在命令行设置", "Canaries are no drafts: an administrator plants them by the command line");
            if (entry.Note?.Length > MostText || entry.DisplayName?.Length > MostText || entry.VehicleClass?.Length > MostText || entry.SubjectReference?.Length > MostText)
                yield return new("entry_too_long", entry.EntryId, $"条目文字超过 {MostText} 字", $"A text of this entry has more than {MostText} characters");
            foreach (var problem in draft.Kind == "faces" ? Face(draft, entry) : Plate(entry, plates))
                yield return problem;
        }
    }

    private static IEnumerable<DraftProblem> Plate(EntryDraft entry, HashSet<string> plates)
    {
        var bare = LookUpSubjects.BarePlate(entry.Plate ?? "");
        if (bare.Length is < 4 or > 16 || entry.Picture is not null)
            yield return new("no_plate", entry.EntryId, "号牌名单的每条须有一个号牌，且没有照片", "Each entry of a list of plates has a plate, and no picture");
        else if (!plates.Add(bare))
            yield return new("plate_twice", entry.EntryId, "号牌重复", "This plate stands there twice");
        if (entry.PlateClass is { Length: > 0 } plateClass && ListWords.PlateClass(plateClass) is null)
            yield return new("no_plate_class", entry.EntryId, "没有这种号牌", "There is no such class of plates");
    }

    private static IEnumerable<DraftProblem> Face(ListDraft draft, EntryDraft entry)
    {
        if (string.IsNullOrWhiteSpace(entry.Picture) || entry.Plate is { Length: > 0 })
            yield return new("no_picture", entry.EntryId, "人脸名单的每条须有一张照片，且没有号牌", "Each entry of a list of faces has a picture, and no plate");
        if (entry.Minor && draft.Category != "missing_or_vulnerable")
            yield return new("minor_not_allowed", entry.EntryId, "未成年人只能列入走失或需保护人员", "A minor may only be listed as missing or vulnerable");
    }

    private static bool IsId(string id, int most) => id.Length > 0 && id.Length <= most && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
