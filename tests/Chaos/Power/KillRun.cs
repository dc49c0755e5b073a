using System.Diagnostics;
using System.Text.Json.Nodes;
using EdgeAgent.Rig.Run;

namespace EdgeAgent.Chaos.Power;

/// <summary>What came of real kills.</summary>
/// <param name="Kills">SIGKILLs, by the process that got them.</param>
/// <param name="Decisions">Decisions that the terminal said it had.</param>
/// <param name="DecisionsLost">Of these, those that are not at the centre.</param>
/// <param name="DecisionsTwice">Alerts that the centre holds more than one decision of.</param>
/// <param name="Events">Events that the car wrote.</param>
/// <param name="Lost">Acknowledged by the centre and not there.</param>
/// <param name="Twice">Rows at the centre beyond one an event.</param>
/// <param name="Refused">Events that the centre would not take.</param>
/// <param name="Pending">Not delivered at the end.</param>
/// <param name="HostBackP50Ms">From the kill until the terminal answers.</param>
/// <param name="CentreBackP50Ms">From the kill until the console answers.</param>
internal sealed record KillFigures(
    IReadOnlyDictionary<string, int> Kills, int Decisions, int DecisionsLost, int DecisionsTwice, long Events, long Lost, long Twice, long Refused, long Pending,
    double? HostBackP50Ms, double? CentreBackP50Ms)
{
    public IEnumerable<string> Wrong()
    {
        if (Decisions == 0)
            yield return "no decision was made, so nothing was tried";
        if (DecisionsLost > 0)
            yield return $"{DecisionsLost} decisions that the terminal acknowledged are not at the centre";
        if (DecisionsTwice > 0)
            yield return $"{DecisionsTwice} alerts were decided twice";
        if (Lost > 0)
            yield return $"{Lost} acknowledged events are not at the centre";
        if (Twice > 0)
            yield return $"{Twice} events stand twice at the centre";
        if (Refused > 0)
            yield return $"the centre refused {Refused} events";
        if (Pending > 0)
            yield return $"{Pending} events were not delivered within the time";
    }
}

/// <summary>The real programs together, an officer deciding, and one of them killed every few seconds.</summary>
internal sealed class KillRun(Bench bench, int seed, TextWriter progress, TimeProvider time)
{
    private static readonly TimeSpan DeliverWithin = TimeSpan.FromMinutes(2);
    private readonly Random random = new(seed);
    private readonly SortedDictionary<string, int> kills = [];
    private readonly List<double> hostBack = [];
    private readonly List<double> centreBack = [];

    /// <param name="count">Kills: a host, an eyes and a centre in every three, in random order.</param>
    /// <param name="stop">Ends it early.</param>
    public async Task<KillFigures> RunAsync(int count, CancellationToken stop)
    {
        using var shift = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var officer = new ScriptedOfficer(bench.Plan.TerminalUrl, BenchPlan.OfficerId, bench.Plan.Pin, time);
        Task deciding = officer.RunAsync(shift.Token);
        await bench.AnalysingAsync(stop);
        for (int done = 0; done < count;)
        {
            string[] round = ["host", "eyes", "centre"];
            random.Shuffle(round);
            foreach (string victim in round.Take(count - done))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(300, 4000)), time, stop);
                await KillAsync(victim, stop);
                done++;
            }
            await progress.WriteLineAsync($"  {done} of {count} kills, {officer.Acknowledged.Count} decisions");
        }
        // Someone must be there to be asked after the last kill, too.
        await Task.Delay(TimeSpan.FromSeconds(5), time, stop);
        await shift.CancelAsync();
        await deciding;
        return await SettleAsync(officer.Acknowledged, stop);
    }

    private async Task KillAsync(string victim, CancellationToken stop)
    {
        long start = time.GetTimestamp();
        switch (victim)
        {
            case "host":
                await bench.KillCarAsync();
                await bench.StartCarAsync(stop, streaming: false);
                hostBack.Add(time.GetElapsedTime(start).TotalMilliseconds);
                break;
            case "centre":
                await bench.KillCentreAsync();
                await bench.StartCentreAsync(stop);
                centreBack.Add(time.GetElapsedTime(start).TotalMilliseconds);
                break;
            default:
                await KillEyesAsync(stop);
                break;
        }
        kills[victim] = kills.GetValueOrDefault(victim) + 1;
    }

    private async Task KillEyesAsync(CancellationToken stop)
    {
        while (true)
        {
            if (bench.EyesPid() is { } pid)
            {
                try
                {
                    using Process eyes = Process.GetProcessById(pid);
                    eyes.Kill();
                    return;
                }
                catch (ArgumentException)
                {
                    // It ended meanwhile; the next one comes.
                }
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, stop);
        }
    }

    private async Task<KillFigures> SettleAsync(IReadOnlyList<string> acknowledged, CancellationToken stop)
    {
        long start = time.GetTimestamp();
        Ledger ledger = await bench.LedgerAsync(stop);
        while (ledger.Pending > 0 && time.GetElapsedTime(start) < DeliverWithin)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), time, stop);
            ledger = await bench.LedgerAsync(stop);
        }
        JsonNode[] decided = [.. JsonNode.Parse(await bench.DecisionsAtCentreAsync(stop))!["units"]!.AsArray().SelectMany(unit => unit!["decisions"]!.AsArray()).Select(d => d!)];
        var there = decided.Select(d => (string)d["decisionId"]!).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new KillFigures(
            kills, acknowledged.Count, acknowledged.Count(id => !there.Contains(id)),
            decided.GroupBy(d => (string)d["alertId"]!).Count(alert => alert.Count() > 1),
            ledger.Sent, ledger.Lost, ledger.Duplicated, ledger.Refused, ledger.Pending,
            RunReport.Percentile([.. hostBack.Order()], 0.5), RunReport.Percentile([.. centreBack.Order()], 0.5));
    }
}
