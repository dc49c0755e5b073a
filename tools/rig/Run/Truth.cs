using System.Text.Json.Nodes;

namespace EdgeAgent.Rig.Run;

/// <summary>What the bench showed.</summary>
internal sealed record Truth(IReadOnlySet<string> ListedPlates, IReadOnlySet<string> ListedPersons, IReadOnlySet<string> Unlisted)
{
    public static Truth Read(string file)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(file))!;
        JsonNode[] objects = [.. root["cameras"]!.AsArray().SelectMany(c => c!["objects"]!.AsArray()).Select(o => o!)];
        HashSet<string> Named(string kind, bool listed) =>
            [.. objects.Where(o => (string)o["kind"]! == kind && (bool)o["listed"]! == listed).Select(o => (string?)o[kind == "plate" ? "text" : "person"] ?? "")];
        return new Truth(Named("plate", true), Named("face", true), Named("plate", false).Union(Named("face", false)).ToHashSet());
    }
}
