using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Retention;

/// <summary>By which clock an event goes, and what is left of it then.</summary>
internal static class RetentionClass
{
    public const string Rejected = "rejected", Confirmed = "confirmed", Call = "call", Trail = "trail";

    /// <summary>Stored before there were classes: its verdict is looked at when it is first swept.</summary>
    public const string Decided = "decided";

    /// <summary>"" for what says nothing of anybody: it has no clock.</summary>
    public static string Of(Event happened) => happened.BodyCase switch
    {
        Event.BodyOneofCase.AlertDecided => Decision.Parser.ParseFrom(happened.AlertDecided.Decision.Payload).Verdict == Verdict.Rejected ? Rejected : Confirmed,
        Event.BodyOneofCase.CallStep or Event.BodyOneofCase.Sos or Event.BodyOneofCase.Hazard or Event.BodyOneofCase.PatrolNote
            or Event.BodyOneofCase.CaseRecord or Event.BodyOneofCase.ServiceRequest or Event.BodyOneofCase.MomentMarked => Call,
        Event.BodyOneofCase.Track or Event.BodyOneofCase.OfficerSession => Trail,
        _ => "",
    };

    /// <summary>The event without anybody in it. What is counted by the month stays: category, tone, verdict, reason.</summary>
    public static Event Erased(Event happened)
    {
        var left = new Event
        {
            Id = happened.Id,
            Lane = happened.Lane,
            Number = happened.Number,
            CapturedAtUnixMs = happened.CapturedAtUnixMs,
            TimeTrust = happened.TimeTrust,
            Priority = happened.Priority,
        };
        switch (happened.BodyCase)
        {
            case Event.BodyOneofCase.AlertDecided:
                left.AlertDecided = Counted(happened.AlertDecided);
                break;
            case Event.BodyOneofCase.CallStep:
                left.CallStep = new CallStep { CallId = happened.CallStep.CallId, Act = happened.CallStep.Act, AtUnixMs = happened.CallStep.AtUnixMs };
                break;
            case Event.BodyOneofCase.OfficerSession:
                left.OfficerSession = new OfficerSession { Change = happened.OfficerSession.Change, Method = happened.OfficerSession.Method };
                break;
            case Event.BodyOneofCase.Track:
                left.Track = new TrackSegment();
                break;
            default:
                break;
        }
        return left;
    }

    private static AlertDecided Counted(AlertDecided decided)
    {
        var decision = Decision.Parser.ParseFrom(decided.Decision.Payload);
        var alert = Alert.Parser.ParseFrom(decided.Alert);
        var counted = new Alert { Kind = alert.Kind, ListId = alert.ListId, ListVersion = alert.ListVersion, Category = alert.Category, Tone = alert.Tone };
        counted.Contradictions.AddRange(alert.Contradictions);
        return new AlertDecided
        {
            Alert = counted.ToByteString(),
            Decision = new SignedEnvelope
            {
                PayloadType = Envelopes.DecisionType,
                Payload = new Decision { Verdict = decision.Verdict, Reason = decision.Reason, DecidedAtUnixMs = decision.DecidedAtUnixMs }.ToByteString(),
            },
        };
    }
}
