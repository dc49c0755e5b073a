using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Agent.Privacy;

/// <summary>
/// Sectors that one camera must not look into, on its own pan axis (ONVIF's −1 … 1). Compass = the car's heading + MountDegrees +
/// pan × PanSpanDegrees / 2, right positive. Each sector is wider by half the widest view on both sides: what is at a picture's edge is seen.
/// </summary>
/// <param name="headingDegrees">Null: unknown, so every way of looking may be the barred one.</param>
internal sealed class PanSector(CameraOptions camera, IReadOnlyList<PrivacyPlace> places, double? headingDegrees)
{
    private const double StepDegrees = 0.5;

    public bool IsNone => places.Count == 0;

    public bool Bars(double pan)
    {
        if (headingDegrees is not { } heading)
            return !IsNone;
        double compass = heading + camera.MountDegrees + pan * camera.PanSpanDegrees / 2;
        double margin = camera.ViewDegrees / 2;
        return places.Any(p => IsWithin(compass, p.PanFromDegrees!.Value - margin, WidthOf(p) + 2 * margin));
    }

    /// <summary>Whether the head passes the sector on its way, or ends in it. Both ends are places on the axis.</summary>
    public bool Crosses(double fromPan, double toPan)
    {
        double step = 2 * StepDegrees / camera.PanSpanDegrees * Math.Sign(toPan - fromPan);
        for (double pan = fromPan; step != 0 && (step > 0 ? pan < toPan : pan > toPan); pan += step)
        {
            if (Bars(pan))
                return true;
        }
        return Bars(toPan);
    }

    /// <summary>
    /// Where a head that looks into the sector is turned: the nearest place outside, a step further so that no rounding leads back;
    /// null when there is none.
    /// </summary>
    public double? NearestFree(double pan)
    {
        double step = 2 * StepDegrees / camera.PanSpanDegrees;
        for (double off = 0; off <= 2; off += step)
        {
            foreach (double way in (ReadOnlySpan<double>)[1, -1])
            {
                double candidate = pan + way * off, further = Math.Clamp(candidate + way * step, -1, 1);
                if (candidate is >= -1 and <= 1 && !Bars(candidate))
                    return off == 0 || Bars(further) ? candidate : further;
            }
        }
        return null;
    }

    // From 350 to 10 is twenty degrees; from 0 to 360 is all around.
    private static double WidthOf(PrivacyPlace place)
    {
        double width = place.PanToDegrees!.Value - place.PanFromDegrees!.Value;
        return width < 0 ? width + 360 : width;
    }

    private static bool IsWithin(double compass, double from, double width)
    {
        double past = (compass - from) % 360;
        return (past < 0 ? past + 360 : past) <= width;
    }
}
