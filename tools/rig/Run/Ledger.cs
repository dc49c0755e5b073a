using System.Text.Json.Nodes;

namespace EdgeAgent.Rig.Run;

/// <summary>Both books, compared: what the car wrote and what the centre holds.</summary>
/// <param name="Sent">Events that the car ever wrote.</param>
/// <param name="Acked">Of these, those that the centre acknowledged.</param>
/// <param name="Pending">Not acknowledged yet.</param>
/// <param name="Lost">Acknowledged, and not at the centre.</param>
/// <param name="Duplicated">Rows at the centre beyond one an event.</param>
/// <param name="Refused">Events that the centre would not take.</param>
internal sealed record Ledger(long Sent, long Acked, long Pending, long Lost, long Duplicated, long Refused)
{
    /// <param name="car">`edgectl outbox --json --ids`.</param>
    /// <param name="centre">`command-centre events --json --ids`.</param>
    public static Ledger Compare(JsonNode car, JsonNode centre)
    {
        JsonNode? unit = centre["units"]?.AsArray().FirstOrDefault(u => (string?)u!["unitId"] == BenchPlan.UnitId);
        string[] rows = [.. (unit?["ids"]?.AsArray() ?? []).Select(i => Bare(i))];
        var held = rows.ToHashSet();
        long acked = (long)car["acknowledged"]! + (long)car["forgotten"]!;
        // Rows that the car still has are compared id by id; of those it let go, after the centre's watermark, only the count is left.
        long missing = car["events"]!.AsArray().Count(e => (string)e!["state"]! == "acked" && !held.Contains(Bare(e["id"])));
        return new Ledger(
            (long)car["appended"]!, acked, (long)car["pending"]!, Math.Max(missing, acked - held.Count), rows.Length - held.Count, (long)car["refused"]!);
    }

    private static string Bare(JsonNode? id) => ((string)id!).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
}
