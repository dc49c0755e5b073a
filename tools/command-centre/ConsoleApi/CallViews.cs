using EdgeAgent.CommandCentre.Calls;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>An open call as every console of its district has it: enough to find and to dispatch it, nothing of its caller.</summary>
internal sealed record CallRow
{
    public required Guid CallId { get; init; }
    public required string Number { get; init; }
    public long Revision { get; init; }
    public required string Kind { get; init; }
    public bool Urgent { get; init; }
    public required string District { get; init; }
    public required string PoliceType { get; init; }
    public required string State { get; init; }
    public required string OwnerUnitId { get; init; }
    public required string Title { get; init; }
    public required string Address { get; init; }
    public double? Latitude { get; init; }
    public double? Longitude { get; init; }
    public long ReceivedAtUnixMs { get; init; }

    /// <summary>Since when nobody has acknowledged it; null once somebody has.</summary>
    public long? WaitingSinceUnixMs { get; init; }
    public int Escalation { get; init; }

    /// <summary>Whether this person is among those whom the escalation is for.</summary>
    public bool Loud { get; init; }
    public required string ProposedUnitId { get; init; }

    /// <summary>A car offered it to this unit and a dispatcher decides; "" otherwise.</summary>
    public required string HandOverTo { get; init; }
    public bool BackUpOpen { get; init; }
    public bool HasRecording { get; init; }

    /// <summary>Lines of its story: more than before means that there is more to read.</summary>
    public long Entries { get; init; }
    public required string Result { get; init; }
    public long? ClosedAtUnixMs { get; init; }

    public static CallRow Of(CallRecord call, bool loud) => new()
    {
        CallId = call.Id,
        Number = call.Number,
        Revision = call.Revision,
        Kind = CallWords.Of(call.Kind),
        Urgent = call.Urgent,
        District = call.District,
        PoliceType = CallWords.Of(call.PoliceType),
        State = CallWords.Of(call.State),
        OwnerUnitId = call.Owner,
        Title = call.Texts.Title,
        Address = call.Texts.Address,
        Latitude = call.Texts.Latitude,
        Longitude = call.Texts.Longitude,
        ReceivedAtUnixMs = call.ReceivedAt,
        WaitingSinceUnixMs = call.WaitingSince,
        Escalation = call.Escalation,
        Loud = loud,
        ProposedUnitId = call.Proposed,
        HandOverTo = call.HandOver == CallHandOverState.Asked && call.HandOverFrom == call.Owner ? call.HandOverTo : "",
        BackUpOpen = call.BackUpOpen,
        HasRecording = call.Recording is not null,
        Entries = call.Entries,
        Result = call.Result,
        ClosedAtUnixMs = call.ClosedAt,
    };
}

/// <summary>One call whole. Reading it is a row of the audit.</summary>
internal sealed record CallDetails
{
    public required CallRow Call { get; init; }
    public required string Details { get; init; }
    public required string Contact { get; init; }
    public required string TakenBy { get; init; }
    public required string DispatchedBy { get; init; }
    public required IReadOnlyList<string> BackUpUnitIds { get; init; }
    public required IReadOnlyList<string> NearbyUnitIds { get; init; }

    /// <summary>none, here, or expired (its days are over).</summary>
    public required string Recording { get; init; }
    public required IReadOnlyList<CallLine> Story { get; init; }
}

internal sealed record CallLine(
    long AtUnixMs, long HappenedAtUnixMs, string Actor, string UnitId, string What, string Effect, string State, string Text)
{
    public static CallLine Of(CallEntry entry) => new(
        entry.At, entry.HappenedAt, entry.Actor, entry.UnitId, entry.What, entry.Effect, CallWords.Of(entry.State), entry.Text);
}

/// <summary>Open calls, to everyone who may see them, and by what clock they are watched.</summary>
internal sealed class CallsTopic(CallTable calls, CallDesk desk, CallOptions options) : IConsoleTopic
{
    public const string Name = "calls";

    public string Type => Name;

    public Permission Needs => Permission.HandleCalls;

    public object Now(HttpContext viewer) => new
    {
        escalateAfterS = options.EscalateAfter.Select(after => (int)after.TotalSeconds),
        ringMinutes = CallCandidates.RingMinutes,
        arrivalKmh = options.ArrivalKmh,
        calls = Open(viewer),
    };

    private List<CallRow> Open(HttpContext viewer)
    {
        var district = Visibility.DistrictOf(viewer);
        return [.. calls.Open().Where(call => desk.MaySee(call, district)).Select(call => CallRow.Of(call, IsFor(call, viewer, district)))];
    }

    /// <summary>First the dispatcher who has it and those of its district, then supervisors too, then every console of the city.</summary>
    private static bool IsFor(CallRecord call, HttpContext viewer, string district)
    {
        var account = viewer.Account();
        return call.Escalation switch
        {
            0 => false,
            1 => IsDispatchers(),
            2 => IsDispatchers() || (viewer.Role() == "supervisor" && (district == call.District || district.Length == 0)),
            _ => IsDispatchers() || viewer.Role() == "supervisor" || district.Length == 0,
        };

        bool IsDispatchers() => account == call.TakenBy || account == call.DispatchedBy || (viewer.Role() == "dispatcher" && district == call.District);
    }
}
