using System.Numerics;

namespace EdgeAgent.Vision.Preprocess;

/// <summary>Rotation, uniform scale and shift between two sets of points.</summary>
internal static class Similarity
{
    /// <summary>
    /// The least-squares map from <paramref name="from"/> to <paramref name="to"/> (Umeyama 1991, which in the plane and without
    /// mirroring has this closed form).
    /// </summary>
    /// <returns>False when the points of <paramref name="from"/> coincide or are not finite.</returns>
    public static bool TryFit(ReadOnlySpan<Vector2> from, ReadOnlySpan<Vector2> to, out Matrix3x2 map)
    {
        Vector2 fromMean = Vector2.Zero, toMean = Vector2.Zero;
        for (int i = 0; i < from.Length; i++)
        {
            fromMean += from[i] / from.Length;
            toMean += to[i] / from.Length;
        }
        float spread = 0, cosine = 0, sine = 0;
        for (int i = 0; i < from.Length; i++)
        {
            Vector2 p = from[i] - fromMean, q = to[i] - toMean;
            spread += p.LengthSquared();
            cosine += Vector2.Dot(p, q);
            sine += p.X * q.Y - p.Y * q.X;
        }
        float a = cosine / spread, b = sine / spread;
        map = new Matrix3x2(a, b, -b, a, 0, 0);
        map.Translation = toMean - Vector2.Transform(fromMean, map);
        return float.IsFinite(a) && float.IsFinite(b) && a * a + b * b > 1e-12f && float.IsFinite(map.M31) && float.IsFinite(map.M32);
    }
}
