using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Terminal;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Calls;

/// <summary>The calls as the page shows them, to whoever is on duty and nobody else: they hold addresses and what callers said.</summary>
internal sealed class CallsArea(OfficerDesk officers, CallBook calls, CallLog log, ArrivalWatch arrivals, RecordingBook recordings, CarOptions options) : IStateArea
{
    // A car has few calls at once; of those that are over the newest are enough to look back at.
    private const int MostOpen = 30, MostOver = 10;

    public string Name => "calls";

    public object? Now()
    {
        if (!officers.IsAnyOpen)
            return null;
        IReadOnlyList<Call> all = calls.Calls;
        IReadOnlyDictionary<Guid, string> notTaken = log.NotTaken();
        return new
        {
            options.Calls.ArrivalKmh,
            options.Calls.ArrivedMetres,
            items = all.Where(c => !CallTransitions.IsOver(c.State)).Take(MostOpen).Concat(all.Where(c => CallTransitions.IsOver(c.State)).Take(MostOver))
                .Select(c => Shown(c, notTaken)),
        };
    }

    private object Shown(Call call, IReadOnlyDictionary<Guid, string> notTaken) => new
    {
        id = Convert.ToHexStringLower(call.CallId.Span),
        call.Number,
        kind = Words.Of(call.Kind),
        call.Urgent,
        call.Title,
        call.Details,
        call.Address,
        latitude = call.Place?.LatitudeDegrees,
        longitude = call.Place?.LongitudeDegrees,
        call.ReceivedAtUnixMs,
        call.OwnerUnitId,
        part = call.Part == CallPart.Unspecified ? "owner" : Words.Of(call.Part),
        state = Words.Of(call.State),
        // How far this car is: a back-up has a way of its own.
        own = Words.Of(calls.OwnState(call)),
        call.BackUpUnitIds,
        handOver = call.HandOver is null || call.HandOver.State == CallHandOverState.Unspecified ? null : new
        {
            call.HandOver.FromUnitId,
            call.HandOver.ToUnitId,
            state = Words.Of(call.HandOver.State),
            call.HandOver.Reason,
        },
        arriveOffered = arrivals.IsOffered(call.CallId),
        recording = recordings.Shown(call),
        steps = log.Of(call.CallId).Select(s => new
        {
            id = s.EventId,
            act = Words.Of(s.Step.Act),
            s.Step.AtUnixMs,
            s.Step.OfficerId,
            s.Step.Text,
            s.Step.ToUnitId,
            s.Pictures,
            sent = !notTaken.TryGetValue(s.EventId, out string? code) ? "sent" : code.Length == 0 ? "waiting" : "refused",
        }),
    };
}

/// <summary>The other cars, for the map and for whoever looks for help.</summary>
internal sealed class FleetArea(OfficerDesk officers, Positions.FleetBook fleet) : IStateArea
{
    public string Name => "fleet";

    public object? Now() => !officers.IsAnyOpen ? null : fleet.Cars.Select(c => new
    {
        c.Unit.UnitId,
        label = c.Unit.Label.Length > 0 ? c.Unit.Label : c.Unit.UnitId,
        latitude = c.Unit.Position.LatitudeDegrees,
        longitude = c.Unit.Position.LongitudeDegrees,
        c.Unit.Position.SpeedMps,
        c.Unit.Position.HeadingDegrees,
        // A closed set: what another car writes there must not become a text on this page.
        availability = c.Unit.Availability is "available" or "busy" or "off_duty" ? c.Unit.Availability : "",
        c.AgeMs,
        stale = c.Unit.Position.Stale || c.Unit.Position.Suspect || c.AgeMs > Positions.FleetBook.StaleMs,
    });
}
