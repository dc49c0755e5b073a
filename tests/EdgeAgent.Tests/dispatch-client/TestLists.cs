using System.Buffers.Binary;
using System.Security.Cryptography;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>Lists that are right in everything, for tests that then spoil one thing.</summary>
internal static class TestLists
{
    public static readonly long Now = TestPki.Begin.AddDays(100).ToUnixTimeMilliseconds();
    public static readonly byte[] Model = SHA256.HashData("model"u8);
    private const long Hour = 3_600_000;

    public static Watchlist Plates() => new()
    {
        ListId = "stolen-1",
        Version = 3,
        Kind = ListKind.Plates,
        Category = ListCategory.StolenVehicle,
        Authority = "市公安局刑侦支队",
        LegalReference = "刑立字〔2026〕17号",
        Purpose = "recover stolen vehicles",
        Source = "stolen vehicle register",
        IssuedAtUnixMs = Now - Hour,
        ValidFromUnixMs = Now - Hour,
        ValidToUnixMs = Now + (48 * Hour),
        SizeCap = 100,
        TitleZh = "被盗车辆",
        TitleEn = "Stolen vehicles",
        Plates =
        {
            new PlateEntry { EntryId = "p1", Plate = "京A12345", PlateClass = PlateClass.Blue },
            new PlateEntry { EntryId = "p2", Plate = "京AD12345", PlateClass = PlateClass.Green },
        },
    };

    public static Watchlist Faces() => new()
    {
        ListId = "missing-1",
        Version = 1,
        Kind = ListKind.Faces,
        Category = ListCategory.MissingOrVulnerable,
        Authority = "市公安局治安支队",
        LegalReference = "失踪〔2026〕5号",
        Purpose = "find missing people",
        Source = "family",
        IssuedAtUnixMs = Now - Hour,
        ValidFromUnixMs = Now - Hour,
        ValidToUnixMs = Now + (20 * Hour),
        SizeCap = 10,
        EmbeddingModelSha256 = ByteString.CopyFrom(Model),
        FaceAuthorisation = new FaceAuthorisation
        {
            AuthorisedBy = "duty judge",
            Reference = "A-9",
            Purpose = "missing person",
            FromUnixMs = Now - Hour,
            ToUnixMs = Now + (20 * Hour),
        },
        Faces = { new FaceEntry { EntryId = "f1", SubjectReference = "case 7", Template = Template(1), Minor = true } },
    };

    public static ListCheck Check() => new() { NowUnixMs = Now, EmbeddingModelSha256 = Model, HeldVersion = 0 };

    public static byte[] Sign(this TestPki pki, Watchlist list) =>
        Envelopes.Sign(Envelopes.WatchlistType, list.ToByteArray(), [pki.IssuerSigner(), .. pki.Approvers()]).ToByteArray();

    public static ByteString Template(int seed, double length = 1)
    {
        var random = new Random(seed);
        var values = Enumerable.Range(0, 512).Select(_ => random.NextDouble() - 0.5).ToArray();
        var norm = Math.Sqrt(values.Sum(value => value * value));
        var bytes = new byte[512 * sizeof(float)];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), (float)(values[i] / norm * length));
        return ByteString.CopyFrom(bytes);
    }
}
