using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Officers;
using EdgeAgent.DispatchClient.Uplink;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Positions;

/// <summary>What the centre and the other cars see of this one each second: where it is, and whether it is free for a call.</summary>
internal sealed class LiveReport(CentreLink link, OfficerDesk officers, CallBook calls)
{
    /// <summary>A word of LivePosition.availability.</summary>
    public string Availability => officers.OnDuty is null ? "off_duty" : calls.IsEngaged ? "busy" : "available";

    public void Publish(Position position) => link.Publish(position, Availability);
}
