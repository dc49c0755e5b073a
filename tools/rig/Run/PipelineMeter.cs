using System.Text.Json.Nodes;

namespace EdgeAgent.Rig.Run;

/// <summary>
/// `bench pipeline`: what host and eyes use while the whole chain runs, over a window that begins when everything has warmed up. Rig,
/// centre and browser are not counted.
/// </summary>
internal sealed class PipelineMeter(Bench bench, TimeProvider time)
{
    private const double Megabyte = 1 << 20;
    private readonly List<(long Resident, long? Proportional)> memory = [];
    private int eyes;
    private long begun;
    private (ProcessUse Host, ProcessUse Eyes) before;
    private CarSummary atStart = new();

    /// <summary>The window begins now.</summary>
    public async Task BeginAsync(CancellationToken stop)
    {
        eyes = ProcessUse.ChildrenOf(bench.Car.Id) is [int only] ? only : throw new BenchException("The car has not exactly one child process, which should be eyes.");
        atStart = await SummaryAsync(stop);
        before = Use();
        begun = time.GetTimestamp();
    }

    /// <summary>Once a second within the window.</summary>
    public void Sample()
    {
        var (host, looking) = Use();
        memory.Add((host.ResidentBytes + looking.ResidentBytes, host.ProportionalBytes + looking.ProportionalBytes));
    }

    /// <summary>The window ends now.</summary>
    public async Task<JsonObject> EndAsync(CancellationToken stop)
    {
        double seconds = time.GetElapsedTime(begun).TotalSeconds;
        var after = Use();
        CarSummary atEnd = await SummaryAsync(stop);
        if (atEnd.EyesRestarts != atStart.EyesRestarts)
            throw new BenchException("Eyes was restarted within the window: its counters say nothing.");
        double host = (after.Host.CpuSeconds - before.Host.CpuSeconds) / seconds, looking = (after.Eyes.CpuSeconds - before.Eyes.CpuSeconds) / seconds;
        double[] rates = [.. Rates(atEnd, a => a.FramesAnalysed, seconds)];
        double[] latencies = [.. atEnd.AlertLatenciesMs.Skip(atStart.AlertLatenciesMs.Count).Order()];
        double[] opening = [.. atEnd.AlertOpenLatenciesMs.Skip(atStart.AlertOpenLatenciesMs.Count).Order()];
        double analysed = Math.Max(1, atEnd.FramesAnalysed - atStart.FramesAnalysed);
        double quiet = Math.Max(1, atEnd.EyesQuietFrames - atStart.EyesQuietFrames);
        double readerBytes = atEnd.EyesReaderBytes - atStart.EyesReaderBytes;
        return new JsonObject
        {
            ["streams"] = rates.Length,
            ["fps_analysed"] = Rounded(rates.DefaultIfEmpty().Average(), 2),
            ["fps_analysed_min"] = Rounded(rates.DefaultIfEmpty().Min(), 2),
            ["fps_wanted"] = Rounded(Rates(atEnd, a => a.FramesWanted, seconds).DefaultIfEmpty().Average(), 2),
            ["cores"] = Rounded(host + looking, 3),
            ["cores_host"] = Rounded(host, 3),
            ["cores_eyes"] = Rounded(looking, 3),
            ["rss_mb"] = Rounded(memory.Max(m => m.Resident) / Megabyte, 1),
            ["rss_host_mb"] = Rounded(after.Host.ResidentBytes / Megabyte, 1),
            ["rss_eyes_mb"] = Rounded(after.Eyes.ResidentBytes / Megabyte, 1),
            ["pss_mb"] = memory.Max(m => m.Proportional) is { } pss ? Rounded(pss / Megabyte, 1) : null,
            ["alerts"] = latencies.Length,
            ["alert_ms"] = new JsonArray([.. latencies.Select(ms => (JsonNode)Math.Round(ms))]),
            ["alert_p50_ms"] = RunReport.Percentile(latencies, 0.50),
            ["alert_p99_ms"] = RunReport.Percentile(latencies, 0.99),
            // Until the host had made the alert; the rest is the way to the screen.
            ["alert_made_p50_ms"] = RunReport.Percentile(opening, 0.50),
            ["alert_made_p99_ms"] = RunReport.Percentile(opening, 0.99),
            ["visits"] = atEnd.EyesVisits - atStart.EyesVisits,
            ["looks"] = atEnd.EyesLooks - atStart.EyesLooks,
            ["looks_dropped"] = atEnd.EyesLooksDropped - atStart.EyesLooksDropped,
            ["main_pictures"] = atEnd.EyesMainPictures - atStart.EyesMainPictures,
            ["frames_dropped"] = atEnd.FramesDropped - atStart.FramesDropped,
            // Reading and decoding of every picture, and analysing of those that began no visit and ordered no look.
            ["bytes_per_frame"] = Rounded(readerBytes / analysed + (atEnd.EyesQuietFrameBytes - atStart.EyesQuietFrameBytes) / quiet, 1),
            ["bytes_per_frame_reading"] = Rounded(readerBytes / analysed, 1),
            ["bytes_per_frame_with_looks"] = Rounded((atEnd.EyesFrameBytes - atStart.EyesFrameBytes) / analysed, 1),
            ["eyes_allocated_kb_per_s"] = Rounded((atEnd.EyesAllocatedBytes - atStart.EyesAllocatedBytes) / 1024.0 / seconds, 1),
            ["window_s"] = Rounded(seconds, 1),
            ["processors"] = Environment.ProcessorCount,
            ["load_average"] = File.ReadAllText("/proc/loadavg").Split(' ')[0],
        };
    }

    private IEnumerable<double> Rates(CarSummary atEnd, Func<CameraAnalysis, long> count, double seconds) =>
        atEnd.Analysis.Select(now => (count(now) - (atStart.Analysis.FirstOrDefault(a => a.CameraId == now.CameraId) is { } then ? count(then) : 0)) / seconds);

    private (ProcessUse Host, ProcessUse Eyes) Use() => (ProcessUse.Of(bench.Car.Id), ProcessUse.Of(eyes));

    private async Task<CarSummary> SummaryAsync(CancellationToken stop) =>
        await bench.SummaryAsync(stop) ?? throw new BenchException("The car's terminal does not answer.");

    private static double Rounded(double value, int digits) => Math.Round(value, digits);
}
