using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.PublicReports;

/// <summary>The closed sets that reports speak of, in both languages. What is in none of them is called "other": it may be anything.</summary>
internal static class PublicWords
{
    /// <summary>Ids by which a camera's place is known in all cars; any other id might be somebody's name.</summary>
    public static readonly IReadOnlyList<string> Cameras = ["cam1", "cam2", "cam3", "cam4", "cam5", "cam6", "cam7", "cam8", "roof", "ptz"];

    public static readonly IReadOnlyList<(ListCategory Key, IReadOnlyList<ListKind> Kinds, Words Words)> Categories =
    [
        (ListCategory.WantedWarrant, [ListKind.Plates, ListKind.Faces], new("在逃人员（有逮捕令）", "Wanted under warrant")),
        (ListCategory.MissingOrVulnerable, [ListKind.Plates, ListKind.Faces], new("走失或需保护人员", "Missing or vulnerable person")),
        (ListCategory.CourtOrder, [ListKind.Plates, ListKind.Faces], new("法院令", "Court order")),
        (ListCategory.StolenVehicle, [ListKind.Plates], new("被盗车辆", "Stolen vehicle")),
        (ListCategory.NamedIncidentVehicle, [ListKind.Plates], new("涉案车辆（具名事件）", "Vehicle tied to a named incident")),
    ];

    public static readonly IReadOnlyDictionary<string, Words> Reasons = new Dictionary<string, Words>
    {
        ["not_same_plate"] = new("不是同一号牌", "Not the same plate"),
        ["not_same_vehicle"] = new("不是同一车辆", "Not the same vehicle"),
        ["not_same_person"] = new("不是同一人", "Not the same person"),
        ["listed_in_error"] = new("布控有误", "Listed in error"),
        ["already_handled"] = new("已处置", "Already handled"),
        [CodeCounts.Other] = Unnamed,
    };

    public static readonly IReadOnlyDictionary<string, Words> Contradictions = new Dictionary<string, Words>
    {
        ["one_character"] = new("有一个字与名单不同", "One character differs from the list"),
        ["doubtful_character"] = new("有的字识别不确定", "A character was read with doubt"),
        ["rival_reading"] = new("另一种读法几乎同样可信", "Another reading is almost as likely"),
        ["plate_colour"] = new("号牌颜色或种类与名单不符", "The plate's colour or type differs"),
        ["vehicle_class"] = new("号牌种类与所写车型不符", "The plate does not go with the listed vehicle"),
        ["near_threshold"] = new("相似度接近报警线", "The similarity is close to the alert line"),
        ["rival_person"] = new("名单上另一人几乎同样相似", "Another listed person is almost as similar"),
        ["list_old"] = new("名单签发已久", "The list is old"),
        ["outside_area"] = new("不在名单适用区域内", "Outside the list's area"),
        ["area_unknown"] = new("没有定位，不知是否在适用区域内", "Position unknown, so is the area"),
        ["clock_untrusted"] = new("车上时间不可信", "The car's clock is not trusted"),
        [CodeCounts.Other] = Unnamed,
    };

    public static readonly IReadOnlyDictionary<string, Words> ListRefusals = EdgeAgent.Contract.ListRefusals.Codes
        .Concat(["other_list", "ended_before", CodeCounts.Other])
        .ToDictionary(code => code, code => code == CodeCounts.Other ? Unnamed : Words.Same(code));

    public static readonly IReadOnlyDictionary<string, Words> EventRefusals = new[]
    {
        "bad_id", "bad_lane", "bad_number", "bad_time", "too_large", "bad_attachment", "no_body", "bad_decision", "bad_tombstone",
        "centre_only", "bad_evidence", "bad_scene", "bad_track", "id_reused", "number_reused", CodeCounts.Other,
    }.ToDictionary(code => code, code => code == CodeCounts.Other ? Unnamed : Words.Same(code));

    public static readonly IReadOnlyDictionary<string, Words> RequestKinds = new Dictionary<string, Words>
    {
        ["access"] = new("查阅", "Access"),
        ["correction"] = new("更正", "Correction"),
        ["deletion"] = new("删除", "Deletion"),
        ["objection"] = new("反对", "Objection"),
        ["complaint"] = new("投诉", "Complaint"),
    };

    public static Words Unnamed => new("其他", "Other");

    public static Words Unknown => new("类别不明", "Category unknown");

    public static Words Of(ListKind kind) => kind switch
    {
        ListKind.Plates => new("车牌", "Plates"),
        ListKind.Faces => new("人脸", "Faces"),
        _ => new("种类不明", "Kind unknown"),
    };

    public static Words Of(ListCategory category) => Categories.Where(entry => entry.Key == category).Select(entry => entry.Words).FirstOrDefault(Unknown);
}
