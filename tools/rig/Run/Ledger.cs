using System.Text.Json.Nodes;

namespace EdgeAgent.Rig.Run;

/// <summary>Both books, compared id by id: what the car wrote and what the centre holds.</summary>
/// <param name="Sent">Events that the car wrote.</param>
/// <param name="Acked">Of these, those that the centre acknowledged.</param>
/// <param name="Lost">Acknowledged, or given up, and not at the centre.</param>
/// <param name="Duplicated">Rows at the centre beyond one an id.</param>
/// <param name="Refused">Events that the centre would not take.</param>
internal sealed record Ledger(int Sent, int Acked, int Lost, int Duplicated, int Refused)
{
    /// <param name="car">`edgectl outbox --json --ids`.</param>
    /// <param name="centre">`command-centre events --json --ids`.</param>
    public static Ledger Compare(JsonNode car, JsonNode centre)
    {
        JsonNode? unit = centre["units"]?.AsArray().FirstOrDefault(u => (string?)u!["unitId"] == BenchPlan.UnitId);
        string[] there = [.. (unit?["ids"]?.AsArray() ?? []).Select(i => (string)i!)];
        var held = there.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var events = car["events"]!.AsArray();
        int acked = events.Count(e => (string)e!["state"]! == "acked");
        int lost = events.Count(e => (string)e!["state"]! == "acked" && !held.Contains((string)e["id"]!));
        int refused = events.Count(e => (string)e!["state"]! == "refused");
        return new Ledger(events.Count, acked, lost, there.Length - held.Count, refused);
    }
}
