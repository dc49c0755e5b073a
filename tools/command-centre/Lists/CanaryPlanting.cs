using System.Data.Common;
using System.Security.Cryptography;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Lists;

/// <summary>
/// Plants canaries on a list and takes them away. An administrator's act; the audit names the list, never the entry. They are in no
/// signed list: no car can match one, so none can stop anybody.
/// </summary>
internal sealed class CanaryPlanting(ListTable lists, RegisterTable registers, AccountTable accounts, TimeProvider time)
{
    /// <exception cref="CentreException">Not an administrator's account.</exception>
    public string RequireAdmin(string by) => accounts.Find(by) is { Role: "admin" }
        ? by
        : throw new CentreException($"'{by}' is no administrator's account: only an administrator plants canaries. Name one with --by.");

    /// <summary>Adds canaries, or changes those with the same entry ids.</summary>
    /// <exception cref="CentreException">No such list in force, an entry that is real, or too many.</exception>
    public void Plant(DbTransaction transaction, string listId, IReadOnlyList<ListedEntry> entries, string by)
    {
        if (lists.InForce(transaction.Connection!, transaction, listId, Now()) is not { } list)
            throw new CentreException($"There is no list '{listId}' in force. 'lists show' shows those there are.");
        var real = ListedEntry.Of(list).ToList();
        foreach (var entry in entries)
        {
            if (entry.EntryId.Length == 0 || (list.Plates.Count > 0 ? entry.Plate.Length == 0 : entry.SubjectReference.Length == 0 || entry.Plate.Length > 0))
                throw new CentreException($"List '{listId}': a canary looks like the list's own entries: an entryId, and a plate (or, on a list of faces, a subjectReference and no plate).");
            if (real.Exists(other => other.EntryId == entry.EntryId || (entry.Plate.Length > 0 && other.Plate == entry.Plate)))
                throw new CentreException($"List '{listId}': entry '{entry.EntryId}' or its plate stands on the list as a real one.");
        }
        var kept = registers.Of(transaction.Connection!, transaction, listId).Where(canary => !entries.Any(entry => entry.EntryId == canary.Entry.EntryId));
        List<Canary> all = [.. kept, .. entries.Select(entry => new Canary(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6)), entry))];
        if (all.Count > RegisterTable.MostCanaries)
            throw new CentreException($"List '{listId}' would have {all.Count} canaries: at most {RegisterTable.MostCanaries}.");
        Put(transaction, listId, all, by);
    }

    /// <returns>Whether there was such a canary.</returns>
    public bool Remove(DbTransaction transaction, string listId, string entryId, string by)
    {
        var all = registers.Of(transaction.Connection!, transaction, listId);
        List<Canary> left = [.. all.Where(canary => canary.Entry.EntryId != entryId)];
        if (left.Count == all.Count)
            return false;
        Put(transaction, listId, left, by);
        return true;
    }

    private void Put(DbTransaction transaction, string listId, IReadOnlyList<Canary> canaries, string by)
    {
        registers.Put(transaction, listId, canaries);
        AuditTable.Add(transaction, new AuditRow(by, "canaries_changed", listId, ""), Now());
        // The console's count of entries is of both kinds.
        ChangeTable.Note(transaction, ChangeKind.Lists, listId, Now());
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
