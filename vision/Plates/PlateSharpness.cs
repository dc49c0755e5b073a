using EdgeAgent.Hw.Frames;

namespace EdgeAgent.Vision.Plates;

/// <summary>How clear the strokes of an upright plate are.</summary>
internal static class PlateSharpness
{
    /// <summary>Columns over which even a blurred stroke has changed.</summary>
    private const int Far = 4;

    /// <summary>
    /// Change of green from column to column over the change across four: 1 for strokes as crisp as can be, 0.25 for a slope that is
    /// even, whatever the contrast. 0 where nothing changes.
    /// </summary>
    public static float Of(BgrView plate)
    {
        long near = 0, far = 0;
        for (int y = 0; y < plate.Height; y++)
        {
            var row = plate.Row(y);
            for (int i = 1; i + 3 * Far < row.Length; i += 3)
            {
                near += Math.Abs(row[i + 3] - row[i]);
                far += Math.Abs(row[i + 3 * Far] - row[i]);
            }
        }
        return far == 0 ? 0 : Math.Min(1, (float)near / far);
    }
}
