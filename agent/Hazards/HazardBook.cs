using System.Security.Cryptography;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Retention;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Hazards;

/// <summary>
/// Hazards that officers report. On disk at once, sent when the time to take it back is over (or when the host starts again), in the same
/// transaction that makes the event: exactly once. Then followed until somebody says that it is gone.
/// </summary>
internal sealed class HazardBook : ITakesCommands, IForgets
{
    public static readonly TimeSpan UndoTime = TimeSpan.FromSeconds(5);

    private const int MostFollowed = 200;
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private readonly Dictionary<Guid, OwnHazard> hazards;
    private readonly Dictionary<Guid, long> pendingSince = [];
    private readonly HazardStore store;
    private readonly Ledger ledger;
    private readonly TrustedClock clock;
    private readonly TimeProvider time;

    public HazardBook(HazardStore store, Ledger ledger, TrustedClock clock, TimeProvider time)
    {
        (this.store, this.ledger, this.clock, this.time) = (store, ledger, clock, time);
        hazards = store.All().ToDictionary(hazard => hazard.Id);
    }

    public string What => "hazards";

    public event Action? Changed;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<OwnHazard> All
    {
        get { lock (gate) return [.. hazards.Values.OrderByDescending(hazard => hazard.AtUnixMs)]; }
    }

    /// <summary>How long it can still be taken back; zero: it is on its way.</summary>
    public TimeSpan UndoLeft(Guid id)
    {
        lock (gate)
            return pendingSince.TryGetValue(id, out long since) && UndoTime - time.GetElapsedTime(since) is { Ticks: > 0 } left ? left : TimeSpan.Zero;
    }

    /// <summary>Reports one. Durable when the code is "".</summary>
    /// <returns>"" or kind_unknown, text_too_long, too_many_hazards.</returns>
    public (string Code, Guid Id) Report(string kind, string note, TakenPicture? picture, Position? position, DutySession officer)
    {
        string said = note.Trim();
        if (!HazardKinds.All.Contains(kind))
            return ("kind_unknown", default);
        if (said.Length > HazardKinds.MostNote)
            return ("text_too_long", default);
        var hazard = new OwnHazard(
            Uuid7.ToGuid(Uuid7.New(time)), kind, said, clock.NowUnixMs, officer.OfficerId, officer.SessionId, position?.ToByteArray() ?? [], picture?.Still.CameraId ?? "");
        lock (gate)
        {
            if (hazards.Count >= MostFollowed && !ForgetOldestClosed())
                return ("too_many_hazards", default);
            store.Add(hazard, picture?.Still.Jpeg);
            hazards[hazard.Id] = hazard;
            pendingSince[hazard.Id] = time.GetTimestamp();
        }
        Changed?.Invoke();
        return ("", hazard.Id);
    }

    /// <summary>Takes it back: nothing of it was sent, nothing of it stays.</summary>
    /// <returns>"" or unknown_hazard, too_late.</returns>
    public string Undo(Guid id)
    {
        lock (gate)
        {
            if (!hazards.TryGetValue(id, out OwnHazard? hazard))
                return "unknown_hazard";
            if (!hazard.IsPending || UndoLeft(id) == TimeSpan.Zero)
                return "too_late";
            store.Remove([id]);
            _ = hazards.Remove(id);
            _ = pendingSince.Remove(id);
        }
        Changed?.Invoke();
        return "";
    }

    /// <summary>An officer has seen that it is gone.</summary>
    /// <returns>"" or unknown_hazard, not_now.</returns>
    public string Close(Guid id, DutySession officer)
    {
        lock (gate)
        {
            if (!hazards.TryGetValue(id, out OwnHazard? hazard))
                return "unknown_hazard";
            if (hazard.IsPending || hazard.State == HazardState.Closed)
                return "not_now";
            OwnHazard closed = hazard with { State = HazardState.Closed, ChangedAtUnixMs = clock.NowUnixMs };
            _ = ledger.Append(
                Lane.Calls, Priority.Normal, officer.OfficerId, e => e.Hazard = Told(closed),
                (connection, transaction) => store.Sent(closed, connection, transaction));
            hazards[id] = closed;
        }
        Changed?.Invoke();
        return "";
    }

    public string? Take(Command command)
    {
        if (command.HazardNews is not { } news)
            return null;
        if (news.HazardId.Length != Uuid7.Length || !Enum.IsDefined(news.State))
            return "bad_hazard";
        lock (gate)
        {
            // Of one that this car does not know any more there is nothing to say; the state only moves forward.
            if (!hazards.TryGetValue(Uuid7.ToGuid(news.HazardId.Span), out OwnHazard? hazard) || hazard.IsPending || news.State <= hazard.State)
                return "";
            OwnHazard moved = hazard with { State = news.State, ChangedAtUnixMs = news.AtUnixMs };
            store.Put(moved);
            hazards[moved.Id] = moved;
        }
        Changed?.Invoke();
        return "";
    }

    public int ForgetDue(RetentionPolicy policy, long certainUnixMs)
    {
        const long DayMs = 86_400_000;
        Guid[] due;
        lock (gate)
        {
            due = [.. hazards.Values.Where(h => h.AtUnixMs < certainUnixMs - (policy.CallDays * DayMs) || (h.State == HazardState.Closed && h.ChangedAtUnixMs < certainUnixMs - DayMs)).Select(h => h.Id)];
            if (due.Length == 0)
                return 0;
            store.Remove(due);
            foreach (Guid id in due)
                _ = hazards.Remove(id);
        }
        Changed?.Invoke();
        return due.Length;
    }

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Beat, time);
        do
        {
            try
            {
                SendDue();
                pulse.Ok();
            }
            catch (OutboxException full) when (full.IsDiskFull)
            {
                pulse.Degraded(full.Message);
            }
            pulse.Beat();
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    private void SendDue()
    {
        bool any = false;
        lock (gate)
        {
            // One that a host before this one left has no undo time any more.
            foreach (OwnHazard hazard in hazards.Values.Where(h => h.IsPending && UndoLeft(h.Id) == TimeSpan.Zero).ToList())
            {
                Send(hazard with { State = HazardState.Found, ChangedAtUnixMs = hazard.AtUnixMs });
                any = true;
            }
        }
        if (any)
            Changed?.Invoke();
    }

    private void Send(OwnHazard hazard)
    {
        byte[]? picture = store.PictureOf(hazard.Id);
        string name = picture is null ? $"{hazard.Id}" : $"{hazard.Id} {hazard.CameraId} {Convert.ToHexStringLower(SHA256.HashData(picture))}";
        _ = ledger.Record(
            new AuditDraft(AuditKind.PictureTaken, hazard.OfficerId, hazard.SessionId, name, $"hazard/{hazard.Kind}"),
            Lane.Calls, Priority.Normal, hazard.OfficerId, e => e.Hazard = Told(hazard),
            attachments: picture is null ? null : [AttachmentDraft.OfBytes(AttachmentRole.Photo, "image/jpeg", picture)],
            also: (connection, transaction, _) => store.Sent(hazard, connection, transaction));
        hazards[hazard.Id] = hazard;
        _ = pendingSince.Remove(hazard.Id);
        if (picture is not null)
            CryptographicOperations.ZeroMemory(picture);
    }

    private static Hazard Told(OwnHazard hazard) => new()
    {
        HazardId = ByteString.CopyFrom(Uuid7.ToBytes(hazard.Id)),
        Kind = hazard.Kind,
        Note = hazard.State == HazardState.Closed ? "" : hazard.Note,
        Position = hazard.Position.Length == 0 ? null : Position.Parser.ParseFrom(hazard.Position),
        State = hazard.State,
    };

    private bool ForgetOldestClosed()
    {
        if (hazards.Values.Where(h => h.State == HazardState.Closed).MinBy(h => h.AtUnixMs) is not { } oldest)
            return false;
        store.Remove([oldest.Id]);
        return hazards.Remove(oldest.Id);
    }
}
