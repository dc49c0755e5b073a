using System.Numerics;

namespace EdgeAgent.Chaos.Login;

/// <summary>How a head is held at one instant.</summary>
/// <param name="YawDegrees">Above 0: to the right of the picture.</param>
/// <param name="Lids">How far both lids are down, 0 … 1.</param>
/// <param name="Shift">Of the whole body, pixels of the frame.</param>
internal readonly record struct Pose(float YawDegrees, float Lids, Vector2 Shift, float RollDegrees, float Scale)
{
    public static Pose Still { get; } = new(0, 0, Vector2.Zero, 0, 1);
}

/// <summary>
/// A person before the camera, made of one picture: the head is an ellipsoid with a nose on it, which turns; the lids come down over the
/// eyes. No mouth, no light that changes with the head, nothing behind an ear: a model of a turn, not a turn.
/// </summary>
internal sealed class LiveScene
{
    private const float HeadDepth = 0.85f, NoseHeight = 0.28f, NoseRadius = 0.2f;
    private const int Steps = 4;

    /// <summary>Source pixels.</summary>
    private const float Fade = 14;

    private readonly SourceFace face;
    private readonly Vector2 middle, half, nose, place;
    private readonly float scale;
    private readonly Vector3 wall, floor;

    /// <param name="face">Who.</param>
    /// <param name="faceWidth">Of the detector's box, pixels of the frame.</param>
    /// <param name="place">Where its middle is in the frame.</param>
    public LiveScene(SourceFace face, float faceWidth, Vector2 place)
    {
        (this.face, this.place) = (face, place);
        scale = faceWidth / face.Box.Width;
        middle = new Vector2((face.Box.X1 + face.Box.X2) / 2, (face.Box.Y1 + face.Box.Y2) / 2);
        half = new Vector2(0.66f * face.Box.Width, 0.72f * face.Box.Height);
        nose = (face.Landmarks[30] - middle) / half;
        wall = (face.At(new Vector2(3, 3)) + face.At(new Vector2(face.Width - 4, 3))) / 2;
        floor = (face.At(new Vector2(3, face.Height - 4)) + face.At(new Vector2(face.Width - 4, face.Height - 4))) / 2;
    }

    public Vector2 Place => place;

    public Vector3 At(Vector2 target, in Pose pose)
    {
        Vector2 off = target - place - pose.Shift;
        float roll = -pose.RollDegrees * MathF.PI / 180, s = 1 / (scale * pose.Scale);
        Vector2 local = new Vector2(off.X * MathF.Cos(roll) - off.Y * MathF.Sin(roll), off.X * MathF.Sin(roll) + off.Y * MathF.Cos(roll)) * s;
        Vector2 from = middle + Unturned(local / half, pose.YawDegrees) * half;
        // The picture's edge fades into a seat and a wall, so that it is not one more frame around a face.
        float fade = Math.Clamp((face.Outside(from) + Fade) / Fade, 0, 1);
        Vector3 colour = fade >= 1 ? Room(target) : Vector3.Lerp(Skin(from, pose), Room(target), fade);
        return colour;
    }

    /// <summary>The same seat with nobody in it.</summary>
    public Vector3 Empty(Vector2 target) => Room(target);

    private Vector3 Room(Vector2 target) => Vector3.Lerp(wall, floor, target.Y / CabLens.Height);

    private Vector3 Skin(Vector2 from, in Pose pose)
    {
        if (pose.Lids <= 0)
            return face.At(from);
        (Vector2 left, float lashLeft) = face.LeftEye.Close(from, pose.Lids);
        (Vector2 both, float lashRight) = face.RightEye.Close(left, pose.Lids);
        return face.At(both) * (1 - 0.55f * Math.Max(lashLeft, lashRight));
    }

    /// <summary>What is seen there when the head is not turned, in half heads from its middle.</summary>
    private Vector2 Unturned(Vector2 seen, float yawDegrees)
    {
        float reach = seen.Length();
        if (yawDegrees == 0 || reach > 1.5f)
            return seen;
        float sin = MathF.Sin(yawDegrees * MathF.PI / 180), cos = MathF.Cos(yawDegrees * MathF.PI / 180);
        float x = seen.X;
        for (int step = 0; step < Steps; step++)
            x = x * 0.3f + 0.7f * Math.Clamp((seen.X - Depth(x, seen.Y) * sin) / cos, -1.6f, 1.6f);
        float inside = Math.Clamp((1.5f - reach) / 0.5f, 0, 1);
        return new Vector2(seen.X + (x - seen.X) * inside * inside * (3 - 2 * inside), seen.Y);
    }

    private float Depth(float x, float y)
    {
        float round = HeadDepth * MathF.Sqrt(Math.Max(0, 1 - x * x - 0.8f * y * y));
        float off = (x - nose.X) * (x - nose.X) + (y - nose.Y) * (y - nose.Y);
        float wide = 1 + off / (2 * NoseRadius * NoseRadius);
        return round + NoseHeight / (wide * wide);
    }
}
