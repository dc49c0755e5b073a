using Patrol.Dispatch.V1;
using Refusals = EdgeAgent.Contract.ListRefusals;

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

    public static readonly IReadOnlyDictionary<string, Words> ListRefusals = new Dictionary<string, Words>
    {
        [Refusals.NotAnEnvelope] = new("无法解读", "Cannot be read"),
        [Refusals.NoSignature] = new("没有签名", "Not signed"),
        [Refusals.UnknownIssuer] = new("签发人不受信任", "Issuer not trusted"),
        [Refusals.BadSignature] = new("签名不符", "Signature does not match"),
        [Refusals.IssuerNotAllowedCategory] = new("签发人无权签发此类", "Issuer may not issue this category"),
        [Refusals.TooFewApprovers] = new("批准人不足", "Too few approvers"),
        [Refusals.NoKind] = new("没有种类", "No kind"),
        [Refusals.NoCategory] = new("没有类别", "No category"),
        [Refusals.NoAuthority] = new("没有下令机关", "No authority"),
        [Refusals.NoLegalReference] = new("没有法律文书编号", "No legal reference"),
        [Refusals.NoPurpose] = new("没有用途", "No purpose"),
        [Refusals.Expired] = new("已过有效期", "Its time has ended"),
        [Refusals.NotYetValid] = new("尚未生效", "Not valid yet"),
        [Refusals.TooLongValidity] = new("有效期过长", "Valid for too long"),
        [Refusals.OverSize] = new("条目过多", "Too long"),
        [Refusals.WrongModel] = new("模板来自另一个模型", "Templates of another model"),
        [Refusals.NoFaceAuthorisation] = new("没有人脸授权书", "No face authorisation"),
        [Refusals.FaceAuthorisationOutside] = new("不在人脸授权的时间内", "Outside its face authorisation"),
        [Refusals.MinorNotAllowed] = new("不得包含未成年人", "Minors not allowed"),
        [Refusals.FacesInPlateCategory] = new("此类别不得包含人脸", "Faces in a category for plates"),
        [Refusals.OlderThanHeld] = new("比车上已有的旧", "Older than the one held"),
        [Refusals.DeltaWithoutBase] = new("增量不衔接", "Delta without its base"),
        [Refusals.BadEntry] = new("有一条内容无效", "An entry is not valid"),
        ["other_list"] = new("不是所申请的名单", "Not the list that was asked for"),
        ["ended_before"] = new("该版本已结束", "This version was ended before"),
        [CodeCounts.Other] = Unnamed,
    };

    public static readonly IReadOnlyDictionary<string, Words> EventRefusals = new Dictionary<string, Words>
    {
        ["bad_id"] = new("标识有误", "Bad id"),
        ["bad_lane"] = new("通道有误", "Bad lane"),
        ["bad_number"] = new("编号有误", "Bad number"),
        ["bad_time"] = new("时间有误", "Bad time"),
        ["too_large"] = new("过大", "Too large"),
        ["bad_attachment"] = new("附件有误", "Bad attachment"),
        ["no_body"] = new("内容不明", "Unknown content"),
        ["bad_decision"] = new("裁定无法读取", "Unreadable decision"),
        ["bad_tombstone"] = new("删除记录有误", "Bad record of a deletion"),
        ["centre_only"] = new("只能由中心作出", "For the centre only"),
        ["bad_evidence"] = new("证据记录有误", "Bad record of evidence"),
        ["bad_scene"] = new("计数有误", "Bad counts"),
        ["bad_track"] = new("轨迹有误", "Bad track"),
        ["id_reused"] = new("标识重复使用", "Id used twice"),
        ["number_reused"] = new("编号重复使用", "Number used twice"),
        [CodeCounts.Other] = Unnamed,
    };

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
