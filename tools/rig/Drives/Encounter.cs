using EdgeAgent.Rig.Clips;

namespace EdgeAgent.Rig.Drives;

/// <summary>How another vehicle comes by.</summary>
internal enum DriveCourse
{
    /// <summary>Stands at the roadside while we pass.</summary>
    Parked,

    /// <summary>Overtakes, or is overtaken.</summary>
    Overtaking,

    /// <summary>Comes towards us, or goes by while we stand.</summary>
    Passing,

    /// <summary>Cuts in, drives or stands in front of the camera for seconds, and turns off.</summary>
    Following,
}

/// <summary>One vehicle's way past one camera.</summary>
/// <param name="Path">In the camera's frame, ten points a second, from its own beginning.</param>
/// <param name="RelativeKmh">Speed against our own car.</param>
internal sealed record Encounter(Plate Plate, VehicleShape Shape, VehicleEnd End, Colour Body, DriveCourse Course, Waypoint[] Path, float YawDegrees, float RollDegrees, float RelativeKmh)
{
    private const float StepSeconds = 0.05f;
    private const float BodyHalfMetres = 1.05f;
    private const float BodyHeightMetres = 2.25f;
    private const float PlateHeightMetres = 0.6f;
    // While it is still small and far it may be hidden.
    private const float CoveredCountsFromPx = 46;
    private const float FrameWidth = 1920;
    private const float FrameHeight = 1080;

    public float Seconds => Path[^1].Seconds;

    /// <summary>The plate's greatest width while it is wholly in the picture, and for how long it is at least so wide; pixels of 1920.</summary>
    public (float MaxWidthPx, float SecondsAtLeast) Seen(float leastWidthPx)
    {
        float most = 0, seconds = 0;
        for (float t = 0; t <= Seconds; t += StepSeconds)
        {
            Waypoint at = At(t);
            if (!InPicture(at))
                continue;
            float width = PlateWidthPx(at);
            most = Math.Max(most, width);
            seconds += width >= leastWidthPx ? StepSeconds : 0;
        }
        return (most, seconds);
    }

    /// <summary>Whether the nearer of two vehicles would cover the other's plate at any instant.</summary>
    /// <param name="laterBySeconds">How much later the other begins.</param>
    public bool Covers(Encounter other, float laterBySeconds)
    {
        for (float t = Math.Max(0, laterBySeconds); t <= Math.Min(Seconds, other.Seconds + laterBySeconds); t += 0.1f)
        {
            (Waypoint a, Waypoint b) = (At(t), other.At(t - laterBySeconds));
            if (a.Z < b.Z ? Hides(a, b, other) : Hides(b, a, this))
                return true;
        }
        return false;
    }

    private static bool Hides(in Waypoint near, in Waypoint far, Encounter farther)
    {
        if (!farther.InPicture(far) || farther.PlateWidthPx(far) < CoveredCountsFromPx)
            return false;
        const float f = DriveSetting.FocalPx;
        float halfPlate = farther.PlateWidthPx(far) / 2;
        float plateX = f * far.X / far.Z, plateY = f * (DriveSetting.LensHeightMetres - PlateHeightMetres) / far.Z;
        float left = f * (near.X - BodyHalfMetres) / near.Z, right = f * (near.X + BodyHalfMetres) / near.Z;
        float top = f * (DriveSetting.LensHeightMetres - BodyHeightMetres) / near.Z, ground = f * DriveSetting.LensHeightMetres / near.Z;
        return plateX + 1.3f * halfPlate > left && plateX - 1.3f * halfPlate < right && plateY + halfPlate > top && plateY - halfPlate < ground;
    }

    private float PlateWidthPx(in Waypoint at) =>
        DriveSetting.FocalPx / at.Z * Plate.WidthMm / 1000 * MathF.Cos(YawDegrees * MathF.PI / 180);

    private bool InPicture(in Waypoint at)
    {
        float half = PlateWidthPx(at) / 2 + 4;
        float x = FrameWidth / 2 + DriveSetting.FocalPx * at.X / at.Z;
        float y = DriveSetting.HorizonPx + DriveSetting.FocalPx * (DriveSetting.LensHeightMetres - PlateHeightMetres) / at.Z;
        return x - half > 0 && x + half < FrameWidth && y + half / 2 < FrameHeight;
    }

    private Waypoint At(float seconds)
    {
        float index = seconds / Seconds * (Path.Length - 1);
        int first = Math.Clamp((int)index, 0, Path.Length - 2);
        (Waypoint from, Waypoint to) = (Path[first], Path[first + 1]);
        float along = index - first;
        return new Waypoint(seconds, from.X + (to.X - from.X) * along, from.Z + (to.Z - from.Z) * along);
    }
}
