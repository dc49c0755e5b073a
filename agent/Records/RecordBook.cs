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

/// <summary>
/// Case records of this car: written as drafts that survive anything, sealed; signed; sent once, in the transaction that closes the draft.
/// A change of what was signed takes the signatures away. Whoever opens one is in the audit.
/// </summary>
internal sealed class RecordBook
{
    public const int MostKept = 100;

    private readonly Lock gate = new();
    private readonly Dictionary<Guid, CaseDraft> cases;
    private readonly RecordStore store;
    private readonly Ledger ledger;
    private readonly PositionBook positions;
    private readonly TrustedClock clock;
    private readonly TimeProvider time;

    public RecordBook(RecordStore store, Ledger ledger, PositionBook positions, TrustedClock clock, TimeProvider time)
    {
        (this.store, this.ledger, this.positions, this.clock, this.time) = (store, ledger, positions, clock, time);
        cases = store.Cases().ToDictionary(draft => draft.Id);
    }

    public event Action? Changed;

    /// <summary>Newest first; not for anybody's eyes as a whole: see <see cref="Open"/>.</summary>
    public IReadOnlyList<CaseDraft> All
    {
        get { lock (gate) return [.. cases.Values.OrderByDescending(draft => draft.CreatedAtUnixMs)]; }
    }

    /// <returns>The new draft, or null where there are too many.</returns>
    public CaseDraft? Begin(string callId, DutySession officer)
    {
        var fields = new CaseFields(RecordRules.Kinds[0], callId, "", clock.NowUnixMs, [], "", "", "");
        if (fields.Problem().Length > 0)
            fields = fields with { CallId = "" };
        var draft = new CaseDraft(Uuid7.ToGuid(Uuid7.New(time)), clock.NowUnixMs, officer.OfficerId, positions.Current?.ToByteArray() ?? [], fields);
        lock (gate)
        {
            if (cases.Count >= MostKept)
                return null;
            ledger.Note(Opened(draft.Id, officer, "written"));
            Keep(draft, store.Put);
        }
        return draft;
    }

    /// <summary>Somebody reads it: written down before it is shown.</summary>
    public CaseDraft? Open(Guid id, DutySession officer, string purpose)
    {
        lock (gate)
        {
            if (!cases.TryGetValue(id, out CaseDraft? draft))
                return null;
            ledger.Note(Opened(id, officer, purpose));
            return draft;
        }
    }

    /// <summary>Durable when this returns "".</summary>
    /// <returns>"" or unknown_record, already_sent, or what is wrong with the fields.</returns>
    public string Write(Guid id, CaseFields fields) => Change(id, draft =>
    {
        if (fields.Problem() is { Length: > 0 } problem)
            return problem;
        if (fields.IsSame(draft.Fields))
            return "";
        Unsign(draft);
        Keep(cases[id] with { Fields = fields }, store.Put);
        return "";
    });

    /// <returns>"" or unknown_record, already_sent, too_many_pictures.</returns>
    public string AddPicture(Guid id, byte[] jpeg) => Change(id, draft =>
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(jpeg));
        if (draft.Pictures.Count >= RecordRules.MostPictures)
            return "too_many_pictures";
        Unsign(draft);
        Keep(cases[id] with { Pictures = [.. draft.Pictures.Where(p => p != hash), hash] }, d => store.Put(d, jpeg));
        return "";
    });

    /// <returns>"" or unknown_record, already_sent.</returns>
    public string RemovePicture(Guid id, string sha256) => Change(id, draft =>
    {
        if (!draft.Pictures.Contains(sha256))
            return "";
        Unsign(draft);
        Keep(cases[id] with { Pictures = [.. draft.Pictures.Where(p => p != sha256)] }, d => store.PutAndForget(d, [sha256]));
        return "";
    });

    /// <param name="person">Whose: a place in the list of persons; null: the officer's.</param>
    /// <param name="png">What the finger drew.</param>
    /// <returns>"" or unknown_record, already_sent, unknown_person, signature_too_large, bad_png.</returns>
    public string Sign(Guid id, int? person, byte[] png) => Change(id, draft =>
    {
        if (person is < 0 || person >= draft.Fields.Persons.Count)
            return "unknown_person";
        if (PngCheck.Problem(png) is { Length: > 0 } problem)
            return problem;
        string hash = Convert.ToHexStringLower(SHA256.HashData(png));
        string[] signatures = [.. Enumerable.Range(0, draft.Fields.Persons.Count).Select(n => n == person ? hash : draft.PersonSignatures.ElementAtOrDefault(n) ?? "")];
        Keep(person is null ? draft with { OfficerSignature = hash } : draft with { PersonSignatures = signatures }, d => store.Put(d, png));
        return "";
    });

    /// <summary>Sends it; from then on it is read only. Durable when this returns "".</summary>
    /// <returns>"" or unknown_record, already_sent, or what is missing (<see cref="RecordRules"/>).</returns>
    public string Finish(Guid id, DutySession officer) => Change(id, draft =>
    {
        CaseRecord told = draft.Told();
        if (RecordRules.Problem(told) is { Length: > 0 } problem)
            return problem;
        CaseDraft sent = draft with { State = FieldState.Sent, ChangedAtUnixMs = clock.NowUnixMs, OfficerId = officer.OfficerId };
        _ = ledger.Record(
            Opened(id, officer, "signed"), Lane.Evidence, Priority.Normal, officer.OfficerId, e => e.CaseRecord = told,
            attachments: [.. Attachments(draft)], also: (connection, transaction, _) => store.Put(sent, connection, transaction));
        cases[id] = sent;
        Changed?.Invoke();
        return "";
    });

    /// <summary>A draft that nobody wants.</summary>
    public string Discard(Guid id, DutySession officer) => Change(id, draft =>
    {
        ledger.Note(Opened(id, officer, "discarded"));
        Remove([id]);
        return "";
    });

    /// <summary>A picture or signature of it, which the caller overwrites; null: it has none of that hash.</summary>
    public byte[]? PictureOf(Guid id, string sha256)
    {
        lock (gate)
        {
            return cases.TryGetValue(id, out CaseDraft? draft) && (draft.Pictures.Contains(sha256) || draft.PersonSignatures.Contains(sha256) || draft.OfficerSignature == sha256)
                ? store.PictureOf(id, sha256)
                : null;
        }
    }

    /// <returns>Whether it is one of these.</returns>
    public bool Hear(Guid id, FieldNews news)
    {
        lock (gate)
        {
            if (!cases.TryGetValue(id, out CaseDraft? draft))
                return false;
            if (draft.State != FieldState.Unspecified && news.State > draft.State)
                Keep(draft with { State = news.State, ChangedAtUnixMs = news.AtUnixMs, Answer = news.Words }, store.Put);
            return true;
        }
    }

    /// <summary>Drafts begun before the one time, sent ones before the other.</summary>
    public int ForgetDue(long draftsBeforeUnixMs, long sentBeforeUnixMs)
    {
        lock (gate)
        {
            Guid[] due = [.. cases.Values.Where(d => d.CreatedAtUnixMs < (d.State == FieldState.Unspecified ? draftsBeforeUnixMs : sentBeforeUnixMs)).Select(d => d.Id)];
            if (due.Length > 0)
                Remove(due);
            return due.Length;
        }
    }

    private string Change(Guid id, Func<CaseDraft, string> act)
    {
        lock (gate)
        {
            return !cases.TryGetValue(id, out CaseDraft? draft) ? "unknown_record" : draft.State != FieldState.Unspecified ? "already_sent" : act(draft);
        }
    }

    /// <summary>What is about to stand there nobody has signed.</summary>
    private void Unsign(CaseDraft draft)
    {
        if (draft.OfficerSignature.Length > 0 || draft.PersonSignatures.Any(hash => hash.Length > 0))
            Keep(draft with { PersonSignatures = [], OfficerSignature = "" }, d => store.PutAndForget(d, [.. draft.PersonSignatures, draft.OfficerSignature]));
    }

    private void Keep(CaseDraft draft, Action<CaseDraft> put)
    {
        put(draft);
        cases[draft.Id] = draft;
        Changed?.Invoke();
    }

    private void Remove(IReadOnlyList<Guid> ids)
    {
        store.Remove(ids);
        foreach (Guid id in ids)
            _ = cases.Remove(id);
        Changed?.Invoke();
    }

    // Signatures first: the clock of evidence goes by the first.
    private IEnumerable<AttachmentDraft> Attachments(CaseDraft draft) =>
    [
        .. draft.PersonSignatures.Prepend(draft.OfficerSignature).Where(hash => hash.Length > 0).Distinct()
            .Select(hash => AttachmentDraft.OfBytes(AttachmentRole.Signature, "image/png", store.PictureOf(draft.Id, hash)!)),
        .. draft.Pictures.Select(hash => AttachmentDraft.OfBytes(AttachmentRole.Photo, "image/jpeg", store.PictureOf(draft.Id, hash)!)),
    ];

    private static AuditDraft Opened(Guid id, DutySession officer, string purpose) => new(AuditKind.RecordOpened, officer.OfficerId, officer.SessionId, id.ToString(), purpose);
}
