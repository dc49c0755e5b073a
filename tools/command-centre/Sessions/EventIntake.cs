using System.Data.Common;
using EdgeAgent.CommandCentre.Calls;
using EdgeAgent.CommandCentre.Gateways;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Sessions;

/// <summary>An event as it goes into the database.</summary>
internal sealed record IntakeEvent(Event Event, string Kind, byte[] Sealed, bool? SignatureValid, (string Code, string Detail)? Fault);

/// <summary>The way of a batch of events: looked at, sealed, committed; only then are there acks to send.</summary>
internal sealed class EventIntake(CommitQueue commits, DecisionCheck decisions, CallSteps calls, Sealing sealing, Gateway gateway, TimeProvider time)
{
    /// <summary>Raised after a commit, in its order for each unit.</summary>
    public event Action<StoredEvent>? Stored;

    /// <summary>Raised for events that another gateway stored, for those who only show them.</summary>
    public event Action<StoredEvent>? StoredElsewhere;

    public void CameElsewhere(StoredEvent stored) => StoredElsewhere?.Invoke(stored);

    public async Task<EventAcks> StoreAsync(string unitId, byte[] incarnation, EventBatch batch, CancellationToken cancellation)
    {
        using var activity = CentreMeter.Begin("events.store")?.SetTag("events", batch.Events.Count);
        var events = batch.Events.Select(e => Prepare(unitId, e)).ToList();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        // Once begun it is carried through, so that a car that hangs up finds duplicates, not half a batch.
        (BatchOutcome Outcome, List<CallChange> Moved) Store(DbTransaction transaction)
        {
            using var writer = new EventWriter(transaction, sealing, unitId, incarnation, now);
            var outcome = writer.Store(events);
            if (gateway.IsShared)
            {
                foreach (var stored in outcome.Stored.Where(stored => IsNews(stored.Event)))
                    ChangeTable.Note(transaction, ChangeKind.Events, GatewayEffects.Mark(gateway, stored.Id.ToString()), now);
            }
            // With the events or not at all: a step that is acked has moved its call.
            return (outcome, outcome.Stored.Select(stored => calls.Merge(transaction, stored)).OfType<CallChange>().ToList());
        }

        // With the lock for everything: sweeps and exports go through events by their numbers, so none may appear below one that was read.
        var (outcome, moved) = await commits.CommitWithUnitAsync(unitId, Store, cancellation);
        CentreMeter.Answered(outcome.Acks);
        moved.ForEach(calls.Tell);
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

    /// <summary>Not what comes by itself every minute; counts and positions go round in memory.</summary>
    private static bool IsNews(Event happened) => happened.BodyCase is not (Event.BodyOneofCase.None or Event.BodyOneofCase.Track
        or Event.BodyOneofCase.SceneCounts or Event.BodyOneofCase.AuditHead or Event.BodyOneofCase.Tombstone);

    private static string KindOf(Event candidate) =>
        candidate.BodyCase == Event.BodyOneofCase.None ? "none" : Event.Descriptor.FindFieldByNumber((int)candidate.BodyCase).Name;
}

/// <summary>An event that is on disk, for those who show it.</summary>
internal sealed record StoredEvent(Guid Id, string UnitId, long ReceivedAtUnixMs, Event Event, bool? SignatureValid);
