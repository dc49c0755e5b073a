using Dapper;
using EdgeAgent.CommandCentre.Patrolling;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>How long police cars were in a cell, in seconds.</summary>
internal sealed record SeenCell(int Row, int Column, long Seconds, int Cars);

/// <summary>Car time by hour, cell and unit (<see cref="CellGrid"/>): numbers of our own cars, nothing of anybody else.</summary>
internal sealed class VisibilityTable(CentreDatabase database)
{
    public const int MostCells = 20_000;

    public const string Schema = """
        -- How long which car was in which cell in which hour (Unix hours); written with the track event itself, so each counts once.
        CREATE TABLE visibility (
            hour INTEGER NOT NULL,
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            cell_row INTEGER NOT NULL,
            cell_column INTEGER NOT NULL,
            ms INTEGER NOT NULL,
            PRIMARY KEY (hour, unit_id, cell_row, cell_column)) STRICT;
        """;

    /// <summary>The cells of whole hours, of the units that may be seen; the fullest first, bounded.</summary>
    public IReadOnlyList<SeenCell> Between(long fromHour, long toHour, Func<string, bool> maySee)
    {
        var rows = database.Read(c => c.Query<(string UnitId, long Row, long Column, long Ms)>(
            """
            SELECT unit_id, cell_row, cell_column, CAST(sum(ms) AS BIGINT) FROM visibility WHERE hour >= @fromHour AND hour < @toHour
            GROUP BY unit_id, cell_row, cell_column
            """,
            new { fromHour, toHour }));
        return [.. rows.Where(row => maySee(row.UnitId))
            .GroupBy(row => (row.Row, row.Column))
            .Select(cell => new SeenCell((int)cell.Key.Row, (int)cell.Key.Column, cell.Sum(row => row.Ms) / 1000, cell.Count()))
            .OrderByDescending(cell => cell.Seconds).ThenBy(cell => (cell.Row, cell.Column))
            .Take(MostCells)];
    }

    /// <summary>With a car's trail goes what is derived of it.</summary>
    public static int Forget(System.Data.Common.DbTransaction transaction, long beforeHour) =>
        transaction.Connection!.Execute("DELETE FROM visibility WHERE hour < @beforeHour", new { beforeHour }, transaction);
}
