using System.CommandLine;
using EdgeAgent.Hw.Clock;
using EdgeAgent.Hw.Gnss;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;

namespace EdgeAgent.Edgectl.Gnss;

/// <summary>What a technician wants to know of the receiver: a fix or none, how good, and what to do.</summary>
internal sealed record GnssReport(
    bool Answers, string Fix, int Satellites, double? HorizontalErrorMetres, double? LatitudeDegrees, double? LongitudeDegrees, double? ClockOffsetSeconds, int Reports, string Verdict, string Sentence)
{
    private const int LeastSatellites = 5;
    private const double WorstErrorMetres = 25, ClockSeconds = 5;

    public bool IsGood => Verdict == "ok";

    /// <param name="answers">Whether gpsd did at all.</param>
    /// <param name="fixes">Those of the time that was watched, the newest last.</param>
    /// <param name="offset">The receiver's clock minus this box's.</param>
    public static GnssReport Of(bool answers, IReadOnlyList<GnssFix> fixes, TimeSpan? offset)
    {
        GnssFix? last = fixes.Count > 0 ? fixes[^1] : null;
        var (verdict, sentence) = Judge(answers, last, offset);
        bool placed = last is { Quality: not GnssQuality.None };
        return new GnssReport(
            answers, last?.Quality switch { GnssQuality.ThreeD => "3d", GnssQuality.TwoD => "2d", _ => "none" }, last?.SatellitesUsed ?? 0,
            last?.HorizontalErrorM, placed ? last!.Latitude : null, placed ? last!.Longitude : null, offset?.TotalSeconds, fixes.Count, verdict, sentence);
    }

    private static (string, string) Judge(bool answers, GnssFix? last, TimeSpan? offset) => last switch
    {
        null when !answers => ("no_gpsd", "gpsd does not answer: is it installed and running (systemctl status gpsd), and is --port its port?"),
        null => ("silent", "gpsd answers and has no receiver: is its cable in, and does /etc/default/gpsd name the right device?"),
        { Stale: true } => ("stale", "The receiver has stopped: look at its cable."),
        { Quality: GnssQuality.None } => ("no_fix", "The receiver has no fix: is the antenna's cable in, and does the antenna see the sky? Under a roof it cannot; after a long time without power it takes up to a minute."),
        { SatellitesUsed: > 0 and < LeastSatellites } few => ("few_satellites", $"A fix from {few.SatellitesUsed} satellites only: look for what stands over the antenna."),
        { HorizontalErrorM: > WorstErrorMetres } far => ("inexact", $"The position may be {far.HorizontalErrorM:0} m off: move the antenna away from other antennas and metal."),
        _ when offset is { } off && off.Duration().TotalSeconds > ClockSeconds => ("clock", $"This box's clock is {off.Duration().TotalSeconds:0} s {(off > TimeSpan.Zero ? "behind" : "ahead of")} the satellites': set it, or let chrony take gpsd's time."),
        _ => ("ok", "A good fix."),
    };
}

internal static class GnssCommand
{
    public static Command Create()
    {
        var json = Cli.AsJson();
        var host = new Option<string>("--host") { Description = "Where gpsd is.", DefaultValueFactory = _ => new GnssOptions().Host };
        var port = new Option<int>("--port") { Description = "Its port.", DefaultValueFactory = _ => new GnssOptions().Port };
        var watch = new Option<double>("--watch") { Description = "Seconds to listen, 1 to 300. Ends earlier once the fix is good.", DefaultValueFactory = _ => 15 };
        var command = new Command(
            "gnss",
            """
            Listens to gpsd and says whether the position is good, and if not, what to do.

            Example: edgectl gnss --watch 60
            JSON: answers, fix (none, 2d, 3d), satellites, horizontalErrorMetres, latitudeDegrees, longitudeDegrees, clockOffsetSeconds (the
            receiver's clock minus this box's), reports, verdict (ok, no_gpsd, silent, stale, no_fix, few_satellites, inexact, clock), sentence.
            Exit codes: 0 a good fix, 1 none, 2 wrong command line.
            """)
        { host, port, watch, json };
        command.Does(json, async (parsed, stop) =>
        {
            double seconds = Cli.Within(parsed.GetValue(watch), 1, 300, "--watch");
            var options = new GnssOptions { Host = parsed.GetValue(host)!, Port = parsed.GetValue(port) };
            await Console.Error.WriteLineAsync($"Listening to gpsd at {options.Host}:{options.Port}, at most {seconds:0} s …");
            var report = await ListenAsync(options, TimeSpan.FromSeconds(seconds), TimeProvider.System, stop);
            if (parsed.GetValue(json))
                Cli.Print(report);
            else
                Show(report);
            return report.IsGood ? Cli.Done : Cli.Failed;
        });
        return command;
    }

    internal static async Task<GnssReport> ListenAsync(GnssOptions options, TimeSpan watch, TimeProvider time, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(watch);
        var client = new GnssClient(options, time, NullLogger<GnssClient>.Instance);
        Task running = client.RunAsync(limit.Token);
        var fixes = new List<GnssFix>();
        bool answered = false;
        TimeSpan? offset = null;
        try
        {
            // Satellites come in a report of their own, after the first positions.
            while (GnssReport.Of(answered, fixes, offset) is not { IsGood: true, Reports: > 1, Satellites: > 0 })
            {
                await Task.Delay(TimeSpan.FromSeconds(0.5), time, limit.Token);
                answered |= client.Connected;
                if (client.Current is not { } fix || (fixes.Count > 0 && fixes[^1] == fix))
                    continue;
                fixes.Add(fix);
                if (fix.ReceiverUnixMs > 0 && !fix.Stale)
                    offset = TimeSpan.FromMilliseconds(fix.ReceiverUnixMs - (time.GetUtcNow().ToUnixTimeMilliseconds() - (time.MonoMs() - fix.ReceivedMonoMs)));
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // The time that was given is over: what was heard is judged.
        }
        await limit.CancelAsync();
        await running;
        stop.ThrowIfCancellationRequested();
        return GnssReport.Of(answered, fixes, offset);
    }

    private static void Show(GnssReport report)
    {
        if (report.LatitudeDegrees is { } latitude && report.LongitudeDegrees is { } longitude)
            AnsiConsole.WriteLine($"{report.Fix.ToUpperInvariant()}, {report.Satellites} satellites, within {report.HorizontalErrorMetres ?? 0:0.#} m: {latitude:0.00000}, {longitude:0.00000}");
        AnsiConsole.MarkupLine($"{(report.IsGood ? "[green]✓[/]" : "[red]✗[/]")} {Markup.Escape(report.Sentence)}");
    }
}
