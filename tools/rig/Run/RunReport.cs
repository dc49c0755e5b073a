using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeAgent.Rig.Run;

/// <summary>What one scripted run says of itself: the figures of `./dev run --for S`, and what was wrong.</summary>
internal sealed record RunReport(JsonObject Figures, List<string> Problems)
{
    public static RunReport Make(RunOptions options, CarSummary car, Ledger ledger, string officerSummary, Truth truth)
    {
        JsonNode? officer = officerSummary.StartsWith('{') ? JsonNode.Parse(officerSummary) : null;
        double[] latencies = [.. car.AlertLatenciesMs.Order()];
        var figures = new JsonObject
        {
            ["cameras"] = car.CamerasStreaming,
            ["frames"] = car.Frames,
            ["frames_analysed"] = car.FramesAnalysed,
            ["frames_dropped"] = car.FramesDropped,
            ["faces"] = car.Faces,
            ["reads"] = car.Reads,
            ["hits_face"] = car.HitsFace,
            ["hits_plate"] = car.HitsPlate,
            ["decisions"] = car.Decisions,
            ["confirmed_face"] = car.ConfirmedFace,
            ["confirmed_plate"] = car.ConfirmedPlate,
            ["events_sent"] = ledger.Sent,
            ["events_acked"] = ledger.Acked,
            ["events_refused"] = ledger.Refused,
            ["events_pending"] = ledger.Pending,
            ["lost"] = ledger.Lost,
            ["duplicated"] = ledger.Duplicated,
            ["frames_outstanding"] = car.FramesOutstanding,
            ["alert_p50_ms"] = Percentile(latencies, 0.50),
            ["alert_p99_ms"] = Percentile(latencies, 0.99),
            ["eyes_restarts"] = car.EyesRestarts,
            ["seconds"] = options.Seconds,
            ["live_fragments"] = (long?)officer?["liveFragments"] ?? 0,
            ["listed_plates_shown"] = truth.ListedPlates.Count,
            ["listed_persons_shown"] = truth.ListedPersons.Count,
        };
        return new RunReport(figures, [.. Wrong(options, car, ledger, officer, latencies)]);
    }

    public string ToJson() => Figures.ToJsonString(new JsonSerializerOptions { WriteIndented = false });

    private static IEnumerable<string> Wrong(RunOptions options, CarSummary car, Ledger ledger, JsonNode? officer, double[] latencies)
    {
        if (car.CamerasStreaming < 7)
            yield return $"only {car.CamerasStreaming} of 7 cameras were streaming";
        if (car.ConfirmedFace < 1)
            yield return "no face hit was confirmed";
        if (car.ConfirmedPlate < 1)
            yield return "no plate hit was confirmed";
        if (ledger.Sent == 0)
            yield return "the car wrote no event";
        if (ledger.Acked != ledger.Sent)
            yield return $"{ledger.Sent - ledger.Acked} of {ledger.Sent} events were not acknowledged ({ledger.Refused} refused)";
        if (ledger.Lost > 0)
            yield return $"{ledger.Lost} acknowledged events are not at the centre";
        if (ledger.Duplicated > 0)
            yield return $"{ledger.Duplicated} events stand twice at the centre";
        if (car.FramesOutstanding != 0)
            yield return $"{car.FramesOutstanding} frames were never given back";
        if (latencies.Length == 0)
            yield return "no alert was seen painted on the terminal";
        if (options.Measure && (long?)officer?["liveFragments"] is null or 0)
            yield return "the live view showed nothing";
        if (officer is null)
            yield return "the scripted officer left no summary";
        else if (officer["errors"]?.AsArray() is { Count: > 0 } errors)
            yield return $"the terminal page logged {errors.Count} errors, the first: {errors[0]}";
    }

    /// <summary>Nearest-rank percentile; null without samples.</summary>
    public static double? Percentile(double[] sorted, double share) =>
        sorted.Length == 0 ? null : Math.Round(sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)], 1);
}
