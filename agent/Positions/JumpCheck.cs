using EdgeAgent.Contract;

namespace EdgeAgent.Agent.Positions;

/// <summary>
/// Whether a position can follow from the one before: a receiver between high walls, or a spoofed one, jumps. What it jumped to is
/// believed only once it stayed there; until then it shows, and ticks nothing.
/// </summary>
internal sealed class JumpCheck
{
    /// <summary>Faster than any car here, with what a receiver errs by in a street.</summary>
    private const double FastestMps = 80, SlackMetres = 150;

    private const int Settled = 5;

    private Place? believed, doubted;
    private int stays;

    public bool IsSuspect(long atMonoMs, double latitudeDegrees, double longitudeDegrees)
    {
        var here = new Place(atMonoMs, latitudeDegrees, longitudeDegrees);
        if (believed is null || here.Follows(believed))
        {
            (believed, doubted, stays) = (here, null, 0);
            return false;
        }
        stays = doubted is not null && here.Follows(doubted) ? stays + 1 : 1;
        doubted = here;
        if (stays < Settled)
            return true;
        (believed, doubted, stays) = (here, null, 0);
        return false;
    }

    private sealed record Place(long AtMonoMs, double Latitude, double Longitude)
    {
        public bool Follows(Place before) =>
            new LocalPlane(before.Latitude, before.Longitude).Of(Latitude, Longitude).Length <= SlackMetres + (FastestMps * Math.Max(0, AtMonoMs - before.AtMonoMs) / 1000);
    }
}
