namespace EdgeAgent.CommandCentre.Patrolling;

/// <summary>
/// Cells of about 250 m by 250 m: rows of equal latitude, columns whose width follows the cosine of their row's middle, so that a cell is
/// the same size in the north of a city and in its south.
/// </summary>
internal static class CellGrid
{
    public const int CellMetres = 250;
    private const double MetresPerDegree = 6_371_008.8 * Math.PI / 180, MostLatitude = 85;
    private const double RowDegrees = CellMetres / MetresPerDegree;

    public static (int Row, int Column) Of(double latitude, double longitude)
    {
        var row = (int)Math.Floor(Math.Clamp(latitude, -MostLatitude, MostLatitude) / RowDegrees);
        return (row, (int)Math.Floor(longitude / ColumnDegrees(row)));
    }

    public static (double West, double South, double East, double North) Bounds(int row, int column)
    {
        var width = ColumnDegrees(row);
        return (column * width, row * RowDegrees, (column + 1) * width, (row + 1) * RowDegrees);
    }

    private static double ColumnDegrees(int row) => RowDegrees / Math.Cos((row + 0.5) * RowDegrees * Math.PI / 180);
}
