using System.Data.Common;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Lists;

/// <summary>What became of an act on a draft: a code where it was refused, the list where it went into force.</summary>
internal sealed record DraftOutcome(string Code, IssuedList? Issued = null)
{
    public static DraftOutcome Done { get; } = new("");
}

/// <summary>
/// The life of a draft: written, submitted with a reason, approved by two persons who wrote nothing of it, each with their own key, and
/// only then signed by the issuer and issued. Each act is a step, an audit row, and what it changes, in one commit.
/// </summary>
internal sealed class DraftBook(DraftTable drafts, ListIssuing issuing, TimeProvider time)
{
    public const int ApproversNeeded = 2;
    public const int LeastReason = 3, MostReason = 500;

    // Whoever did one of these wrote it.
    private static readonly string[] Writing = ["made", "edited", "submitted"];

    public DraftOutcome Make(DbTransaction transaction, byte[] draftId, WrittenDraft written, (string User, string District) maker)
    {
        drafts.Put(transaction, draftId, written, maker.District, Now());
        return Step(transaction, draftId, maker.User, "made", "");
    }

    public DraftOutcome Edit(DbTransaction transaction, byte[] draftId, WrittenDraft written, string actor)
    {
        if (Require(transaction, draftId, DraftState.Draft, DraftState.Rejected) is { } refused)
            return refused;
        drafts.Put(transaction, draftId, written, "", Now());
        return Step(transaction, draftId, actor, "edited", "");
    }

    /// <param name="transaction">Of the commit.</param>
    /// <param name="draft">As it was when the list was built from it.</param>
    /// <param name="list">Built and tried; numbered here.</param>
    /// <param name="actor">Who submits.</param>
    /// <param name="reason">Why, for those who are to approve.</param>
    public DraftOutcome Submit(DbTransaction transaction, DraftRow draft, Watchlist list, string actor, string reason)
    {
        if (Require(transaction, draft.DraftId, DraftState.Draft) is { } refused)
            return refused;
        if (DraftTable.Find(transaction.Connection!, transaction, draft.DraftId)!.ChangedAt != draft.ChangedAt)
            return new("draft_changed");
        if (ListTable.IsRevoked(transaction, list.ListId))
            return new("list_revoked");
        list.Version = (ulong)ListTable.NewestVersion(transaction, list.ListId) + 1;
        var before = issuing.NewestOf(transaction, list.ListId);
        var delta = before is null ? null : WatchlistDelta.Between(before, list);
        drafts.Submit(transaction, draft.DraftId, ((long)list.Version, list.ValidToUnixMs), list.ToByteArray(), delta?.ToByteArray());
        return Step(transaction, draft.DraftId, actor, "submitted", reason);
    }

    /// <summary>Whether this person may approve this draft now; asked before their key is opened and again in the commit.</summary>
    public string WhyNot(DbConnection connection, DbTransaction? transaction, byte[] draftId, string account)
    {
        if (DraftTable.Find(connection, transaction, draftId) is not { } draft)
            return "unknown_draft";
        if (draft.State != DraftState.Submitted)
            return "draft_not_submitted";
        if (DraftTable.Steps(connection, transaction, draftId).Any(step => step.Actor == account && Writing.Contains(step.Act)))
            return "own_draft";
        if (DraftTable.Approvals(connection, transaction, draftId).Any(approval => approval.Account == account))
            return "approved_already";
        return draft.ValidTo <= Now() ? "draft_over" : "";
    }

    /// <summary>The envelopes that an approver signs: the whole list, then the change where there is one.</summary>
    public IReadOnlyList<SignedEnvelope>? ToSign(byte[] draftId) => drafts.Payloads(draftId) is { } payloads ? Envelopes(payloads.Whole, payloads.Delta) : null;

    /// <exception cref="CentreException">Enough approved, and the cars' own check refuses the list all the same; nothing is stored.</exception>
    public DraftOutcome Approve(DbTransaction transaction, byte[] draftId, DraftApproval approval)
    {
        var connection = transaction.Connection!;
        if (WhyNot(connection, transaction, draftId, approval.Account) is { Length: > 0 } code)
            return new(code);
        var draft = DraftTable.Find(connection, transaction, draftId)!;
        if (ListTable.NewestVersion(transaction, draft.ListId) + 1 != draft.Version || ListTable.IsRevoked(transaction, draft.ListId))
            return new("draft_outdated");
        var (whole, delta) = drafts.Payloads(connection, transaction, draftId)!.Value;
        var toSign = Envelopes(whole, delta);
        if (!Signed(toSign[0], approval.Whole, approval) || (delta is not null && (approval.Delta is null || !Signed(toSign[1], approval.Delta, approval))))
            return new("draft_changed");
        DraftTable.Approve(transaction, draftId, approval);
        _ = Step(transaction, draftId, approval.Account, "approved", "");
        var counting = DraftTable.Approvals(connection, transaction, draftId).Where(given => StillCounts(transaction, given)).ToList();
        if (counting.Count < ApproversNeeded)
            return DraftOutcome.Done;
        var issued = issuing.Store(transaction, Finished(toSign[0], counting, given => given.Whole), Change(toSign, counting), UnitsOf(draftId), approval.Account);
        DraftTable.End(transaction, draftId, DraftState.Issued, erase: true, Now());
        _ = Step(transaction, draftId, approval.Account, "issued", $"v{issued.Version}");
        return new("", issued);
    }

    public DraftOutcome Reject(DbTransaction transaction, byte[] draftId, string actor, string reason)
    {
        if (Require(transaction, draftId, DraftState.Submitted) is { } refused)
            return refused;
        DraftTable.End(transaction, draftId, DraftState.Rejected, erase: false, Now());
        return Step(transaction, draftId, actor, "rejected", reason);
    }

    public DraftOutcome Withdraw(DbTransaction transaction, byte[] draftId, string actor, string reason)
    {
        if (Require(transaction, draftId, DraftState.Draft, DraftState.Submitted, DraftState.Rejected) is { } refused)
            return refused;
        if (!DraftTable.Steps(transaction.Connection!, transaction, draftId).Any(step => step.Actor == actor && Writing.Contains(step.Act)))
            return new("not_your_draft");
        DraftTable.End(transaction, draftId, DraftState.Withdrawn, erase: true, Now());
        return Step(transaction, draftId, actor, "withdrawn", reason);
    }

    private static DraftOutcome? Require(DbTransaction transaction, byte[] draftId, params string[] states) =>
        DraftTable.Find(transaction.Connection!, transaction, draftId) is not { } draft ? new("unknown_draft")
        : states.Contains(draft.State) ? null
        : new(draft.State == DraftState.Submitted ? "draft_submitted" : draft.State is DraftState.Issued or DraftState.Withdrawn ? "draft_closed" : "draft_not_submitted");

    // Somebody whose account or key was taken away since has approved nothing.
    private static bool StillCounts(DbTransaction transaction, DraftApproval given) =>
        AccountTable.Find(transaction, given.Account) is { } account && Permissions.Has(account.Role, Permission.ApproveLists)
        && ApproverKeys.Find(transaction, given.Account)?.Certificate is { } certificate && certificate.AsSpan().SequenceEqual(given.Certificate);

    private IReadOnlyList<string> UnitsOf(byte[] draftId) => drafts.Written(draftId)?.List.Units ?? throw new CentreException("The draft is gone.");

    private static List<SignedEnvelope> Envelopes(byte[] whole, byte[]? delta)
    {
        static SignedEnvelope Of(byte[] payload) => new() { PayloadType = Contract.Envelopes.WatchlistType, Payload = ByteString.CopyFrom(payload) };
        return delta is null ? [Of(whole)] : [Of(whole), Of(delta)];
    }

    private byte[] Finished(SignedEnvelope envelope, IReadOnlyList<DraftApproval> approvals, Func<DraftApproval, byte[]?> signature)
    {
        issuing.SignAsIssuer(envelope);
        envelope.Signatures.AddRange(approvals.Select(given => Signature.Parser.ParseFrom(signature(given))));
        return envelope.ToByteArray();
    }

    // The change is for cars that hold the version before; where it is no shorter, nobody needs it.
    private byte[]? Change(List<SignedEnvelope> toSign, IReadOnlyList<DraftApproval> approvals) => toSign.Count < 2 || toSign[1].Payload.Length >= toSign[0].Payload.Length
        ? null
        : Finished(toSign[1], approvals, given => given.Delta);

    private static bool Signed(SignedEnvelope envelope, byte[] signature, DraftApproval approval)
    {
        using var certificate = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(approval.Certificate);
        return Contract.Envelopes.VerifySignature(envelope, Signature.Parser.ParseFrom(signature), certificate);
    }

    private DraftOutcome Step(DbTransaction transaction, byte[] draftId, string actor, string act, string reason)
    {
        DraftTable.AddStep(transaction, draftId, new DraftStep(Now(), actor, act, reason));
        var listId = DraftTable.Find(transaction.Connection!, transaction, draftId)!.ListId;
        AuditTable.Add(transaction, new AuditRow(actor, $"draft_{act}", $"{Uuid7.ToGuid(draftId)} {listId}", reason), Now());
        ChangeTable.Note(transaction, ChangeKind.Topics, "drafts", Now());
        return DraftOutcome.Done;
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
