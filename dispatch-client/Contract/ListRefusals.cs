using System.Collections.Frozen;

namespace EdgeAgent.Contract;

/// <summary>Why a list is refused: stable codes for machines, one sentence each for people.</summary>
public static class ListRefusals
{
    public const string NotAnEnvelope = "not_an_envelope";
    public const string NoSignature = "unsigned";
    public const string UnknownIssuer = "unknown_issuer";
    public const string BadSignature = "bad_signature";
    public const string IssuerNotAllowedCategory = "issuer_not_allowed_category";
    public const string TooFewApprovers = "too_few_approvers";
    public const string NoKind = "no_kind";
    public const string NoCategory = "no_category";
    public const string NoAuthority = "no_authority";
    public const string NoLegalReference = "no_legal_reference";
    public const string NoPurpose = "no_purpose";
    public const string Expired = "expired";
    public const string NotYetValid = "not_yet_valid";
    public const string TooLongValidity = "too_long_validity";
    public const string OverSize = "over_size";
    public const string WrongModel = "wrong_model";
    public const string NoFaceAuthorisation = "no_face_authorisation";
    public const string FaceAuthorisationOutside = "face_authorisation_outside";
    public const string MinorNotAllowed = "minor_not_allowed";
    public const string FacesInPlateCategory = "faces_in_plate_category";
    public const string OlderThanHeld = "older_than_held";
    public const string DeltaWithoutBase = "delta_without_base";
    public const string BadEntry = "bad_entry";

    private static readonly FrozenDictionary<string, (string Zh, string En)> Sentences = new Dictionary<string, (string, string)>
    {
        [NotAnEnvelope] = ("文件不是布控名单：无法解读。", "This is not a watchlist: its bytes cannot be read as one."),
        [NoSignature] = ("名单没有签发人的签名，不予使用。", "The list is not signed by an issuer, so it is not used."),
        [UnknownIssuer] = ("名单的签发人不受信任：证书不是由本车认可的根签发，或已过期。", "The list's issuer is not trusted: the certificate does not come from a root this car knows, or has ended."),
        [BadSignature] = ("名单的签名不符：内容在签名之后被改动，或签名已损坏。", "A signature on the list does not match: the list was changed after it was signed, or the signature is damaged."),
        [IssuerNotAllowedCategory] = ("签发人无权签发此类名单。", "The issuer's certificate does not allow this category of list."),
        [TooFewApprovers] = ("批准人不足：须有两名不同的批准人，且都不是签发人。", "Too few approvers: it takes two different ones, and the issuer does not count."),
        [NoKind] = ("名单没有说明是车牌还是人脸。", "The list does not say whether it holds plates or faces."),
        [NoCategory] = ("名单没有类别，或类别不在允许的范围内。", "The list has no category, or one outside the closed set."),
        [NoAuthority] = ("名单没有写明由谁下令布控。", "The list does not say who ordered it."),
        [NoLegalReference] = ("名单没有法律文书编号。", "The list has no legal reference."),
        [NoPurpose] = ("名单没有写明用途。", "The list does not say its purpose."),
        [Expired] = ("名单已过有效期。", "The list's time has ended."),
        [NotYetValid] = ("名单尚未生效。", "The list is not valid yet."),
        [TooLongValidity] = ("名单的有效期超过了此类名单允许的长度。", "The list is valid for longer than its kind may be."),
        [OverSize] = ("名单超过了允许的大小，整份不予使用。", "The list is longer than allowed, so none of it is used."),
        [WrongModel] = ("人脸模板来自另一个模型，无法比对。", "The face templates come from another model and cannot be compared here."),
        [NoFaceAuthorisation] = ("人脸名单没有授权书。", "The list holds faces but no face authorisation."),
        [FaceAuthorisationOutside] = ("名单的有效期或当前时间不在人脸授权的时间之内。", "The list's time, or the present time, lies outside its face authorisation."),
        [MinorNotAllowed] = ("只有失踪或需要帮助人员的名单才可以包含未成年人。", "Minors are allowed only on lists of missing or vulnerable people."),
        [FacesInPlateCategory] = ("此类别只适用于车牌，不能包含人脸。", "This category is for plates only and cannot hold faces."),
        [OlderThanHeld] = ("名单比车上已有的版本旧。", "The list is older than the version that the car holds."),
        [DeltaWithoutBase] = ("增量名单与车上已有的版本不衔接，需要整份名单。", "The delta does not build on the version that the car holds; the full list is needed."),
        [BadEntry] = ("名单中有一条内容无效，整份不予使用。", "An entry of the list is not valid, so none of it is used."),
    }.ToFrozenDictionary();

    /// <summary>Every code, for pages and tests.</summary>
    public static IEnumerable<string> Codes => Sentences.Keys;

    /// <summary>The refusal as a verdict; the detail (numbers, an entry's id, never a plate, name or template) follows in both languages.</summary>
    internal static WatchlistVerdict Refuse(string code, string? detail = null)
    {
        var (zh, en) = Sentences[code];
        return detail is null
            ? new(null, code, zh, en)
            : new(null, code, $"{zh}（{detail}）", $"{en} ({detail})");
    }
}
