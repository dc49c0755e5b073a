using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Agent.Retention;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Uplink;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.LookUps;

/// <summary>
/// Asks the centre what an officer wants to know of one plate or document. Who asks, and for what, is in the audit chain before the
/// question leaves; without a link it does not leave at all. Answers stay in memory for the policy's minutes, or until sign-out.
/// </summary>
internal sealed class LookUpDesk
{
    // More than an hour's limit; beyond it the oldest answer is forgotten.
    private const int MostKept = 100;

    // Shorter than the page waits, so that it learns why.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly List<LookUpResult> kept = [];
    private readonly CentreLink link;
    private readonly OfficerDesk officers;
    private readonly Ledger ledger;
    private readonly LookUpPace pace;
    private readonly LookUpFacts facts;
    private readonly TimeProvider time;

    public LookUpDesk(CentreLink link, OfficerDesk officers, Ledger ledger, LookUpPace pace, LookUpFacts facts, TimeProvider time)
    {
        (this.link, this.officers, this.ledger, this.pace, this.facts, this.time) = (link, officers, ledger, pace, facts, time);
        officers.Changed += Forget;
    }

    /// <summary>How long an answer is kept.</summary>
    public TimeSpan Kept => facts.Kept;

    /// <summary>Asks for the officer on duty.</summary>
    public async Task<LookUpVerdict> AskAsync(LookUpQuestion question, DutySession officer, CancellationToken stop)
    {
        LookUpRequest request = Make(question, officer);
        if (LookUpRules.Problem(request) is { Length: > 0 } problem)
            return new LookUpVerdict(problem, TimeSpan.Zero, null);
        if (question.Purpose == LookUpPurpose.Call && !facts.Knows(request.CallId))
            return new LookUpVerdict(LookUpCodes.CallNeeded, TimeSpan.Zero, null);
        if (link.State.Phase != LinkPhase.Up)
            return Refuse(request, LookUpCodes.NoLink, TimeSpan.Zero);
        if (pace.Take(officer.OfficerId) is { Ticks: > 0 } wait)
            return Refuse(request, LookUpCodes.RateLimited, wait);
        ledger.NoteSealed(Draft(request, ""), $"{LookUpRules.Word(request.Kind)} {request.Subject} {request.Reason}");
        LookUpReply reply = await SendAsync(request, stop);
        if (reply.Outcome is not (LookUpOutcome.Found or LookUpOutcome.NotFound))
            return Refuse(request, reply.Code.Length > 0 ? reply.Code : LookUpCodes.NoAnswer, TimeSpan.FromMilliseconds(reply.WaitMs));
        var result = new LookUpResult(
            Uuid7.ToGuid(request.Id.Span), officer.SessionId, request.Kind, request.Subject, request.Purpose, request.AtUnixMs, time.GetTimestamp(), reply);
        return Keep(result) ? new LookUpVerdict("", TimeSpan.Zero, result) : new LookUpVerdict(LookUpCodes.NotSignedIn, TimeSpan.Zero, null);
    }

    /// <summary>The answers of this session that are still kept, the newest first.</summary>
    public IReadOnlyList<LookUpResult> Of(DutySession officer)
    {
        Forget();
        lock (gate)
            return [.. kept.Where(r => r.SessionId == officer.SessionId).Reverse()];
    }

    /// <summary>Once a second: forgets what is past its clock.</summary>
    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Look, time);
        do
        {
            Forget();
            pulse.Beat();
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    private LookUpRequest Make(LookUpQuestion question, DutySession officer) => new()
    {
        Id = ByteString.CopyFrom(Uuid7.New(time)),
        Kind = question.Kind,
        Subject = LookUpSubjects.Normalise(question.Kind, question.Subject) ?? "",
        Purpose = question.Purpose,
        CallId = question.CallId,
        Reason = question.Reason.Trim(),
        OfficerId = officer.OfficerId,
        SessionId = officer.SessionId,
        Position = facts.Position,
        AtUnixMs = facts.NowUnixMs,
    };

    private async Task<LookUpReply> SendAsync(LookUpRequest request, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        try
        {
            return await link.CheckAsync(request, either.Token);
        }
        catch (RpcException error)
        {
            return new LookUpReply
            {
                Code = error.StatusCode switch
                {
                    StatusCode.Unimplemented => LookUpCodes.NotAvailable,
                    StatusCode.Unavailable or StatusCode.Internal => LookUpCodes.NoLink,
                    _ => LookUpCodes.NoAnswer,
                }
            };
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            // The link's session ended under it.
            return new LookUpReply { Code = LookUpCodes.NoAnswer };
        }
    }

    private LookUpVerdict Refuse(LookUpRequest request, string code, TimeSpan wait)
    {
        ledger.Note(Draft(request, code));
        return new LookUpVerdict(code, wait, null);
    }

    private static AuditDraft Draft(LookUpRequest request, string code) => new(
        AuditKind.Check, request.OfficerId, request.SessionId, Uuid7.ToGuid(request.Id.Span).ToString(),
        code.Length == 0 ? LookUpRules.Word(request.Purpose) : $"{LookUpRules.Word(request.Purpose)} {code}");

    // Within the lock: whoever signed out meanwhile is either seen here or forgets it.
    private bool Keep(LookUpResult result)
    {
        lock (gate)
        {
            if (!officers.IsOnDuty(result.SessionId))
                return false;
            kept.Add(result);
            if (kept.Count > MostKept)
                kept.RemoveAt(0);
            return true;
        }
    }

    private void Forget()
    {
        lock (gate)
            _ = kept.RemoveAll(r => !officers.IsOnDuty(r.SessionId) || time.GetElapsedTime(r.AtTimestamp) >= Kept);
    }
}

/// <summary>What a look-up takes from the rest of the car.</summary>
internal sealed class LookUpFacts(CallBook calls, PositionBook positions, PolicyBook policies, TrustedClock clock)
{
    public TimeSpan Kept => TimeSpan.FromMinutes(policies.Current.LookUpMinutes);

    public Position? Position => positions.Current;

    public long NowUnixMs => clock.NowUnixMs;

    public bool Knows(ByteString callId) => calls.Calls.Any(c => c.CallId == callId && !CallTransitions.IsOver(c.State));
}
