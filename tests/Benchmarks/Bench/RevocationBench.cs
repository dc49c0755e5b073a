using System.Diagnostics;
using EdgeAgent.Agent.Watchlists;
using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.Lists;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeAgent.Benchmarks.Bench;

/// <summary>
/// What <c>bench revocation</c> prints, milliseconds: from the moment at which the command line's order is durable at the centre until
/// nothing is matched against the list in the car, and, beside it, from an issued list, and from a newer version of it, to the first match.
/// </summary>
/// <param name="ByDelta">Rounds in which the newer version came as a delta, not whole.</param>
internal sealed record RevocationFigures(
    double P50Ms, double P95Ms, double MaxMs, double IssueP50Ms, double IssueMaxMs, double ChangeP50Ms, double ChangeMaxMs, int ByDelta,
    int Rounds, int Entries, double GoalMs, string Machine);

/// <summary>A real centre and a real host on one live link over loopback (mutual TLS); lists are issued and revoked as an administrator does it.</summary>
internal static class RevocationBench
{
    private const double GoalMs = 1000;
    private const string Plate = "京A12345", Added = "沪C54321";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <exception cref="InputException">Numbers out of range, or the link did not come up.</exception>
    public static async Task<RevocationFigures> RunAsync(int rounds, int entries, TextWriter progress)
    {
        if (rounds is < 1 or > 1000 || entries is < 1 or > 100_000)
            throw new InputException($"--rounds {rounds}, --entries {entries}: 1 to 1000 rounds of 1 to 100,000 entries.");
        await using LinkedCar car = await LinkedCar.StartAsync();
        using OpenCentre admin = car.OpenCentre();
        return await MeasureAsync(car.Host.Services.GetRequiredService<WatchlistLibrary>(), admin.Issuing(), car.Folder, rounds, entries, progress);
    }

    private static async Task<RevocationFigures> MeasureAsync(WatchlistLibrary lists, ListIssuing issuing, string folder, int rounds, int entries, TextWriter progress)
    {
        List<double> issued = [], changed = [], revoked = [];
        int byDelta = 0;
        for (int round = 1; round <= rounds; round++)
        {
            string id = $"list-{round}";
            _ = issuing.Issue(ListBuilder.Build(Draft(id, entries, Plate), folder, TimeProvider.System), []);
            issued.Add(await UntilAsync(() => Matches(lists, id)));
            _ = issuing.Issue(ListBuilder.Build(Draft(id, entries, Plate, Added), folder, TimeProvider.System), []);
            changed.Add(await UntilAsync(() => Matches(lists, id, Added)));
            byDelta += lists.Current.Lists[id].PatchedSinceUnixMs > 0 ? 1 : 0;
            issuing.Revoke(id, "bench");
            revoked.Add(await UntilAsync(() => !Matches(lists, id)));
            progress.WriteLine($"  round {round} of {rounds}: in use after {issued[^1]:0} ms, changed after {changed[^1]:0} ms, revoked after {revoked[^1]:0} ms");
        }
        return new RevocationFigures(
            Percentiles.Of(revoked, 0.5), Percentiles.Of(revoked, 0.95), revoked.Max(), Percentiles.Of(issued, 0.5), issued.Max(),
            Percentiles.Of(changed, 0.5), changed.Max(), byDelta, rounds, entries, GoalMs,
            Machines.Describe());
    }

    /// <summary>Whether the matcher would find the listed plate in this list.</summary>
    private static bool Matches(WatchlistLibrary lists, string id, string plate = Plate)
    {
        MatchSet set = lists.Current;
        return set.Lists.ContainsKey(id) && set.Plates.Find(plate, [.. plate.Select(_ => 1f)], []).Any(match => match.ListId == id);
    }

    private static async Task<double> UntilAsync(Func<bool> done)
    {
        long started = Stopwatch.GetTimestamp();
        while (!done())
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new InputException($"Nothing changed in the car within {Patience.TotalSeconds:0} s: its link is not up.");
            await Task.Delay(1);
        }
        return Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1);
    }

    private static ListDraft Draft(string id, int entries, params string[] plates) =>
        LinkedCar.PlateList(id, Enumerable.Range(0, entries).Select(i => i < plates.Length ? plates[i] : $"京B{i:00000}"));
}
