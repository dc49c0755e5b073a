using System.Data.Common;
using Dapper;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>Who may sign in to which unit; names and PIN verifiers are sealed.</summary>
internal sealed class OfficerTable(Sealing sealing)
{
    public void Put(DbTransaction transaction, string unitId, Officer officer) => transaction.Connection!.Execute(
        "INSERT INTO officers VALUES (@unitId, @OfficerId, @box) ON CONFLICT (unit_id, officer_id) DO UPDATE SET sealed = excluded.sealed",
        new { unitId, officer.OfficerId, box = sealing.Seal(officer.ToByteArray()) }, transaction);

    public static int Remove(DbTransaction transaction, string unitId, string officerId) => transaction.Connection!.Execute(
        "DELETE FROM officers WHERE unit_id = @unitId AND officer_id = @officerId", new { unitId, officerId }, transaction);

    public static bool IsOn(DbTransaction transaction, string unitId, string officerId) => transaction.Connection!.ExecuteScalar<bool>(
        "SELECT EXISTS (SELECT 1 FROM officers WHERE unit_id = @unitId AND officer_id = @officerId)", new { unitId, officerId }, transaction);

    public IReadOnlyList<Officer> Of(DbTransaction transaction, string unitId) => transaction.Connection!.Query<byte[]>(
        "SELECT sealed FROM officers WHERE unit_id = @unitId ORDER BY officer_id", new { unitId }, transaction)
        .Select(box => Officer.Parser.ParseFrom(sealing.Open(box))).ToList();

    /// <summary>The unit's next roster version, one above its last.</summary>
    public static long NextVersion(DbTransaction transaction, string unitId, long issuedAt, long validTo) => transaction.Connection!.ExecuteScalar<long>(
        """
        INSERT INTO rosters VALUES (@unitId, 1, @issuedAt, @validTo)
        ON CONFLICT (unit_id) DO UPDATE SET version = rosters.version + 1, issued_at = excluded.issued_at, valid_to = excluded.valid_to
        RETURNING version
        """,
        new { unitId, issuedAt, validTo }, transaction);

    /// <summary>Units whose roster ends before this time.</summary>
    public static IReadOnlyList<string> EndingBefore(DbTransaction transaction, long unixMs) => transaction.Connection!.Query<string>(
        "SELECT unit_id FROM rosters JOIN units USING (unit_id) WHERE valid_to < @unixMs AND revoked_at IS NULL", new { unixMs }, transaction).AsList();
}
