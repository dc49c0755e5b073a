using EdgeAgent.Hw.Frames;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Hw;

internal static class NumberedPicture
{
    /// <summary>The number in a picture made by <see cref="Clips.Numbered"/>, or in its top left part.</summary>
    public static int NumberIn(BgrView picture)
    {
        int number = 0;
        for (int bit = 0; bit < Clips.NumberBits; bit++)
            if (picture.Row(Clips.BlockSide / 2)[3 * (bit * Clips.BlockSide + Clips.BlockSide / 2)] > 128)
                number |= 1 << bit;
        return number;
    }
}
