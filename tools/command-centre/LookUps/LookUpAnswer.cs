using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.LookUps;

/// <summary>What an officer is told: of a record only what the purpose allows.</summary>
internal static class LookUpAnswer
{
    public static LookUpReply Refused(ByteString id, string code, TimeSpan wait) =>
        new() { Id = id, Outcome = LookUpOutcome.Refused, Code = code, WaitMs = (uint)Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 0, uint.MaxValue) };

    public static LookUpReply NotFound(ByteString id) => new() { Id = id, Outcome = LookUpOutcome.NotFound };

    public static LookUpReply Of(LookUpRequest request, RegistryRecord record, DateTimeOffset now)
    {
        var reply = new LookUpReply { Id = request.Id, Outcome = LookUpOutcome.Found };
        foreach (var fact in LookUpRules.Facts(request.Purpose, request.Kind))
            Tell(reply, fact, record, now);
        return reply;
    }

    private static void Tell(LookUpReply reply, LookUpFact fact, RegistryRecord record, DateTimeOffset now)
    {
        switch (fact)
        {
            case LookUpFact.PlateClass:
                reply.PlateClass = record.PlateClass;
                break;
            case LookUpFact.Vehicle:
                reply.Vehicle = record.Vehicle;
                break;
            case LookUpFact.Name:
                reply.DisplayName = record.Name;
                break;
            case LookUpFact.Stolen:
                reply.Statuses.Add(OnRecord(fact, record.StolenSince));
                break;
            case LookUpFact.Wanted:
                reply.Statuses.Add(OnRecord(fact, record.WantedSince));
                break;
            case LookUpFact.Missing:
                reply.Statuses.Add(OnRecord(fact, record.MissingSince));
                break;
            // Of these, nothing is said where nothing is known: "no insurance" would be a claim.
            case LookUpFact.Insurance when record.InsuredUntil is { } until:
                reply.Statuses.Add(Until(fact, until, now));
                break;
            case LookUpFact.Inspection when record.InspectedUntil is { } until:
                reply.Statuses.Add(Until(fact, until, now));
                break;
        }
    }

    private static LookUpStatus OnRecord(LookUpFact fact, DateTimeOffset? since) => new()
    {
        Fact = fact,
        State = since is null ? LookUpState.Clear : LookUpState.OnRecord,
        DateUnixMs = since?.ToUnixTimeMilliseconds() ?? 0,
    };

    private static LookUpStatus Until(LookUpFact fact, DateTimeOffset until, DateTimeOffset now) =>
        new() { Fact = fact, State = now < until ? LookUpState.Valid : LookUpState.Ended, DateUnixMs = until.ToUnixTimeMilliseconds() };
}
