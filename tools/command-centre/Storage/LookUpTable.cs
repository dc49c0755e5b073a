using System.Data.Common;
using System.Text;
using Dapper;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>A look-up that came before.</summary>
/// <param name="Code">"" when it was answered.</param>
/// <param name="Request">Null once erased, and of one that was too large to be kept.</param>
internal sealed record KnownLookUp(string UnitId, string OfficerId, string Code, long AskedAt, LookUpRequest? Request);

/// <summary>Who looked something up, when and for which purpose. What was asked about lies sealed, and goes on its clock.</summary>
internal sealed class LookUpTable(Sealing sealing)
{
    // A request that the rules pass is smaller; only the shape of others is worth keeping.
    private const int MostSealedBytes = 4096, MostCheckedAtOnce = 1000;

    public void Add(DbTransaction transaction, string unitId, string officerId, LookUpRequest request, string code, long nowUnixMs) => transaction.Connection!.Execute(
        "INSERT INTO look_ups VALUES (@id, @unitId, @officerId, @kind, @purpose, @code, @nowUnixMs, @mac, @box, CASE WHEN @code <> '' THEN 1 ELSE 0 END, NULL)",
        new
        {
            id = request.Id.ToByteArray(),
            unitId,
            officerId,
            kind = LookUpRules.Word(request.Kind),
            purpose = LookUpRules.Word(request.Purpose),
            code,
            nowUnixMs,
            mac = Mac(request),
            box = request.CalculateSize() <= MostSealedBytes ? sealing.Seal(request.ToByteArray()) : null,
        },
        transaction);

    public KnownLookUp? Find(DbTransaction transaction, byte[] requestId)
    {
        var row = transaction.Connection!.QuerySingleOrDefault<(string Unit, string Officer, string Code, long At, byte[]? Box)?>(
            "SELECT unit_id, officer_id, code, asked_at, sealed FROM look_ups WHERE request_id = @requestId", new { requestId }, transaction);
        return row is { } r ? new KnownLookUp(r.Unit, r.Officer, r.Code, r.At, Open(r.Box)) : null;
    }

    /// <summary>When the nth of the answered ones before now was asked; null where there are fewer.</summary>
    public static long? NthNewest(DbTransaction transaction, string column, string who, int nth) => transaction.Connection!.ExecuteScalar<long?>(
        $"SELECT asked_at FROM look_ups WHERE {column} = @who AND code = '' ORDER BY asked_at DESC LIMIT 1 OFFSET @before", new { who, before = nth - 1 }, transaction);

    public long CountSame(DbTransaction transaction, string officerId, LookUpRequest request, long sinceUnixMs) => transaction.Connection!.ExecuteScalar<long>(
        "SELECT count(*) FROM look_ups WHERE officer_id = @officerId AND asked_at > @sinceUnixMs AND code = '' AND mac = @mac",
        new { officerId, sinceUnixMs, mac = Mac(request) }, transaction);

    /// <summary>Answered ones that were asked before this and not yet held against sign-ins; they count as held against them from here on.</summary>
    public IReadOnlyList<(byte[] Id, string UnitId, string OfficerId, LookUpRequest? Request)> TakeUnchecked(DbTransaction transaction, long askedBeforeUnixMs) =>
        transaction.Connection!.Query<(byte[] Id, string Unit, string Officer, byte[]? Box)>(
            """
            UPDATE look_ups SET session_checked = 1 WHERE request_id IN
                (SELECT request_id FROM look_ups WHERE session_checked = 0 AND asked_at < @askedBeforeUnixMs ORDER BY asked_at LIMIT @MostCheckedAtOnce)
            RETURNING request_id, unit_id, officer_id, sealed
            """,
            new { askedBeforeUnixMs, MostCheckedAtOnce }, transaction).AsList()
        .Select(r => (r.Id, r.Unit, r.Officer, Open(r.Box))).ToList();

    /// <summary>Forgets what was asked about before this.</summary>
    /// <returns>How many.</returns>
    public static int Erase(DbTransaction transaction, long askedBeforeUnixMs, long nowUnixMs) => transaction.Connection!.Execute(
        "UPDATE look_ups SET mac = NULL, sealed = NULL, erased_at = @nowUnixMs WHERE erased_at IS NULL AND asked_at < @askedBeforeUnixMs",
        new { nowUnixMs, askedBeforeUnixMs }, transaction);

    /// <summary>The newest first, without what was asked about.</summary>
    public static IReadOnlyList<LookUpRow> List(DbConnection connection, string? officerId, int most) => connection.Query<LookUpRow>(
        """
        SELECT request_id AS RequestId, unit_id AS UnitId, officer_id AS OfficerId, kind AS Kind, purpose AS Purpose, code AS Code, asked_at AS AskedAt, erased_at AS ErasedAt
        FROM look_ups WHERE @officerId IS NULL OR officer_id = @officerId ORDER BY asked_at DESC LIMIT @most
        """,
        new { officerId, most }).AsList();

    private byte[] Mac(LookUpRequest request) => sealing.Mac("look-up", Encoding.UTF8.GetBytes($"{(int)request.Kind} {request.Subject}"));

    private LookUpRequest? Open(byte[]? box) => box is null ? null : LookUpRequest.Parser.ParseFrom(sealing.Open(box));
}

internal sealed record LookUpRow
{
    public byte[] RequestId { get; init; } = [];
    public string UnitId { get; init; } = "";
    public string OfficerId { get; init; } = "";
    public string Kind { get; init; } = "";
    public string Purpose { get; init; } = "";
    public string Code { get; init; } = "";
    public long AskedAt { get; init; }
    public long? ErasedAt { get; init; }
}
