using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Sessions;

/// <summary>An event as it goes into the database.</summary>
internal sealed record IntakeEvent(Event Event, string Kind, byte[] Sealed, bool? SignatureValid, (string Code, string Detail)? Fault);

/// <summary>The way of a batch of events: looked at, sealed, committed; only then are there acks to send.</summary>
internal sealed class EventIntake(CommitQueue commits, DecisionCheck decisions, Sealing sealing, TimeProvider time)
{
    /// <summary>Raised after a commit, in its order for each unit.</summary>
    public event Action<StoredEvent>? Stored;

    public async Task<EventAcks> StoreAsync(string unitId, byte[] incarnation, EventBatch batch, CancellationToken cancellation)
    {
        using var activity = CentreMeter.Source.StartActivity("events.store")?.SetTag("events", batch.Events.Count);
        var events = batch.Events.Select(e => Prepare(unitId, e)).ToList();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        // Once begun it is carried through, so that a car that hangs up finds duplicates, not half a batch.
        var outcome = await commits.CommitAsync(
            transaction =>
            {
                using var writer = new EventWriter(transaction, sealing, unitId, incarnation, now);
                return writer.Store(events);
            },
            cancellation);
        CentreMeter.Answered(outcome.Acks);
        foreach (var stored in outcome.Stored)
            Stored?.Invoke(stored);
        return outcome.Acks;
    }

    private IntakeEvent Prepare(string unitId, Event candidate)
    {
        var fault = EventCheck.Fault(candidate);
        bool? valid = fault is null && candidate.BodyCase == Event.BodyOneofCase.AlertDecided ? decisions.IsValid(unitId, candidate) : null;
        return new IntakeEvent(candidate, KindOf(candidate), sealing.Seal(candidate.ToByteArray()), valid, fault);
    }

    private static string KindOf(Event candidate) =>
        candidate.BodyCase == Event.BodyOneofCase.None ? "none" : Event.Descriptor.FindFieldByNumber((int)candidate.BodyCase).Name;
}

/// <summary>An event that is on disk, for those who show it.</summary>
internal sealed record StoredEvent(Guid Id, string UnitId, long ReceivedAtUnixMs, Event Event, bool? SignatureValid);
