using System.Text;
using EdgeAgent.Edgectl.Logs;

namespace EdgeAgent.Edgectl.Support;

/// <summary>Lines of a log for a bundle: the newest that fit, without those in which something was found, which are counted by its kind.</summary>
internal sealed class CleanLog(SecretScan scan, int mostLines)
{
    private readonly Queue<string> lines = new();
    private readonly SortedDictionary<string, int> leftOut = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, int> LeftOut => leftOut;

    public byte[] Bytes => Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");

    public void Add(string line)
    {
        IReadOnlySet<string> found = scan.Find(Encoding.UTF8.GetBytes(line));
        foreach (string kind in found)
            leftOut[kind] = leftOut.GetValueOrDefault(kind) + 1;
        if (found.Count > 0)
            return;
        lines.Enqueue(line);
        if (lines.Count > mostLines)
            _ = lines.Dequeue();
    }

    /// <summary>Of the agent's log: entries of the agent itself, with their number, and the service manager's about it; whatever else was printed is not taken.</summary>
    public async Task AddAsync(IAsyncEnumerable<LogLine> log)
    {
        await foreach (LogLine line in log)
        {
            if (line.EventId > 0 || line.Category == "systemd")
                Add(line.Text);
        }
    }
}
