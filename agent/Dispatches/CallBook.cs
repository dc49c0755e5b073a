using System.Security.Cryptography;
using Dapper;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Dispatches;

/// <summary>A still picture that an officer took for a call.</summary>
internal sealed record CallPicture(string CameraId, byte[] Jpeg);

/// <summary>
/// The calls that this car knows. A step is applied here at once and leaves as an event, both in one transaction; what the centre
/// then makes of it comes back as a newer revision of the call.
/// </summary>
internal sealed class CallBook
{
    private const string Purpose = "call";
    private const int MaxTextCharacters = 2000, MaxUnitCharacters = 64, MostKept = 200;

    private readonly Lock gate = new();
    private readonly Dictionary<ByteString, Call> calls = [];
    private readonly OutboxStore store;
    private readonly Ledger ledger;
    private readonly UnitVault vault;
    private readonly PositionBook positions;
    private readonly TrustedClock clock;
    private readonly CallLog log;

    public CallBook(OutboxStore store, Ledger ledger, UnitVault vault, PositionBook positions, TrustedClock clock, CallLog log)
    {
        (this.store, this.ledger, this.vault, this.positions, this.clock, this.log) = (store, ledger, vault, positions, clock, log);
        foreach (byte[] closed in store.Read(c => c.Query<byte[]>("SELECT sealed FROM calls").AsList()))
        {
            Call call = Call.Parser.ParseFrom(vault.Open(Purpose, closed));
            calls[call.CallId] = call;
        }
    }

    public event Action? Changed;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Call> Calls
    {
        get { lock (gate) return [.. calls.Values.OrderByDescending(c => c.ReceivedAtUnixMs)]; }
    }

    /// <summary>Whether this car is at work on a call: acknowledged and not yet reported.</summary>
    public bool IsEngaged
    {
        get
        {
            lock (gate)
                return calls.Values.Any(c => IsOwn(c) && OwnState(c) is >= CallState.Acknowledged and <= CallState.Handling);
        }
    }

    /// <summary>The call with this id, if it is known here.</summary>
    public Call? Find(ByteString callId)
    {
        lock (gate)
            return calls.GetValueOrDefault(callId);
    }

    /// <summary>Whether this car has something to do about it: as its owner or as back-up.</summary>
    public static bool IsOwn(Call call) => call.Part is not (CallPart.Nearby or CallPart.FormerOwner);

    /// <summary>
    /// How far this car is with it. A back-up's steps are its presence and never move the owner's call, so it has a state of its own.
    /// </summary>
    public CallState OwnState(Call call)
    {
        if (call.Part != CallPart.BackUp || CallTransitions.IsOver(call.State))
            return call.State;
        // Steps of a turn in which it owned the call itself are another matter.
        return log.Of(call.CallId).Where(s => s.Step.SeenRevision >= call.OwnerRevision)
            .Aggregate(CallState.Dispatched, (state, logged) => CallTransitions.Next(state, logged.Step.Act) ?? state);
    }

    /// <summary>A new call or a newer revision, stored within the caller's transaction; call <see cref="Took"/> once it is committed.</summary>
    public void Take(Call call, SqliteConnection connection, SqliteTransaction transaction)
    {
        lock (gate)
        {
            if (Newer(call) is { } newer)
                Store(newer, connection, transaction);
        }
    }

    public static string Problem(Call call) =>
        call.CallId.Length != Uuid7.Length ? "bad_call_id" : call.State == CallState.Unspecified ? "bad_call_state" : "";

    /// <summary>Publishes what was committed.</summary>
    public void Took(Call call)
    {
        lock (gate)
        {
            if (Newer(call) is { } newer)
                calls[call.CallId] = newer;
            Call[] over = [.. calls.Values.Where(c => CallTransitions.IsOver(c.State)).OrderBy(c => c.ReceivedAtUnixMs)];
            foreach (Call old in over.Take(Math.Max(0, calls.Count - MostKept)))
                Forget(old);
        }
        Changed?.Invoke();
    }

    /// <summary>A step that an officer takes. Durable when this returns "".</summary>
    /// <param name="toUnitId">Whom a hand-over is offered to; "" with every other act.</param>
    /// <param name="picture">Leaves with the step, sealed until then; who took it of what is in the audit chain.</param>
    /// <returns>The step's event, or why not: unknown_call, not_allowed, text_too_long, no_receiver, not_yours, not_now.</returns>
    public (string Code, Event? Happened) Step(
        ByteString callId, CallAct act, string text, DutySession officer, string toUnitId = "", CallPicture? picture = null)
    {
        if (text.Length > MaxTextCharacters)
            return ("text_too_long", null);
        if (toUnitId.Length > MaxUnitCharacters || (act == CallAct.HandOver) != (toUnitId.Length > 0))
            return ("no_receiver", null);
        if (act == CallAct.Unspecified || CallTransitions.IsCentreOnly(act))
            return ("not_allowed", null);
        Event happened;
        lock (gate)
        {
            if (!calls.TryGetValue(callId, out Call? call))
                return ("unknown_call", null);
            if (!IsOwn(call))
                return ("not_yours", null);
            if (CallTransitions.Next(OwnState(call), act) is not { } next)
                return ("not_now", null);
            Call after = call.Clone();
            if (call.Part != CallPart.BackUp)
                after.State = next;
            var step = new CallStep
            {
                CallId = callId,
                Act = act,
                AtUnixMs = clock.NowUnixMs,
                OfficerId = officer.OfficerId,
                Position = positions.Current,
                Text = text,
                ToUnitId = toUnitId,
                SeenRevision = call.Revision,
            };
            happened = Write(step, after, officer, picture);
            calls[callId] = after;
            log.Wrote(happened);
        }
        Changed?.Invoke();
        return ("", happened);
    }

    private Event Write(CallStep step, Call after, DutySession officer, CallPicture? picture)
    {
        void Also(SqliteConnection connection, SqliteTransaction transaction, Event e)
        {
            Store(after, connection, transaction);
            log.Write(e, connection, transaction);
        }
        if (picture is null)
            return ledger.Append(Lane.Calls, Priority.Urgent, officer.OfficerId, e => e.CallStep = step, Also);
        string subject = $"{Convert.ToHexStringLower(step.CallId.Span)} {picture.CameraId} {Convert.ToHexStringLower(SHA256.HashData(picture.Jpeg))}";
        return ledger.Record(
            new AuditDraft(AuditKind.PictureTaken, officer.OfficerId, officer.SessionId, subject, "call"), Lane.Calls, Priority.Urgent, officer.OfficerId,
            e => e.CallStep = step, attachments: [AttachmentDraft.OfBytes(AttachmentRole.Photo, "image/jpeg", picture.Jpeg)], also: Also);
    }

    /// <summary>Forgets calls that came before this and are over.</summary>
    /// <returns>How many.</returns>
    public int ForgetDue(long receivedBeforeUnixMs)
    {
        Call[] due;
        lock (gate)
        {
            due = [.. calls.Values.Where(c => c.ReceivedAtUnixMs < receivedBeforeUnixMs && CallTransitions.IsOver(c.State))];
            foreach (Call call in due)
                Forget(call);
        }
        if (due.Length > 0)
            Changed?.Invoke();
        return due.Length;
    }

    /// <summary>
    /// What is to be known after this revision came; null when it is an old one. Steps of this very turn that the centre has yet to merge
    /// stand: the officer must not see a call go back that he has moved on.
    /// </summary>
    private Call? Newer(Call call)
    {
        if (!calls.TryGetValue(call.CallId, out Call? known))
            return call;
        if (known.Revision >= call.Revision)
            return null;
        bool isAhead = known.OwnerRevision > 0 && known.OwnerRevision == call.OwnerRevision && known.State > call.State
            && !CallTransitions.IsOver(known.State) && !CallTransitions.IsOver(call.State);
        if (!isAhead)
            return call;
        Call ahead = call.Clone();
        ahead.State = known.State;
        return ahead;
    }

    private void Store(Call call, SqliteConnection connection, SqliteTransaction transaction) => connection.Execute(
        "INSERT OR REPLACE INTO calls VALUES (@id, @revision, @state, @closed)",
        new { id = call.CallId.ToByteArray(), revision = (long)call.Revision, state = (int)call.State, closed = vault.Seal(Purpose, call.ToByteArray()) },
        transaction);

    private void Forget(Call call)
    {
        _ = calls.Remove(call.CallId);
        store.Write((c, t) =>
        {
            _ = c.Execute("DELETE FROM calls WHERE call_id = @id", new { id = call.CallId.ToByteArray() }, t);
            _ = CallLog.Forget(call.CallId, c, t);
        });
        log.Forgot(call.CallId);
    }
}
