using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>An issued list as people are shown it; its entries are nobody's reading at the console.</summary>
internal sealed record ListView
{
    public required string ListId { get; init; }
    public long Version { get; init; }
    public required string Kind { get; init; }
    public required string Category { get; init; }
    public required string TitleZh { get; init; }
    public required string TitleEn { get; init; }
    public int Entries { get; init; }
    public required string Authority { get; init; }
    public required string LegalReference { get; init; }
    public long IssuedAtUnixMs { get; init; }
    public long ValidToUnixMs { get; init; }
    public bool Revoked { get; init; }

    public static IReadOnlyList<ListView> All(ListTable lists) => [.. lists.All().Select(list => new ListView
    {
        ListId = list.ListId,
        Version = list.Version,
        Kind = ListWords.Word((ListKind)list.Kind),
        Category = ListWords.Word((ListCategory)list.Category),
        TitleZh = list.TitleZh,
        TitleEn = list.TitleEn,
        Entries = list.Entries,
        Authority = list.Authority,
        LegalReference = list.LegalReference,
        IssuedAtUnixMs = list.IssuedAt,
        ValidToUnixMs = list.ValidTo,
        Revoked = list.RevokedAt is not null,
    })];
}
