using System.Text.Json;
using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Agent.Watchlists;

/// <summary>What must outlive a list: its newest version ever held, whether it was ended, which of its entries were revoked.</summary>
internal sealed class ListMemory
{
    // Ended lists are remembered newest first; the oldest fall out.
    private const int Capacity = 1024;

    public const string FileName = "memory.json";

    private readonly string path;
    private readonly Dictionary<string, Line> lines = [];

    public ListMemory(string folder)
    {
        path = Path.Combine(folder, FileName);
        if (File.Exists(path))
            lines = JsonSerializer.Deserialize<List<Line>>(File.ReadAllBytes(path))!.ToDictionary(l => l.ListId);
    }

    public ulong NewestVersion(string listId) => lines.GetValueOrDefault(listId)?.Version ?? 0;

    /// <summary>Whether this version, or a newer one, was expired or revoked before: it never comes back.</summary>
    public bool IsEnded(string listId, ulong version) => lines.GetValueOrDefault(listId) is { Ended: true } line && version <= line.Version;

    public IReadOnlySet<string> RevokedEntries(string listId) => lines.GetValueOrDefault(listId)?.RevokedEntries.ToHashSet() ?? [];

    public void Held(string listId, ulong version)
    {
        // A newer version says itself which entries it holds.
        if (lines.GetValueOrDefault(listId) is not { } line || line.Version < version || line.Ended)
            Put(new Line(listId, version, false, []));
    }

    public void Ended(string listId, ulong version) => Put(new Line(listId, Math.Max(version, NewestVersion(listId)), true, []));

    public void Revoked(string listId, IEnumerable<string> entryIds)
    {
        Line line = lines.GetValueOrDefault(listId) ?? new Line(listId, 0, false, []);
        Put(line with { RevokedEntries = [.. line.RevokedEntries.Union(entryIds)] });
    }

    private void Put(Line line)
    {
        _ = lines.Remove(line.ListId);
        if (lines.Count >= Capacity && lines.Values.FirstOrDefault(l => l.Ended) is { } oldest)
            _ = lines.Remove(oldest.ListId);
        lines.Add(line.ListId, line);
        SafeFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(lines.Values));
    }

    private sealed record Line(string ListId, ulong Version, bool Ended, IReadOnlyList<string> RevokedEntries);
}
