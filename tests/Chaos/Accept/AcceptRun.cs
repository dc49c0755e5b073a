using System.Text.Json.Nodes;
using EdgeAgent.Rig.Run;

namespace EdgeAgent.Chaos.Accept;

/// <summary>A fault and what it was called.</summary>
/// <param name="Named">As it must be.</param>
/// <param name="Found">As it was; what the unit without faults has is left out.</param>
internal sealed record FaultVerdict(string Fault, IReadOnlyList<string> Named, IReadOnlyList<string> Found, bool Right, double Seconds);

/// <param name="AcceptSeconds">Of the acceptance without a fault.</param>
internal sealed record AcceptFigures(string Scenario, double AcceptSeconds, bool Accepted, int Faults, int NamedRightly, IReadOnlyList<string> BesidesFaults, IReadOnlyList<FaultVerdict> Verdicts)
{
    private const double LongestSeconds = 600;

    public IEnumerable<string> Wrong()
    {
        if (!Accepted)
            yield return $"the unit without a fault was not accepted: {string.Join(", ", BesidesFaults)}";
        if (AcceptSeconds > LongestSeconds)
            yield return $"the acceptance took {AcceptSeconds:0} s";
        foreach (FaultVerdict verdict in Verdicts.Where(v => !v.Right))
            yield return $"{verdict.Fault}: {string.Join(", ", verdict.Named)} is due, found {(verdict.Found.Count == 0 ? "nothing" : string.Join(", ", verdict.Found))}";
    }
}

/// <summary>Accepts a car on the bench, then makes one fault after the other in it and asks what is wrong.</summary>
internal sealed class AcceptRun(RunOptions options, IReadOnlyList<SeededFault> faults)
{
    private readonly Progress progress = new();

    public async Task<AcceptFigures> RunAsync(CancellationToken stop)
    {
        await using var bench = new Bench(options, progress, TimeProvider.System);
        await bench.StartAsync(stop);
        await using var site = new FaultBench(bench, options.State);
        JsonNode accepted = await progress.StepAsync("accepted without a fault", () => AskAsync(site, site.Usual, disturbs: true, stop));
        HashSet<string> besides = [.. Findings(accepted)];
        var verdicts = new List<FaultVerdict>();
        foreach (SeededFault fault in faults)
            verdicts.Add(await progress.StepAsync(fault.Name, () => OneAsync(site, fault, besides, stop)));
        return new AcceptFigures(
            "accept", Math.Round((double)accepted["seconds"]!, 1), (bool)accepted["accepted"]! && (bool)accepted["registered"]!, faults.Count, verdicts.Count(v => v.Right), [.. besides.Order()], verdicts);
    }

    private async Task<FaultVerdict> OneAsync(FaultBench bench, SeededFault fault, HashSet<string> besides, CancellationToken stop)
    {
        FaultSite site = await fault.Seed(bench, stop);
        long began = TimeProvider.System.GetTimestamp();
        string[] found = [.. Findings(await AskAsync(bench, site, fault.Disturbs, stop)).Where(f => !besides.Contains(f)).Distinct().Order()];
        double seconds = Math.Round(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 1);
        if (fault.Heal is { } heal)
            await heal(bench, stop);
        string[] named = [.. fault.Named.Select(n => $"{n.Code} {n.About}".Trim()).Order()];
        bool right = named.All(n => found.Any(f => Is(f, n))) && found.All(f => named.Any(n => Is(f, n)));
        if (!right)
            progress.Line($"    {string.Join(", ", named)} is due, found {string.Join(", ", found)}");
        return new FaultVerdict(fault.Name, named, found, right, seconds);
    }

    private static bool Is(string found, string named) => named.EndsWith(" *", StringComparison.Ordinal) ? found.StartsWith(named[..^1], StringComparison.Ordinal) : found == named;

    private async Task<JsonNode> AskAsync(FaultBench bench, FaultSite site, bool disturbs, CancellationToken stop)
    {
        string[] command = disturbs ? ["accept", "--technician", "Bench"] : ["doctor"];
        (int code, string said) = await bench.Bench.EdgectlAsync([.. command, "--config", site.Settings, "--json"], site.Environment, site.Through, progress.Transient, stop);
        return said.TrimStart().StartsWith('{') ? JsonNode.Parse(said)! : throw new ScenarioException($"edgectl {command[0]} ended with {code} and said nothing that can be read. The end of its log is in {options.State}.");
    }

    private static IEnumerable<string> Findings(JsonNode said) =>
        said["checks"]!.AsArray().SelectMany(check => check!["findings"]!.AsArray()).Select(f => $"{(string)f!["code"]!} {(string)f["about"]!}".Trim());
}
