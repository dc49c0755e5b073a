using System.Text.Json.Nodes;

namespace EdgeAgent.Rig.Run;

/// <summary>One run of the bench: for a person, for the scripted officer, for the meter, or for screenshots.</summary>
internal sealed class BenchRun(RunOptions options, TimeProvider time)
{
    /// <summary>Alerts of the first round of the clips, code that is compiled again while it runs, pools that fill.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);

    private readonly Progress progress = new();

    /// <returns>0 when the whole chain worked.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        long started = time.GetTimestamp();
        await using var bench = new Bench(options, progress, time);
        await bench.StartAsync(stop);
        progress.Line($"  ready after {time.GetElapsedTime(started).TotalSeconds:0.0} s: terminal {bench.Plan.TerminalUrl}, command centre {bench.Plan.ConsoleUrl}");
        if (options.Accept)
            return await AcceptAsync(bench, stop);
        if (options.Drive is { } drive)
            return await DriveAsync(bench, drive, stop);
        return options.Seconds <= 0 ? await RunForPersonAsync(bench, stop) : await RunScriptedAsync(bench, stop);
    }

    private async Task<int> RunForPersonAsync(Bench bench, CancellationToken stop)
    {
        progress.Line($"""
              officer {BenchPlan.OfficerId}, PIN {bench.Plan.Pin}     console {BenchPlan.Dispatcher}, password {bench.Plan.DispatcherPassword}
              everything this run writes: {options.State}     end with Ctrl-C
            """);
        try
        {
            await WatchAsync(bench, Timeout.InfiniteTimeSpan, null, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ctrl-C is how a person ends it.
        }
        await progress.StepAsync("car delivers and ends", bench.EndAsync);
        return 0;
    }

    private async Task<int> AcceptAsync(Bench bench, CancellationToken stop)
    {
        (int code, string said) = await bench.EdgectlAsync(["accept", "--config", bench.CarSettings, "--technician", "Bench", "--json"], null, [], progress.Line, stop);
        await progress.StepAsync("car delivers and ends", bench.EndAsync);
        Console.WriteLine(said.Trim());
        return code;
    }

    private async Task<int> DriveAsync(Bench bench, DriveOptions drive, CancellationToken stop)
    {
        Console.Write(await progress.StepAsync(drive.Script, () => bench.DriveAsync(drive, [], stop)));
        await progress.StepAsync("car delivers and ends", bench.EndAsync);
        return 0;
    }

    private async Task<int> RunScriptedAsync(Bench bench, CancellationToken stop)
    {
        await using ChildProcess officer = StartOfficer(bench);
        JsonObject measured = [];
        if (options.Measure)
            measured = await MeasureAsync(bench, stop);
        else
            await WatchAsync(bench, TimeSpan.FromSeconds(options.Seconds), null, stop);
        _ = await officer.StopAsync(TimeSpan.FromSeconds(10));
        bool byItself = await progress.StepAsync("car delivers and ends", bench.EndAsync);

        RunReport report = RunReport.Make(options, bench.FinalSummary(), await bench.LedgerAsync(stop), officer.TailOfLog(1), Truth.Read(bench.TruthFile));
        if (!byItself)
            report.Problems.Add("the car had to be killed: it did not end within its time");
        else if (bench.Car.ExitCode != 0)
            report.Problems.Add($"the car ended with {bench.Car.ExitCode}; see {bench.Car.LogPath}");
        foreach (string problem in report.Problems)
            progress.Line($"  ✗ {problem}");
        foreach (var (key, value) in measured)
            report.Figures[key] = value?.DeepClone();
        Console.WriteLine(report.ToJson());
        return report.Problems.Count == 0 ? 0 : 1;
    }

    private ChildProcess StartOfficer(Bench bench)
    {
        string[] live = options.Measure ? ["--live", (string)bench.Rig["cameras"]![0]!["id"]!] : [];
        int seconds = options.Seconds + (options.Measure ? (int)WarmUp.TotalSeconds + 60 : 0);
        return ChildProcess.Start("officer", Path.Combine(options.State, "logs"), "node",
            [Script("officer.mjs"), "--url", bench.Plan.TerminalUrl, "--officer", BenchPlan.OfficerId, "--pin-env", "OFFICER_PIN", "--truth", bench.TruthFile, "--seconds", seconds.ToString(), .. live],
            new Dictionary<string, string> { ["OFFICER_PIN"] = bench.Plan.Pin });
    }

    private async Task<JsonObject> MeasureAsync(Bench bench, CancellationToken stop)
    {
        await progress.StepAsync("officer signed in, frames analysed", () => bench.AnalysingAsync(stop));
        await WatchAsync(bench, WarmUp, null, stop);
        var meter = new PipelineMeter(bench, time);
        await meter.BeginAsync(stop);
        await WatchAsync(bench, TimeSpan.FromSeconds(options.Seconds), meter, stop);
        return await meter.EndAsync(stop);
    }

    private async Task WatchAsync(Bench bench, TimeSpan duration, PipelineMeter? meter, CancellationToken stop)
    {
        long start = time.GetTimestamp();
        while (duration == Timeout.InfiniteTimeSpan || time.GetElapsedTime(start) < duration)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), time, stop);
            bench.AllAlive();
            meter?.Sample();
            if (await bench.SummaryAsync(stop) is { } s)
                progress.Transient($"{time.GetElapsedTime(start).TotalSeconds:0} s: {s.CamerasStreaming} cameras, {s.FramesAnalysed} frames, {s.Faces} faces, {s.Reads} plates read, {s.HitsFace}+{s.HitsPlate} hits, {s.Decisions} decisions, {s.EventsAcked} events at the centre");
        }
    }

    private string Script(string name) => Path.Combine(options.Repository, "tools", "rig", name);
}
