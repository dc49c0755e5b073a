using EdgeAgent.Contract;

namespace EdgeAgent.Agent.Watchlists;

/// <summary>Why a list that this car held is no longer in use: a code for machines, a sentence in each language for people.</summary>
internal sealed record ListSentence(ListCondition Condition, string Code, string Zh, string En)
{
    public static ListSentence InUse { get; } = new(ListCondition.Loaded, "loaded", "名单有效。", "The list is in use.");

    public static ListSentence PastItsDate { get; } = new(
        ListCondition.Expired, ListRefusals.Expired, "名单已过期，停止比对。", "The list is past its date and is not matched against.");

    public static ListSentence Expired { get; } = new(
        ListCondition.Expired, ListRefusals.Expired, "名单已过期，密钥与内容已销毁。", "The list is past its date; its key and content are destroyed.");

    public static ListSentence OutOfContact { get; } = new(
        ListCondition.Expired, "out_of_contact", "长时间未联系上指挥中心，密钥与内容已销毁；恢复联系后重新下载。",
        "The centre was out of contact for too long; key and content are destroyed, and the list is fetched again once there is contact.");

    public static ListSentence Revoked { get; } = new(
        ListCondition.Revoked, "revoked", "名单已撤销，密钥与内容已销毁。", "The list was revoked; its key and content are destroyed.");

    public static ListSentence OtherList { get; } = new(
        ListCondition.Refused, "other_list", "收到的名单与所申请的不是同一份，不予使用。", "The list that came is not the one that was asked for, so it is not used.");

    public static ListSentence Delta { get; } = new(
        ListCondition.Refused, ListRefusals.DeltaWithoutBase, "增量名单与车上已有的版本不衔接，改取整份名单。", "The delta does not fit the version that the car holds; the whole list is fetched instead.");

    public static ListSentence EndedBefore { get; } = new(
        ListCondition.Refused, "ended_before", "该版本名单已过期或撤销，不再启用。", "This version of the list was ended before and does not come back.");

    public WatchlistVerdict ToVerdict() => new(null, Code, Zh, En);
}
