using System.Numerics;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;

namespace EdgeAgent.Chaos.Login;

/// <summary>
/// The cab camera: exposure, tint, a soft lens, noise, and the artefacts of compression. The same for live people and for attacks. Not
/// thread-safe.
/// </summary>
internal sealed class CabLens : IDisposable
{
    public const int Width = 480, Height = 270;

    private readonly Random random;
    private readonly JpegCodec jpeg = new();
    private readonly Vector3 gain;
    private readonly float noise, softness, gamma;
    private readonly int quality;
    private readonly Vector3[] picture = new Vector3[Width * Height];
    private readonly byte[] bgr = new byte[3 * Width * Height];
    private readonly float[] grain = new float[1 << 16];
    private readonly byte[] tone = new byte[1024];

    public CabLens(Random random)
    {
        this.random = random;
        float exposure = 0.75f + 0.5f * random.NextSingle(), warmth = 0.92f + 0.16f * random.NextSingle();
        gain = new Vector3(exposure / warmth, exposure, exposure * warmth);
        gamma = 0.9f + 0.25f * random.NextSingle();
        noise = 1.5f + 3 * random.NextSingle();
        softness = 0.25f * random.NextSingle();
        quality = random.Next(78, 93);
        for (int i = 0; i < grain.Length; i++)
            grain[i] = noise * 1.4f * (random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f);
        for (int i = 0; i < tone.Length; i++)
            tone[i] = (byte)(255 * MathF.Pow(i / (tone.Length - 1f), gamma));
    }

    /// <summary>One frame of what is before the lens.</summary>
    public Frame Shoot(Func<Vector2, Vector3> scene, FramePool pool)
    {
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++)
                picture[y * Width + x] = scene(new Vector2(x, y));
        for (int y = 0; y < Height; y++)
        {
            int start = random.Next(grain.Length);
            for (int x = 0; x < Width; x++)
                Store(x, y, start + 3 * x);
        }
        return jpeg.Decode(jpeg.Encode(new BgrView(bgr, Width, Height, 3 * Width), quality), pool);
    }

    public void Dispose() => jpeg.Dispose();

    private void Store(int x, int y, int speck)
    {
        int at = y * Width + x;
        Vector3 here = picture[at];
        if (x > 0 && y > 0 && x < Width - 1 && y < Height - 1)
            here = Vector3.Lerp(here, (picture[at - 1] + picture[at + 1] + picture[at - Width] + picture[at + Width]) / 4, softness);
        here = Vector3.Clamp(here * gain, Vector3.Zero, new Vector3(255)) * ((tone.Length - 1) / 255f);
        // Most of the grain is brightness, a little is colour.
        float shared = grain[speck & (grain.Length - 1)];
        bgr[3 * at] = (byte)Math.Clamp(tone[(int)here.X] + shared + 0.3f * grain[(speck + 7919) & (grain.Length - 1)], 0, 255);
        bgr[3 * at + 1] = (byte)Math.Clamp(tone[(int)here.Y] + shared, 0, 255);
        bgr[3 * at + 2] = (byte)Math.Clamp(tone[(int)here.Z] + shared + 0.3f * grain[(speck + 104729) & (grain.Length - 1)], 0, 255);
    }
}
