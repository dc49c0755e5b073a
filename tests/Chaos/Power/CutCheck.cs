using System.Security.Cryptography;
using Dapper;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.DispatchClient.Outbox;
using Microsoft.Data.Sqlite;

namespace EdgeAgent.Chaos.Power;

/// <summary>
/// What both sides make of a disk after the cut: opened as the programs open it, everything delivered to the end, then held
/// against what had been promised.
/// </summary>
internal static class CutCheck
{
    private const int MostRounds = 10_000;

    /// <returns>What was broken; empty when every promise was kept.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(string folder, Promises promised)
    {
        try
        {
            await using TwoSides sides = TwoSides.Open(folder);
            if (sides.Outbox.Quarantine is not null)
                return ["the outbox was found damaged and put aside"];
            if (sides.Database.Read(c => c.ExecuteScalar<string>("PRAGMA quick_check(1)")) is var verdict and not "ok")
                return [$"the centre's database is damaged: {verdict}"];
            HashSet<string> before = Ids(sides.Books());
            var wrong = new List<string>(Lost("acknowledged by the centre and not there", promised.Stored, before));
            if (sides.Car.ChainFault(promised.Head) is { Length: > 0 } fault)
                wrong.Add($"the audit chain: {fault}");
            await DeliverAllAsync(sides);
            wrong.AddRange(Compare(sides, promised));
            return wrong;
        }
        catch (Exception e) when (e is SqliteException or OutboxException or InvalidOperationException or InvalidDataException or CryptographicException or IOException)
        {
            return [$"{e.GetType().Name}: {e.Message}"];
        }
    }

    private static async Task DeliverAllAsync(TwoSides sides)
    {
        int rounds = 0;
        while ((await sides.DeliverEventsAsync(256, _ => true)).Count > 0 && rounds++ < MostRounds)
        {
        }
        while (await sides.DeliverEvidenceAsync(null) is not null && rounds++ < MostRounds)
        {
        }
    }

    private static IEnumerable<string> Compare(TwoSides sides, Promises promised)
    {
        UnitLedger books = sides.Books();
        foreach (string lost in Lost("written in the car and never delivered", promised.Appended.Keys, Ids(books)))
            yield return lost;
        if (books.Events != books.DistinctIds)
            yield return $"{books.Events - books.DistinctIds} events stand twice at the centre";
        if (books.RefusedEvents > 0)
            yield return $"the centre refused {books.RefusedEvents} events, the first: {books.Refused[0].Code}";
        if (books.MissingNumbers > 0)
            yield return $"{books.MissingNumbers} numbers are missing at the centre";
        string[] gone = [.. promised.Attached.Union(promised.Kept).Where(hash => !sides.HasEvidence(Convert.FromHexString(hash)))];
        if (gone.Length > 0)
            yield return $"{gone.Length} attachments are not whole at the centre, the first {gone[0][..12]}";
        OutboxCounts counts = sides.Outbox.Counts;
        if (counts.Pending + counts.Refused + counts.AttachmentsPending > 0)
            yield return $"the car is left with {counts.Pending} events and {counts.AttachmentsPending} attachments to deliver, {counts.Refused} refused";
    }

    private static IEnumerable<string> Lost(string what, IEnumerable<string> promised, HashSet<string> there)
    {
        string[] lost = [.. promised.Where(id => !there.Contains(id))];
        if (lost.Length > 0)
            yield return $"{lost.Length} events {what}, the first {lost[0]}";
    }

    private static HashSet<string> Ids(UnitLedger books) => [.. books.Ids!.Select(id => id.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant())];
}
