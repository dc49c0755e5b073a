using System.Data.Common;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Lists;

/// <summary>What was issued.</summary>
/// <param name="DeltaBytes">Of the delta that cars with the version before get; 0: they get the whole list.</param>
internal sealed record IssuedList(string ListId, long Version, int Entries, long ValidToUnixMs, int SizeBytes, int DeltaBytes);

/// <summary>Numbers, signs, checks and stores lists, takes signed ones from elsewhere, and revokes.</summary>
internal sealed class ListIssuing(DataFolder folder, CentreDatabase database, ListTable lists, RegisterTable registers, CommandTable commands, TimeProvider time)
{
    private const string Actor = "command-line";

    /// <summary>Signs with the bench's keys of this folder: the issuer's and both approvers'.</summary>
    /// <param name="also">What belongs to the same step.</param>
    /// <exception cref="CentreException">The cars' own check would refuse it; the message says why.</exception>
    public IssuedList Issue(Watchlist list, IReadOnlyList<string> units, Action<DbTransaction>? also = null) => database.Write(transaction =>
    {
        list.Version = (ulong)ListTable.NewestVersion(transaction, list.ListId) + 1;
        var envelope = Sign(folder, list).ToByteArray();
        var before = Newest(transaction, list.ListId);
        var delta = before is null ? null : WatchlistDelta.Between(before, list);
        var signed = delta is null ? null : Sign(folder, delta).ToByteArray();
        var issued = Store(transaction, envelope, signed?.Length < envelope.Length ? signed : null, units);
        also?.Invoke(transaction);
        return issued;
    });

    /// <summary>Takes a list that was signed elsewhere, with keys that this centre never sees.</summary>
    /// <param name="delta">Signed as well: what leads to it from the version before; null: cars get the whole list.</param>
    /// <exception cref="CentreException">Refused by the cars' own check, not newer than what was issued, or the delta leads elsewhere.</exception>
    public IssuedList Import(byte[] envelope, byte[]? delta, IReadOnlyList<string> units) =>
        database.Write(transaction => Store(transaction, envelope, delta, units));

    /// <exception cref="CentreException">There is no such list, or it was revoked already.</exception>
    public void Revoke(string listId, string reason) => database.Write(transaction =>
    {
        Revoke(transaction, listId, reason, Actor);
        return 0;
    });

    /// <inheritdoc cref="Revoke(string, string)"/>
    public void Revoke(DbTransaction transaction, string listId, string reason, string actor)
    {
        if (ListTable.NewestVersion(transaction, listId) == 0)
            throw new CentreException($"There is no list '{listId}'. 'lists show' shows those there are.");
        if (ListTable.IsRevoked(transaction, listId))
            throw new CentreException($"List '{listId}' was revoked already.");
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        ListTable.Revoke(transaction, listId, reason, now);
        foreach (var unitId in UnitIds(transaction))
        {
            var command = CommandTable.New(actor, "admin", time);
            command.RevokeList = new RevokeList { ListId = listId, Reason = reason };
            commands.Add(transaction, unitId, command);
            ChangeTable.Note(transaction, ChangeKind.Commands, unitId, now);
        }
        ChangeTable.Note(transaction, ChangeKind.Lists, listId, now);
        AuditTable.Add(transaction, new AuditRow(actor, "list_revoked", listId, reason), now);
    }

    /// <summary>Takes single entries back from every car at once; a later version may not list them again.</summary>
    /// <exception cref="CentreException">The list is not in force, or has no such entry.</exception>
    public void RevokeEntry(DbTransaction transaction, string listId, string entryId, string reason, string actor)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (lists.InForce(transaction.Connection!, transaction, listId, now) is not { } list || !ListedEntry.Of(list).Any(entry => entry.EntryId == entryId))
            throw new CentreException($"List '{listId}' is not in force or has no entry '{entryId}'.");
        EntryRevocations.Add(transaction, listId, entryId, reason, now);
        foreach (var unitId in UnitIds(transaction))
            EntryRevocations.Send(transaction, commands, unitId, listId, (actor, time));
        ChangeTable.Note(transaction, ChangeKind.Lists, listId, now);
        AuditTable.Add(transaction, new AuditRow(actor, "list_entry_revoked", $"{listId}/{entryId}", reason), now);
    }

    /// <summary>What is signed as the issuer here: the issuer's key alone issues nothing.</summary>
    public void SignAsIssuer(SignedEnvelope envelope) => Add(folder, envelope, SignerRole.Issuer, CentreKeys.ListIssuer);

    /// <summary>The newest version's list while its bytes are kept.</summary>
    public Watchlist? NewestOf(DbTransaction transaction, string listId) => Newest(transaction, listId);

    /// <summary>The root of lists, without its key.</summary>
    public X509Certificate2 LoadRoot() => X509Certificate2.CreateFromPem(File.ReadAllText(folder.KeyFile(CentreKeys.ListRoot + ".pem")));

    /// <inheritdoc cref="Import"/>
    public IssuedList Store(DbTransaction transaction, byte[] envelope, byte[]? delta, IReadOnlyList<string> units, string actor = Actor)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        using var root = LoadRoot();
        // The very check that the cars make: what they would refuse is not issued.
        var trust = new ListTrust([root]);
        var list = Verify(envelope, trust, new ListCheck { NowUnixMs = now });
        if (ListTable.IsRevoked(transaction, list.ListId))
            throw new CentreException($"List '{list.ListId}' was revoked. A new order needs a new list id.");
        var newest = ListTable.NewestVersion(transaction, list.ListId);
        if (list.Version != (ulong)newest + 1)
            throw new CentreException($"List '{list.ListId}': version {list.Version} does not follow {newest}.");
        foreach (var unitId in units)
            _ = UnitTable.Require(transaction, unitId);
        if (delta is not null)
            CheckDelta(transaction, list, Verify(delta, trust, new ListCheck { NowUnixMs = now, HeldVersion = (ulong)newest }));
        lists.Store(transaction, list, envelope, delta, units);
        // A row for every list; and what has become real is no canary any more.
        var real = ListedEntry.Of(list).ToList();
        registers.Put(transaction, list.ListId, [.. registers.Of(transaction.Connection!, transaction, list.ListId).Where(canary =>
            !real.Exists(entry => entry.EntryId == canary.Entry.EntryId || (entry.Plate.Length > 0 && entry.Plate == canary.Entry.Plate)))]);
        ChangeTable.Note(transaction, ChangeKind.Lists, list.ListId, now);
        AuditTable.Add(transaction, new AuditRow(actor, "list_issued", $"{list.ListId} v{list.Version}", list.LegalReference), now);
        return new IssuedList(list.ListId, (long)list.Version, list.Plates.Count + list.Faces.Count, list.ValidToUnixMs, envelope.Length, delta?.Length ?? 0);
    }

    private void CheckDelta(DbTransaction transaction, Watchlist list, Watchlist delta)
    {
        var before = Newest(transaction, list.ListId);
        if (before is null || WatchlistDelta.Apply(before, delta) is not { } after
            || !WatchlistDelta.SameClaims(after, list) || !WatchlistDelta.SameEntries(after, list))
            throw new CentreException($"List '{list.ListId}': the delta does not lead from version {list.Version - 1} to version {list.Version}, with the same claims and entries.");
    }

    private Watchlist? Newest(DbTransaction transaction, string listId) => lists.NewestEnvelope(transaction, listId) is { } envelope
        ? Watchlist.Parser.ParseFrom(SignedEnvelope.Parser.ParseFrom(envelope).Payload)
        : null;

    private static Watchlist Verify(byte[] envelope, ListTrust trust, ListCheck check)
    {
        var verdict = WatchlistVerifier.Verify(envelope, trust, check);
        return verdict.List ?? throw new CentreException($"The cars would refuse this list: {verdict.SentenceEn} [{verdict.Code}]");
    }

    /// <summary>Signed with the bench's keys of a data folder; nothing is checked or stored.</summary>
    internal static SignedEnvelope Sign(DataFolder folder, Watchlist list)
    {
        var envelope = new SignedEnvelope { PayloadType = Envelopes.WatchlistType, Payload = list.ToByteString() };
        Add(folder, envelope, SignerRole.Issuer, CentreKeys.ListIssuer);
        foreach (var (file, _) in CentreKeys.Approvers)
            Add(folder, envelope, SignerRole.Approver, file);
        return envelope;
    }

    private static void Add(DataFolder folder, SignedEnvelope envelope, SignerRole role, string name)
    {
        using var certificate = KeyPair.Load(folder, name);
        using var key = certificate.GetECDsaPrivateKey() ?? throw new CentreException($"{name} has no key.");
        _ = Envelopes.AddSignature(envelope, new EnvelopeSigner(role, key, [certificate.RawData]));
    }

    private static IEnumerable<string> UnitIds(DbTransaction transaction) =>
        Dapper.SqlMapper.Query<string>(transaction.Connection!, "SELECT unit_id FROM units WHERE revoked_at IS NULL", transaction: transaction);
}
