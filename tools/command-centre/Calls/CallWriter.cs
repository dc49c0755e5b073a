using System.Data.Common;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Calls;

/// <summary>In whose name a change reaches cars.</summary>
internal sealed record CallIssuer(string Account, string Role)
{
    public static readonly CallIssuer Centre = new("centre", "system");
}

/// <summary>What a transaction did to a call, for those who are told once it is on disk.</summary>
/// <param name="Units">Commands wait for these.</param>
internal sealed record CallChange(CallRecord Call, IReadOnlySet<string> Units);

/// <summary>
/// One change of a call, whole: the row with its next revision, the line of its story, and the command to everyone who has it, in the
/// caller's transaction. What moves nothing is written into the story alone.
/// </summary>
internal sealed class CallWriter(CallTable calls, CallEntryTable entries, CommandTable commands, CallOptions options, TimeProvider time)
{
    public CallChange Take(DbTransaction transaction, CallRecord call, CallEntry entry, IEnumerable<string> nearby, CallIssuer issuer)
    {
        var id = Uuid7.ToBytes(call.Id);
        var added = Watched(call with { WaitingSince = call.ReceivedAt, OwnerSince = call.ReceivedAt, Entries = 1 }, call.ReceivedAt, isNewOwner: true);
        calls.Add(transaction, added);
        entries.Add(transaction, id, null, entry);
        foreach (var unitId in nearby)
            CallEntryTable.AddNearby(transaction, id, unitId);
        Note(transaction);
        return new CallChange(added, Send(transaction, added, "", issuer));
    }

    /// <param name="isForCars">Cars are to hear of it although nothing in the row changes.</param>
    /// <exception cref="CallConflictException">Somebody else was faster.</exception>
    public CallChange Change(
        DbTransaction transaction, CallRecord before, CallRecord wanted, CallEntry entry, CallIssuer issuer, byte[]? eventId = null, bool isForCars = false)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var id = Uuid7.ToBytes(before.Id);
        var moved = isForCars || wanted != before;
        var after = wanted;
        if (moved)
        {
            after = after with { Revision = before.Revision + 1 };
            if (after.Owner != before.Owner)
                after = after with { OwnerRevision = after.Revision, OwnerSince = now };
            if (CallTransitions.IsOver(after.State) && !CallTransitions.IsOver(before.State))
                after = after with { ClosedAt = now, BackUpOpen = false };
            after = Watched(after, now, after.Owner != before.Owner);
        }
        // Talk without end must not fill the disk; what moves the call is always in its story.
        if (moved || before.Entries < CallEntryTable.MostEntries)
        {
            entries.Add(transaction, id, eventId, entry);
            after = after with { Entries = before.Entries + 1 };
        }
        if (after != before)
        {
            calls.Save(transaction, after, before);
            Note(transaction);
        }
        return new CallChange(after, moved ? Tell(transaction, id, before, after, issuer) : new HashSet<string>());
    }

    /// <summary>Notes how far up it was reported; cars have no part in that.</summary>
    public CallRecord Escalate(DbTransaction transaction, CallRecord before, int level, string proposed, CallEntry entry)
    {
        var after = before with { Escalation = level, Proposed = proposed, Entries = before.Entries + 1 };
        after = after with { EscalateAt = NextDue(after) };
        entries.Add(transaction, Uuid7.ToBytes(before.Id), null, entry);
        calls.Save(transaction, after, before);
        Note(transaction);
        return after;
    }

    /// <summary>The level that this call has reached by now.</summary>
    public int LevelAt(CallRecord call, long nowUnixMs) =>
        Passed(call.WaitingSince, 2) ? 3 : Passed(call.WaitingSince, 1) ? 2 : Passed(call.OwnerSince, 0) ? 1 : 0;

    // Consoles of other gateways hear of it as well.
    private void Note(DbTransaction transaction) =>
        ChangeTable.Note(transaction, ChangeKind.Topics, ConsoleApi.CallsTopic.Name, time.GetUtcNow().ToUnixTimeMilliseconds());

    // ---- the watch over who acknowledges

    /// <summary>
    /// The dispatcher's ring begins anew with each owner; the ones above run from when it first waited, so that passing a call from car to
    /// car never keeps it from a supervisor.
    /// </summary>
    private CallRecord Watched(CallRecord call, long now, bool isNewOwner)
    {
        if (!call.IsWaiting)
            return call with { WaitingSince = null, EscalateAt = null, Escalation = 0, Proposed = "" };
        var waiting = call.WaitingSince ?? now;
        var level = call.WaitingSince is null || (isNewOwner && call.Escalation <= 1) ? 0 : call.Escalation;
        var watched = call with { WaitingSince = waiting, Escalation = level, Proposed = isNewOwner ? "" : call.Proposed };
        return watched with { EscalateAt = NextDue(watched) };
    }

    private long? NextDue(CallRecord call) => call.Escalation switch
    {
        0 => Math.Min(call.OwnerSince + Ms(0), call.WaitingSince!.Value + Ms(1)),
        1 => call.WaitingSince!.Value + Ms(1),
        2 => call.WaitingSince!.Value + Ms(2),
        _ => null,
    };

    private bool Passed(long? since, int ring) => since is { } began && time.GetUtcNow().ToUnixTimeMilliseconds() >= began + Ms(ring);

    private long Ms(int ring) => (long)options.EscalateAfter[ring].TotalMilliseconds;

    // ---- who is told

    private HashSet<string> Tell(DbTransaction transaction, byte[] id, CallRecord before, CallRecord after, CallIssuer issuer)
    {
        if (after.Owner != before.Owner)
        {
            if (before.Owner.Length > 0)
                CallEntryTable.SetPart(transaction, id, before.Owner, CallPart.FormerOwner);
            if (after.Owner.Length > 0)
                CallEntryTable.SetPart(transaction, id, after.Owner, CallPart.Owner);
        }
        return Send(transaction, after, after.Owner != before.Owner ? before.Owner : "", issuer);
    }

    /// <summary>To its owner, its back-up and those nearby, and once to who owned it until now.</summary>
    private HashSet<string> Send(DbTransaction transaction, CallRecord call, string formerOwner, CallIssuer issuer)
    {
        var parts = CallEntryTable.Parts(transaction.Connection!, transaction, Uuid7.ToBytes(call.Id));
        var backUps = parts.Where(unit => unit.Part == CallPart.BackUp).Select(unit => unit.UnitId).ToList();
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (unitId, part) in parts)
        {
            if (part == CallPart.FormerOwner && unitId != formerOwner)
                continue;
            var command = CommandTable.New(issuer.Account, issuer.Role, time);
            command.Call = Message(call, part, backUps);
            CallEntryTable.Supersede(transaction, call.Id, unitId, command.Id.ToByteArray(), command.IssuedAtUnixMs);
            commands.Add(transaction, unitId, command);
            _ = told.Add(unitId);
        }
        return told;
    }

    /// <summary>Who only has to know that there is a call is not told what the caller said, nor given the recording.</summary>
    private static Call Message(CallRecord call, CallPart part, IEnumerable<string> backUps)
    {
        var isTheirs = part is CallPart.Owner or CallPart.BackUp;
        var message = new Call
        {
            CallId = ByteString.CopyFrom(Uuid7.ToBytes(call.Id)),
            Revision = (ulong)call.Revision,
            Number = call.Number,
            Kind = call.Kind,
            Urgent = call.Urgent,
            Title = call.Texts.Title,
            Details = isTheirs ? call.Texts.Details : "",
            Address = call.Texts.Address,
            ReceivedAtUnixMs = call.ReceivedAt,
            OwnerUnitId = call.Owner,
            OwnerRevision = (ulong)call.OwnerRevision,
            State = call.State,
            PoliceType = call.PoliceType,
            Part = part,
        };
        if (call.Texts.HasPlace)
            message.Place = new GeoPoint { LatitudeDegrees = call.Texts.Latitude!.Value, LongitudeDegrees = call.Texts.Longitude!.Value };
        if (isTheirs && call.Recording is { } voice)
        {
            message.Recording = new AttachmentRef
            {
                Sha256 = ByteString.CopyFrom(voice.Sha256),
                SizeBytes = (ulong)voice.SizeBytes,
                MediaType = voice.MediaType,
                Role = AttachmentRole.Audio,
            };
        }
        message.BackUpUnitIds.AddRange(backUps);
        if (call.HandOver != CallHandOverState.Unspecified)
            message.HandOver = new CallHandOver { FromUnitId = call.HandOverFrom, ToUnitId = call.HandOverTo, State = call.HandOver };
        return message;
    }
}

/// <summary>Tells cars and consoles of what is on disk.</summary>
internal sealed class CallNews(SessionRegistry sessions, ConsoleApi.ConsoleFeed feed)
{
    public void Tell(CallChange change)
    {
        foreach (var unitId in change.Units)
            sessions.CommandsWait(unitId);
        feed.Changed(ConsoleApi.CallsTopic.Name);
    }
}
