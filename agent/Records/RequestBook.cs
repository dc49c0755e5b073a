using System.Security.Cryptography;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Records;

/// <summary>What people ask for at the car's window: sent at once, followed until it is answered.</summary>
internal sealed class RequestBook
{
    private readonly Lock gate = new();
    private readonly Dictionary<Guid, WindowRequest> requests;
    private readonly RecordStore store;
    private readonly Ledger ledger;
    private readonly PositionBook positions;
    private readonly TrustedClock clock;
    private readonly TimeProvider time;

    public RequestBook(RecordStore store, Ledger ledger, PositionBook positions, TrustedClock clock, TimeProvider time)
    {
        (this.store, this.ledger, this.positions, this.clock, this.time) = (store, ledger, positions, clock, time);
        requests = store.Requests().ToDictionary(request => request.Id);
    }

    public event Action? Changed;

    public IReadOnlyList<WindowRequest> All
    {
        get { lock (gate) return [.. requests.Values.OrderByDescending(request => request.AtUnixMs)]; }
    }

    /// <summary>Durable and on its way when the code is "".</summary>
    /// <returns>"" or too_many_records, or what is wrong (<see cref="RecordRules"/>).</returns>
    public (string Code, Guid Id) Send(WindowRequest asked, byte[]? picture, DutySession officer)
    {
        var request = asked with
        {
            Id = Uuid7.ToGuid(Uuid7.New(time)),
            AtUnixMs = clock.NowUnixMs,
            OfficerId = officer.OfficerId,
            Picture = picture is null ? "" : Convert.ToHexStringLower(SHA256.HashData(picture)),
        };
        var told = new ServiceRequest
        {
            RequestId = ByteString.CopyFrom(Uuid7.ToBytes(request.Id)),
            Kind = request.Kind,
            What = request.What.Trim(),
            Place = request.Place.Trim(),
            AtUnixMs = request.AtUnixMs,
            Contact = request.Contact.Trim(),
            Office = request.Office,
            Position = positions.Current,
        };
        if (RecordRules.Problem(told) is { Length: > 0 } problem)
            return (problem, default);
        lock (gate)
        {
            if (requests.Count >= RecordBook.MostKept)
                return ("too_many_records", default);
            _ = ledger.Record(
                new AuditDraft(AuditKind.RecordOpened, officer.OfficerId, officer.SessionId, request.Id.ToString(), "written"),
                Lane.Evidence, Priority.Normal, officer.OfficerId, e => e.ServiceRequest = told,
                attachments: picture is null ? null : [AttachmentDraft.OfBytes(AttachmentRole.Photo, "image/jpeg", picture)],
                also: (connection, transaction, _) => store.Put(request, connection, transaction));
            requests[request.Id] = request;
        }
        Changed?.Invoke();
        return ("", request.Id);
    }

    /// <summary>Somebody reads it: written down before it is shown.</summary>
    public WindowRequest? Open(Guid id, DutySession officer)
    {
        lock (gate)
        {
            if (!requests.TryGetValue(id, out WindowRequest? request))
                return null;
            ledger.Note(new AuditDraft(AuditKind.RecordOpened, officer.OfficerId, officer.SessionId, id.ToString(), "read"));
            return request;
        }
    }

    /// <returns>Whether it is one of these.</returns>
    public bool Hear(Guid id, FieldNews news)
    {
        lock (gate)
        {
            if (!requests.TryGetValue(id, out WindowRequest? request))
                return false;
            if (news.State <= request.State)
                return true;
            WindowRequest moved = request with { State = news.State, ChangedAtUnixMs = news.AtUnixMs, Answer = news.Words };
            store.Put(moved);
            requests[id] = moved;
        }
        Changed?.Invoke();
        return true;
    }

    public int ForgetDue(long sentBeforeUnixMs)
    {
        Guid[] due;
        lock (gate)
        {
            due = [.. requests.Values.Where(r => r.AtUnixMs < sentBeforeUnixMs).Select(r => r.Id)];
            if (due.Length == 0)
                return 0;
            store.Remove(due);
            foreach (Guid id in due)
                _ = requests.Remove(id);
        }
        Changed?.Invoke();
        return due.Length;
    }
}
