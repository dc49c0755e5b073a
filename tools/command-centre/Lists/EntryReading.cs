using System.Data.Common;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Lists;

/// <summary>Who reads entries, how (console, command_line or look_up) and what for.</summary>
internal sealed record Reader(string Actor, string Way, string Purpose);

/// <summary>What a search found. Nobody is told how many there are beyond the first.</summary>
internal sealed record EntriesFound(IReadOnlyList<ListedEntry> Entries, bool More);

/// <summary>
/// Reading the entries of a list at the centre. What is found is known before it is written down, and shown only after: a row for the
/// search and one for each entry, and in the same commit an alarm for each canary among them. The reader's answer is the same
/// either way.
/// </summary>
internal sealed class EntryReading(ListTable lists, RegisterTable registers, TimeProvider time)
{
    public const int MostFound = 20;
    public const int LeastSearch = 2, MostSearch = 64, LeastPurpose = 3, MostPurpose = 200;

    /// <summary>"" or why this is not searched: search_too_short, search_too_long, purpose_required, purpose_too_long.</summary>
    public static string Problem(string search, string purpose) => (search.Length, purpose.Length) switch
    {
        (_, < LeastPurpose) => "purpose_required",
        (_, > MostPurpose) => "purpose_too_long",
        ( < LeastSearch, _) => "search_too_short",
        ( > MostSearch, _) => "search_too_long",
        _ => "",
    };

    /// <summary>Null: the list is not in force, so there is nothing to read.</summary>
    public (EntriesFound Found, Action<DbTransaction> WriteDown)? Search(string listId, string search, Reader reader)
    {
        if (lists.InForce(listId, Now()) is not { } list)
            return null;
        var canaries = registers.Of(listId);
        var listed = ListedEntry.Of(list).ToDictionary(entry => entry.EntryId, StringComparer.Ordinal);
        // An entry that came to the list later has the same id: that one is real.
        foreach (var canary in canaries)
            _ = listed.TryAdd(canary.Entry.EntryId, canary.Entry);
        var found = listed.Values.Where(entry => entry.Answers(search)).OrderBy(entry => entry.EntryId, StringComparer.Ordinal).Take(MostFound + 1).ToList();
        var shown = found.Take(MostFound).ToList();
        var touched = canaries.Where(canary => shown.Any(entry => ReferenceEquals(entry, canary.Entry))).ToList();
        return (new EntriesFound(shown, found.Count > MostFound), transaction =>
        {
            var now = Now();
            AuditTable.Add(transaction, new AuditRow(reader.Actor, "entries_searched", listId, reader.Purpose), now);
            foreach (var entry in shown)
                AuditTable.Add(transaction, new AuditRow(reader.Actor, "entry_read", $"{listId}/{entry.EntryId}", reader.Purpose), now);
            foreach (var canary in touched)
                Raise(transaction, reader, listId, canary, now);
        }
        );
    }

    /// <summary>Somebody looked this plate up: raises an alarm where it is a canary's, on whichever list.</summary>
    public void LookedUp(DbTransaction transaction, string plate, Reader reader)
    {
        var plain = LookUpSubjects.BarePlate(plate);
        foreach (var (listId, canaries) in registers.All())
        {
            foreach (var canary in canaries.Where(canary => canary.Entry.Plate == plain))
                Raise(transaction, reader, listId, canary, Now());
        }
    }

    private static void Raise(DbTransaction transaction, Reader reader, string listId, Canary canary, long now)
    {
        AlarmTable.Add(transaction, new Alarm { At = now, Actor = reader.Actor, Way = reader.Way, ListId = listId, CanaryId = canary.CanaryId, Purpose = reader.Purpose });
        ChangeTable.Note(transaction, ChangeKind.Alarms, listId, now);
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
