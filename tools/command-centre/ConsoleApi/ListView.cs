using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>An issued list as people are shown it; its entries are read one by one, for a purpose.
/// They are counted with those that stand here alone, so that no count tells one from the other.</summary>
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

    public static IReadOnlyList<ListView> All(ListTable lists, RegisterTable registers)
    {
        var known = registers.All();
        return [.. lists.All().Select(list => Of(list, known.GetValueOrDefault(list.ListId)?.Count ?? 0))];
    }

    private static ListView Of(ListRow list, int here) => new()
    {
        ListId = list.ListId,
        Version = list.Version,
        Kind = ListWords.Word((ListKind)list.Kind),
        Category = ListWords.Word((ListCategory)list.Category),
        TitleZh = list.TitleZh,
        TitleEn = list.TitleEn,
        Entries = list.Entries + here,
        Authority = list.Authority,
        LegalReference = list.LegalReference,
        IssuedAtUnixMs = list.IssuedAt,
        ValidToUnixMs = list.ValidTo,
        Revoked = list.RevokedAt is not null,
    };
}
