using System.Numerics;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>How a visit's frames are spoilt. Widths of the plate and lengths of the motion's blur in pixels.</summary>
internal static class PlateVisitFrames
{
    public const int Frames = 9;
    public const float LeastWidthPx = 40;
    public const float MostWidthPx = 80;
    public const int MostBlurPx = 5;

    private const float NoiseSigma = 4;

    private static readonly float[] Noise = NoiseTable();

    public static float Between(this Random random, float from, float to) => from + (to - from) * random.NextSingle();

    /// <summary>Gain, offset and a sensor's noise, in place.</summary>
    public static void Light(BgrImage picture, float gain, float offset, Random random)
    {
        int at = random.Next(Noise.Length);
        foreach (ref byte value in picture.Pixels)
        {
            value = (byte)Math.Clamp(value * gain + offset + Noise[at] + 0.5f, 0, 255);
            at = at + 1 == Noise.Length ? 0 : at + 1;
        }
    }

    /// <summary>The mean of copies shifted along a way of <paramref name="motion"/> pixels: a camera or a car that moved during the exposure.</summary>
    public static void Smear(BgrView sharp, BgrImage target, Vector2 motion)
    {
        int taps = Math.Max(1, (int)MathF.Ceiling(motion.Length()));
        target.Resize(sharp.Width, sharp.Height);
        Span<int> shifts = stackalloc int[2 * taps];
        for (int t = 0; t < taps; t++)
        {
            float along = (t + 0.5f) / taps - 0.5f;
            shifts[2 * t] = (int)MathF.Round(motion.X * along);
            shifts[2 * t + 1] = (int)MathF.Round(motion.Y * along);
        }
        for (int y = 0; y < sharp.Height; y++)
        {
            var row = target.Row(y);
            for (int i = 0; i < row.Length; i++)
            {
                int sum = 0, x = i / 3, channel = i % 3;
                for (int t = 0; t < taps; t++)
                {
                    int u = Math.Clamp(x + shifts[2 * t], 0, sharp.Width - 1), v = Math.Clamp(y + shifts[2 * t + 1], 0, sharp.Height - 1);
                    sum += sharp.Bgr[v * sharp.StrideBytes + 3 * u + channel];
                }
                row[i] = (byte)((sum + taps / 2) / taps);
            }
        }
    }

    /// <summary>A motion of a whole number of pixels, mostly sideways.</summary>
    public static Vector2 Motion(Random random)
    {
        float length = random.Next(1, MostBlurPx + 1), angle = random.Between(-0.5f, 0.5f);
        return length * new Vector2(MathF.Cos(angle), MathF.Sin(angle));
    }

    private static float[] NoiseTable()
    {
        var random = new Random(1);
        // Sums of uniforms: near enough to a normal distribution.
        float One() => (random.NextSingle() + random.NextSingle() + random.NextSingle() + random.NextSingle() - 2) * 1.732f * NoiseSigma;
        return [.. Enumerable.Range(0, (1 << 18) + 1).Select(_ => One())];
    }
}
