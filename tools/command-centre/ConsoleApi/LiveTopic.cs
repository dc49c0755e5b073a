using EdgeAgent.CommandCentre.LiveViews;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>One live view as consoles are told of it.</summary>
internal sealed record LiveTold(
    Guid LeaseId, string UnitId, string CameraId, string Account, string Reason, string Quality, long StartedAtUnixMs, long EndsAtUnixMs, int Screens)
{
    public static LiveTold Of(LiveView lease) => new(
        lease.Id, lease.Row.UnitId, lease.Row.CameraId, lease.Row.Account, lease.Row.Reason,
        lease.Row.Quality == (int)Patrol.Dispatch.V1.LiveQuality.Main ? "main" : "sub", lease.Row.StartedAt, lease.Row.EndsAt, lease.Screens);
}

/// <summary>
/// A person's own views (a page that was loaded anew goes on with them), who steers the cameras that they watch, and, for supervisors and
/// administrators, everything that is watched now of the units that they may see.
/// </summary>
internal sealed class LiveTopic(LiveLeases leases, Visibility visibility) : IConsoleTopic
{
    public string Type => "live";

    public Permission Needs => Permission.ViewLive;

    public object Now(HttpContext viewer)
    {
        var account = viewer.Account();
        var running = leases.Running;
        var mine = running.Where(lease => lease.Row.Account == account).ToList();
        var oversees = viewer.Role() is "supervisor" or "admin";
        var hands = leases.Hands.All.Where(hand => oversees
            ? visibility.MaySee(viewer, hand.UnitId)
            : mine.Exists(lease => lease.Row.UnitId == hand.UnitId && lease.Row.CameraId == hand.CameraId));
        return new
        {
            mine = mine.Select(LiveTold.Of),
            hands,
            watched = oversees ? running.Where(lease => visibility.MaySee(viewer, lease.Row.UnitId)).Select(LiveTold.Of) : null,
        };
    }
}
