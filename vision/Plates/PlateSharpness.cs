using EdgeAgent.Hw.Frames;

namespace EdgeAgent.Vision.Plates;

/// <summary>How clear the strokes of an upright plate are.</summary>
internal static class PlateSharpness
{
    /// <summary>Rows added up before they are compared, so that a sensor's noise is no stroke.</summary>
    private const int Rows = 4;

    /// <summary>
    /// How suddenly green changes from column to column: the second differences over the first, across. 1 for edges as crisp as can
    /// be, 1 / w for edges that are spread evenly over w columns, whatever the contrast. 0 where nothing changes.
    /// </summary>
    public static float Of(BgrView plate)
    {
        long second = 0, first = 0;
        for (int y = 0; y + Rows <= plate.Height; y += Rows)
        {
            ReadOnlySpan<byte> a = plate.Row(y), b = plate.Row(y + 1), c = plate.Row(y + 2), d = plate.Row(y + 3);
            for (int i = 4; i + 3 < a.Length; i += 3)
            {
                int before = a[i - 3] + b[i - 3] + c[i - 3] + d[i - 3], here = a[i] + b[i] + c[i] + d[i], after = a[i + 3] + b[i + 3] + c[i + 3] + d[i + 3];
                second += Math.Abs(after - 2 * here + before);
                first += Math.Abs(after - before);
            }
        }
        return first == 0 ? 0 : Math.Min(1, (float)second / first);
    }
}
