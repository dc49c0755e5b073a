using EdgeAgent.Agent.Audit;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Retention;

/// <summary>What the centre orders of clocks: another policy, and evidence that is to outlive its clock, or no longer.</summary>
internal sealed class RetentionDesk(PolicyBook policies, OutboxStore outbox, Ledger ledger)
{
    private const int MaxReasonCharacters = 200;

    /// <inheritdoc cref="PolicyBook.Take"/>
    public string Take(string issuer, SignedEnvelope envelope)
    {
        string problem = policies.Take(envelope);
        if (problem.Length == 0)
            ledger.Note(new AuditDraft(AuditKind.Configuration, issuer, "", $"retention/{policies.Current.Version}", "retention_taken"));
        return problem;
    }

    /// <summary>Holds an event and the video to it. What the car does not have any more is at the centre, which holds it there.</summary>
    /// <returns>"" or bad_event_id, reason_required.</returns>
    public string Hold(string issuer, EvidenceHold asked)
    {
        if (asked.EventId.Length != Uuid7.Length)
            return "bad_event_id";
        if (asked.Reason.Length is 0 or > MaxReasonCharacters)
            return "reason_required";
        ledger.Note(new AuditDraft(AuditKind.Hold, issuer, "", $"{(asked.Hold ? "hold" : "release")} {Uuid7.ToGuid(asked.EventId.Span)}", asked.Reason));
        _ = outbox.SetHold(asked.EventId.Span, asked.Hold);
        _ = outbox.SetHold(Lane.Evidence, e => e.EvidenceReady?.AboutEventId == asked.EventId, asked.Hold);
        return "";
    }
}
