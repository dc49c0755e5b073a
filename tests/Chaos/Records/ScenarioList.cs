using System.Buffers.Binary;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Chaos.Records;

/// <summary>A list that cars take: version 1, in force from its issue.</summary>
internal static class ScenarioList
{
    public const string ListId = "list-1";

    /// <summary>Of the face templates in it.</summary>
    public static byte[] Model { get; } = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    public static Watchlist Plates(long fromUnixMs, long toUnixMs)
    {
        Watchlist list = New(ListKind.Plates, ListCategory.StolenVehicle, fromUnixMs, toUnixMs);
        list.Plates.Add(new PlateEntry { EntryId = "p1", Plate = "京A12345", PlateClass = PlateClass.Blue });
        list.Plates.Add(new PlateEntry { EntryId = "p2", Plate = "京B67890", PlateClass = PlateClass.Blue });
        return list;
    }

    public static Watchlist Faces(long fromUnixMs, long toUnixMs)
    {
        Watchlist list = New(ListKind.Faces, ListCategory.MissingOrVulnerable, fromUnixMs, toUnixMs);
        byte[] template = new byte[512 * sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(template, 1);
        list.EmbeddingModelSha256 = ByteString.CopyFrom(Model);
        list.FaceAuthorisation = new FaceAuthorisation { AuthorisedBy = "duty judge", Reference = "A-1", Purpose = "missing person", FromUnixMs = fromUnixMs, ToUnixMs = toUnixMs };
        list.Faces.Add(new FaceEntry { EntryId = "f1", SubjectReference = "case 1", Template = ByteString.CopyFrom(template) });
        return list;
    }

    private static Watchlist New(ListKind kind, ListCategory category, long fromUnixMs, long toUnixMs) => new()
    {
        ListId = ListId,
        Version = 1,
        Kind = kind,
        Category = category,
        Authority = "市公安局",
        LegalReference = "〔2026〕1号",
        Purpose = "chaos",
        Source = "bench",
        IssuedAtUnixMs = fromUnixMs,
        ValidFromUnixMs = fromUnixMs,
        ValidToUnixMs = toUnixMs,
        SizeCap = 10,
        TitleZh = "名单",
        TitleEn = "List",
    };
}
