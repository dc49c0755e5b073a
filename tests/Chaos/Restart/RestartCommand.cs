using System.CommandLine;
using System.Net.Http.Json;
using EdgeAgent.Edgectl.Box;
using EdgeAgent.Rig.Run;
using Progress = EdgeAgent.Rig.Run.Progress;

namespace EdgeAgent.Chaos.Restart;

/// <summary>What `chaos restart` prints: seconds from the start of the car's process until its terminal answers, and until it matches.</summary>
internal sealed record RestartFigures(string Scenario, int Kills, double TerminalP50, double TerminalP95, double MatchingP50, double MatchingP95, double MatchingMax, double GoalSeconds)
{
    public IEnumerable<string> Wrong()
    {
        if (MatchingP95 > GoalSeconds)
            yield return $"95 of 100 starts match after {MatchingP95:0.0} s, {GoalSeconds:0} are due";
    }
}

/// <summary>
/// `chaos restart`: the car's process killed again and again, and how long it takes to match after its start: every list in force, an
/// officer who signs in the moment that the terminal answers, and pictures being looked at.
/// </summary>
internal static class RestartCommand
{
    private const double GoalSeconds = 5;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50), Longest = TimeSpan.FromMinutes(1);

    public static Command Create()
    {
        var count = new Option<int>("--count") { Description = "Kills.", DefaultValueFactory = _ => 100 };
        var state = new Option<string?>("--state") { Description = "Folder for all that this run writes; emptied first. Default: .run/restart of the checkout." };
        var repository = new Option<string>("--repository") { Description = "Root of the checkout.", DefaultValueFactory = _ => Directory.GetCurrentDirectory() };
        var command = new Command("restart", "Kills the car on the bench and waits until it matches again. Example: chaos restart --count 100") { count, state, repository };
        command.SetAction((parsed, stop) => Verdict.RunAsync(async () =>
        {
            string root = Path.GetFullPath(parsed.GetValue(repository)!);
            RunOptions options = RunOptions.OfThisBuild(root, Path.GetFullPath(parsed.GetValue(state) ?? Path.Combine(root, ".run", "restart")));
            RestartFigures figures = await PlayAsync(options, parsed.GetValue(count), stop);
            return (figures, (IReadOnlyList<string>)[.. figures.Wrong()]);
        }));
        return command;
    }

    private static async Task<RestartFigures> PlayAsync(RunOptions options, int count, CancellationToken stop)
    {
        if (count is < 1 or > 10_000)
            throw new ScenarioException($"--count {count}: 1 to 10000.");
        var progress = new Progress();
        await using var bench = new Bench(options, progress, TimeProvider.System);
        await bench.StartAsync(stop);
        using var http = new HttpClient { BaseAddress = new Uri(bench.Plan.TerminalUrl), Timeout = TimeSpan.FromSeconds(2) };
        List<double> terminal = [], matching = [];
        for (int kill = 1; kill <= count; kill++)
        {
            await bench.KillCarAsync();
            long began = TimeProvider.System.GetTimestamp();
            // It returns when the terminal answers: meanwhile nothing else is asked of the machine.
            Task starting = bench.StartCarAsync(stop, streaming: false);
            await UntilAsync(() => SignInAsync(http, bench.Plan.Pin, stop), "the terminal answers", began, stop);
            terminal.Add(TimeProvider.System.GetElapsedTime(began).TotalSeconds);
            await UntilAsync(() => MatchesAsync(bench, stop), "it matches", began, stop);
            matching.Add(TimeProvider.System.GetElapsedTime(began).TotalSeconds);
            await starting;
            progress.Transient($"kill {kill} of {count}: terminal after {terminal[^1]:0.0} s, matching after {matching[^1]:0.0} s");
        }
        return new RestartFigures("restart", count, At(terminal, 0.5), At(terminal, 0.95), At(matching, 0.5), At(matching, 0.95), At(matching, 1), GoalSeconds);
    }

    private static async Task<bool> SignInAsync(HttpClient http, string pin, CancellationToken stop)
    {
        try
        {
            using HttpResponseMessage answer = await http.PostAsJsonAsync("/api/session", new { officerId = BenchPlan.OfficerId, pin }, stop);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !stop.IsCancellationRequested))
        {
            return false;
        }
    }

    private static async Task<bool> MatchesAsync(Bench bench, CancellationToken stop)
    {
        try
        {
            return await bench.SummaryAsync(stop) is { FramesAnalysed: > 0 }
                && await RunningAgent.AskAsync(bench.CarData, stop) is { Lists: { Count: > 0 } lists } && lists.All(list => list.State == "loaded");
        }
        catch (IOException)
        {
            // It has just begun, and its door answers nobody yet.
            return false;
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, string what, long began, CancellationToken stop)
    {
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(began) > Longest)
                throw new ScenarioException($"After a minute it is not so that {what}.");
            await Task.Delay(Look, TimeProvider.System, stop);
        }
    }

    private static double At(List<double> values, double share) => RunReport.Percentile([.. values.Order()], share)!.Value;
}
