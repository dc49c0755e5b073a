using System.Numerics;
using System.Runtime.InteropServices;
using EdgeAgent.Eyes.V1;

namespace EdgeAgent.Agent.Officers.Face;

/// <summary>One look into the cab, in memory only and for as long as the login lasts.</summary>
/// <param name="Faces">Faces about as near as the nearest.</param>
/// <param name="Face">The nearest; null: nobody.</param>
internal sealed record CabSight(long MonoMs, int Faces, CabPerson? Face)
{
    public static CabSight Of(CabFrame frame) =>
        new(frame.CapturedMonoMs, (int)frame.Faces, frame.Face is { } face ? CabPerson.Of(face) : null);

    /// <summary>Overwrites whose it is.</summary>
    public void Forget()
    {
        if (Face is { } face)
            Array.Clear(face.Embedding);
    }
}

/// <summary>The face of one look.</summary>
/// <param name="Middle">Of its box, shares of the picture.</param>
/// <param name="YawDegrees">By the network; above 0 to the right of the picture, which is the officer's own left.</param>
/// <param name="EyesOpen">Log odds, mean of both eyes.</param>
/// <param name="LidGap">Height of the open eyes relative to their width, mean of both.</param>
/// <param name="Relief">
/// How far the tip of the nose stands off the line from the middle of the eyes to the middle of the mouth, in eye distances, measured along
/// the eyes in the slanted grid that eyes and mouth span. However a flat picture is turned, this stays; on a head the nose stands out.
/// </param>
internal sealed record CabPerson(
    Vector2 Middle, float Width, int WidthPx, float YawDegrees, float PitchDegrees, float Relief, float EyesOpen, float LidGap, float Live,
    bool Comparable, float[] Embedding)
{
    /// <summary>Log odds of a lid's whole way down.</summary>
    private const float LidWeight = 40;

    /// <summary>
    /// How open the eyes are, by network and lids together. It means something only beside the same face's own: of some faces, as of
    /// narrow eyes, the network says shut while they are open.
    /// </summary>
    public float Openness => EyesOpen + LidWeight * LidGap;

    public static CabPerson Of(CabFace face) => new(
        new Vector2(face.X + face.Width / 2, face.Y + face.Height / 2), face.Width, (int)face.WidthPx, face.YawDegrees, face.PitchDegrees,
        ReliefOf(face.Points), face.EyesOpen, face.LidGap, face.Live, face.Comparable,
        MemoryMarshal.Cast<byte, float>(face.Embedding.Span).ToArray());

    public static float ReliefOf(IReadOnlyList<float> points)
    {
        Vector2 At(int index) => new(points[2 * index], points[2 * index + 1]);
        Vector2 middle = (At(0) + At(1)) / 2, across = At(1) - At(0), down = (At(3) + At(4)) / 2 - middle, nose = At(2) - middle;
        float area = across.X * down.Y - across.Y * down.X;
        return area != 0 ? (nose.X * down.Y - nose.Y * down.X) / area : 0;
    }
}
