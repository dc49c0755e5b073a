using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Watchlists;
using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Benchmarks.Bench;

/// <summary>What <c>bench terminal</c> prints.</summary>
/// <param name="EventToPixelsP95Ms">From a visit as the host takes it to the alert on the screen.</param>
/// <param name="PageLoadP95Ms">From the address to a button that can be pressed, nothing cached.</param>
/// <param name="PageHeapFirstMb">After a tenth of the alerts and a collection; the last one after all of them.</param>
internal sealed record TerminalFigures(
    double EventToPixelsP50Ms, double EventToPixelsP95Ms, double EventGoalMs, double PageLoadP50Ms, double PageLoadP95Ms, double PageLoadGoalMs,
    double PageHeapFirstMb, double PageHeapLastMb, int PageNodesFirst, int PageNodesLast, double HostHeapFirstMb, double HostHeapLastMb,
    int Alerts, int Decided, double Minutes, string Machine);

/// <summary>
/// A real centre, a real host and the officer's page in a real browser: alerts one after the other, each confirmed by its key. An hour of a
/// busy street's alerts comes as fast as they are decided.
/// </summary>
internal static class TerminalBench
{
    private const double EventGoalMs = 200, LoadGoalMs = 1500, Mb = 1024 * 1024;
    private const string Officer = "010001", Pin = "482913", PinName = "TERMINAL_BENCH_PIN";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <exception cref="InputException">Numbers out of range, or a part did not come up.</exception>
    public static async Task<TerminalFigures> RunAsync(int alerts, int everyMs, string repository, TextWriter progress)
    {
        if (alerts is < 20 or > 20_000 || everyMs is < 20 or > 60_000)
            throw new InputException($"--alerts {alerts}, --every-ms {everyMs}: 20 to 20,000 alerts, 20 to 60,000 ms apart.");
        await using LinkedCar car = await LinkedCar.StartAsync(
            PutOfficer, o => o with { Terminal = o.Terminal with { WebRoot = Path.Combine(repository, "agent/Terminal/web/dist") } });
        using (OpenCentre admin = car.OpenCentre())
            _ = admin.Issuing().Issue(ListBuilder.Build(LinkedCar.PlateList("bench", Enumerable.Range(0, alerts).Select(Plate)), car.Folder, TimeProvider.System), []);
        await UntilAsync(() => car.Host.Services.GetRequiredService<WatchlistLibrary>().Current.Lists.ContainsKey("bench"), "the list is in the car");
        await UntilAsync(() => car.Host.Services.GetRequiredService<OfficerDesk>().Roster.Officers.Count > 0, "the roster is in the car");
        return await MeasureAsync(car.Host, alerts, everyMs, repository, progress);
    }

    private static async Task<TerminalFigures> MeasureAsync(WebApplication host, int alerts, int everyMs, string repository, TextWriter progress)
    {
        AlertBook book = host.Services.GetRequiredService<AlertBook>();
        var latencies = new List<double>();
        using Process page = StartPage(host.Urls.Single(), repository);
        _ = await NextAsync(page);
        progress.WriteLine("  the page is signed in");
        Matcher matcher = host.Services.GetRequiredService<Matcher>();
        TrustedClock clock = host.Services.GetRequiredService<TrustedClock>();
        byte[] crop = Crop();
        long began = Stopwatch.GetTimestamp();
        double hostFirst = 0;
        for (int n = 0; n < alerts; n++)
        {
            matcher.Take(new PlateSighting(Visit(n, crop, clock.MonoMs)));
            await Task.Delay(everyMs);
            // One at a time, as fast as the officer: what waits behind another is not what is measured.
            await UntilAsync(() => book.Open.Count == 0, "the alert is decided", 1);
            if (n == alerts / 10)
                hostFirst = GC.GetTotalMemory(forceFullCollection: true) / Mb;
            if (n % 100 == 99)
                progress.WriteLine($"  {n + 1} of {alerts} alerts");
        }
        latencies.AddRange(book.Counts.LatenciesMs);
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        page.StandardInput.Close();
        JsonNode told = await NextAsync(page);
        await page.WaitForExitAsync();
        double[] loads = [.. told["loadMs"]!.AsArray().Select(l => (double)l!)];
        JsonNode[] samples = [.. told["samples"]!.AsArray().Select(s => s!)];
        JsonNode first = samples.First(s => (int)s["decisions"]! >= alerts / 10);
        return new TerminalFigures(
            Round(Percentiles.Of(latencies, 0.5)), Round(Percentiles.Of(latencies, 0.95)), EventGoalMs, Round(Percentiles.Of(loads, 0.5)), Round(Percentiles.Of(loads, 0.95)), LoadGoalMs,
            Round((double)first["heapBytes"]! / Mb), Round((double)samples[^1]["heapBytes"]! / Mb), (int)first["nodes"]!, (int)samples[^1]["nodes"]!,
            Round(hostFirst), Round(GC.GetTotalMemory(forceFullCollection: true) / Mb), alerts, (int)told["decisions"]!, Round(took.TotalMinutes), Machines.Describe());
    }

    private static Process StartPage(string url, string repository)
    {
        var start = new ProcessStartInfo("node") { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = repository };
        foreach (string argument in (string[])[Path.Combine(repository, "tools/rig/terminal-bench.mjs"), "--url", url, "--officer", Officer, "--pin-env", PinName])
            start.ArgumentList.Add(argument);
        start.Environment[PinName] = Pin;
        return Process.Start(start) ?? throw new InputException("node does not start.");
    }

    private static async Task<JsonNode> NextAsync(Process page)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        string line = await page.StandardOutput.ReadLineAsync(limit.Token) ?? throw new InputException("The page's script ended early; its errors stand above.");
        return JsonNode.Parse(line)!;
    }

    private static async Task UntilAsync(Func<bool> done, string what, int stepMs = 20)
    {
        long started = Stopwatch.GetTimestamp();
        while (!done())
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new InputException($"Not within {Patience.TotalSeconds:0} s: {what}.");
            await Task.Delay(stepMs);
        }
    }

    private static PlateVisit Visit(int n, byte[] crop, long monoMs)
    {
        var visit = new PlateVisit
        {
            VisitId = n.ToString(CultureInfo.InvariantCulture),
            CameraId = "cam1",
            CapturedMonoMs = monoMs,
            SettledMonoMs = monoMs,
            Text = Plate(n),
            Colour = "blue",
            Votes = 5,
            WidthPx = 120,
            Confidence = 0.99f,
            CropJpeg = ByteString.CopyFrom(crop),
        };
        visit.CharacterConfidence.AddRange(visit.Text.Select(_ => 0.99f));
        return visit;
    }

    private static string Plate(int n) => $"京B{n:00000}";

    /// <summary>As large as the host takes: grey with some structure, so that it is decoded like any other.</summary>
    private static byte[] Crop()
    {
        const int width = 320, height = 180;
        byte[] bgr = new byte[width * height * 3];
        for (int i = 0; i < bgr.Length; i++)
            bgr[i] = (byte)(90 + (i / 3 % width / 4 % 40) + (i / (3 * width) % 30));
        using var codec = new JpegCodec();
        return codec.EncodeWithin(new BgrView(bgr, width, height, width * 3), 8000) ?? throw new InputException("The picture does not fit.");
    }

    private static void PutOfficer(OpenCentre centre)
    {
        using var signer = CentreSigner.Load(centre.Folder);
        var officers = new OfficerTable(centre.Sealing);
        var rosters = new RosterIssuing(signer, officers, centre.Commands, OpenCentre.Time);
        _ = centre.Database.Write(transaction =>
        {
            officers.Put(transaction, LinkedCar.UnitId, RosterIssuing.WithPin(Officer, "值班民警", "officer", PoliceType.PublicOrder, Pin));
            return rosters.Issue(transaction, LinkedCar.UnitId, "bench");
        });
    }

    private static double Round(double value) => Math.Round(value, 1);
}
