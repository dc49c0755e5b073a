using System.Data.Common;
using Dapper;

namespace EdgeAgent.CommandCentre.Storage;

internal sealed record LeaseRow
{
    public byte[] LeaseId { get; init; } = [];
    public string UnitId { get; init; } = "";
    public string CameraId { get; init; } = "";
    public string Account { get; init; } = "";
    public string Reason { get; init; } = "";
    public int Quality { get; init; }
    public long StartedAt { get; init; }
    public long EndsAt { get; init; }
}

/// <summary>Live views that were asked for, with who, why and until when.</summary>
internal static class LeaseTable
{
    private const string Columns = """
        SELECT lease_id AS LeaseId, unit_id AS UnitId, camera_id AS CameraId, account AS Account, reason AS Reason, quality AS Quality,
               started_at AS StartedAt, ends_at AS EndsAt FROM leases
        """;

    public static void Add(DbTransaction transaction, LeaseRow lease) => transaction.Connection!.Execute(
        """
        INSERT INTO leases (lease_id, unit_id, camera_id, account, reason, quality, started_at, ends_at)
        VALUES (@LeaseId, @UnitId, @CameraId, @Account, @Reason, @Quality, @StartedAt, @EndsAt)
        """,
        lease, transaction);

    public static int Renew(DbTransaction transaction, LeaseRow lease) => transaction.Connection!.Execute(
        "UPDATE leases SET ends_at = @EndsAt, reason = @Reason WHERE lease_id = @LeaseId AND ended_at IS NULL", lease, transaction);

    public static int End(DbTransaction transaction, byte[] leaseId, string reason, long nowUnixMs) => transaction.Connection!.Execute(
        "UPDATE leases SET ended_at = @nowUnixMs, end_reason = @reason WHERE lease_id = @leaseId AND ended_at IS NULL",
        new { leaseId, reason, nowUnixMs }, transaction);

    /// <summary>Null where there is none of this id; why it ended where it has.</summary>
    public static (LeaseRow Row, string? EndReason)? Find(DbConnection connection, byte[] leaseId)
    {
        var row = connection.QuerySingleOrDefault<LeaseRow>($"{Columns} WHERE lease_id = @leaseId", new { leaseId });
        return row is null ? null : (row, connection.ExecuteScalar<string?>(
            "SELECT CASE WHEN ended_at IS NULL THEN NULL ELSE coalesce(end_reason, '') END FROM leases WHERE lease_id = @leaseId", new { leaseId }));
    }

    /// <summary>Leases that still run, for a server that starts again.</summary>
    public static IReadOnlyList<LeaseRow> Running(DbConnection connection, long nowUnixMs) => connection.Query<LeaseRow>(
        $"{Columns} WHERE ended_at IS NULL AND ends_at > @nowUnixMs", new { nowUnixMs }).AsList();
}
