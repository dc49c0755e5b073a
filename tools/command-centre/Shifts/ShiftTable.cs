using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Shifts;

internal sealed record ShiftRow
{
    public byte[] ShiftId { get; init; } = [];
    public string District { get; init; } = "";
    public long FromAt { get; init; }
    public long ToAt { get; init; }
    public string MadeBy { get; init; } = "";
    public string? TakenBy { get; init; }
    public long? TakenAt { get; init; }
}

/// <summary>Hand-over sheets: what one shift leaves to the next, as it stood when it was made. Never changed, taken over once, sealed.</summary>
internal sealed class ShiftTable(CentreDatabase database)
{
    public const string Schema = """
        CREATE TABLE shifts (
            shift_id BLOB PRIMARY KEY,
            district TEXT NOT NULL,
            from_at INTEGER NOT NULL,
            to_at INTEGER NOT NULL,
            made_by TEXT NOT NULL,
            taken_by TEXT,
            taken_at INTEGER,
            sealed BLOB NOT NULL) STRICT;
        CREATE INDEX shifts_of ON shifts (district, to_at);
        """;

    private const int MostShown = 60;

    private const string Columns =
        "SELECT shift_id AS ShiftId, district AS District, from_at AS FromAt, to_at AS ToAt, made_by AS MadeBy, taken_by AS TakenBy, taken_at AS TakenAt FROM shifts";

    public static void Add(DbTransaction transaction, ShiftRow row, byte[] box) => transaction.Connection!.Execute(
        "INSERT INTO shifts (shift_id, district, from_at, to_at, made_by, sealed) VALUES (@ShiftId, @District, @FromAt, @ToAt, @MadeBy, @box)",
        new { row.ShiftId, row.District, row.FromAt, row.ToAt, row.MadeBy, box }, transaction);

    /// <summary>The newest first.</summary>
    public IReadOnlyList<ShiftRow> Of(string district) => database.Read(c =>
        c.Query<ShiftRow>($"{Columns} WHERE district = @district ORDER BY to_at DESC LIMIT @MostShown", new { district, MostShown }).AsList());

    public (ShiftRow Row, byte[] Box)? Find(byte[] shiftId) => database.Read(c =>
        c.QuerySingleOrDefault<ShiftRow>($"{Columns} WHERE shift_id = @shiftId", new { shiftId }) is { } row
            ? (row, c.QuerySingle<byte[]>("SELECT sealed FROM shifts WHERE shift_id = @shiftId", new { shiftId }))
            : ((ShiftRow, byte[])?)null);

    /// <returns>False: there is none, somebody has taken it over, or it is this person's own.</returns>
    public static bool Take(DbTransaction transaction, byte[] shiftId, string account, long nowUnixMs) => transaction.Connection!.Execute(
        "UPDATE shifts SET taken_by = @account, taken_at = @nowUnixMs WHERE shift_id = @shiftId AND taken_by IS NULL AND made_by <> @account",
        new { shiftId, account, nowUnixMs }, transaction) > 0;

    public static int EraseBefore(DbTransaction transaction, long beforeUnixMs) =>
        transaction.Connection!.Execute("DELETE FROM shifts WHERE to_at < @beforeUnixMs", new { beforeUnixMs }, transaction);
}
