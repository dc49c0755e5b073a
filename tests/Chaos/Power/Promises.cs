using System.Globalization;
using EdgeAgent.Agent.Audit;

namespace EdgeAgent.Chaos.Power;

/// <summary>What was promised up to some instant.</summary>
internal sealed class Promises
{
    private string rest = "";

    /// <summary>Appends that returned: lane and number by the event's id, and its attachments.</summary>
    public Dictionary<string, string> Appended { get; } = new(StringComparer.Ordinal);

    /// <summary>Hashes of attachments of appends that returned.</summary>
    public HashSet<string> Attached { get; } = new(StringComparer.Ordinal);

    /// <summary>Ids that the centre acknowledged.</summary>
    public HashSet<string> Stored { get; } = new(StringComparer.Ordinal);

    /// <summary>Hashes that the centre gave a receipt for.</summary>
    public HashSet<string> Kept { get; } = new(StringComparer.Ordinal);

    /// <summary>The newest audit record that was said to be written.</summary>
    public ChainHead? Head { get; private set; }

    public void Read(byte[] written)
    {
        string[] lines = (rest + System.Text.Encoding.ASCII.GetString(written)).Split('\n');
        rest = lines[^1];
        foreach (string[] words in lines.SkipLast(1).Select(line => line.Split(' ')))
        {
            if (words[0] == "appended")
            {
                Appended[words[3]] = words[1] + "/" + words[2];
                Attached.UnionWith(words[4].Split(',', StringSplitOptions.RemoveEmptyEntries));
            }
            else if (words[0] == "head")
            {
                string[] head = words[1].Split(':');
                Head = new ChainHead(ulong.Parse(head[0], CultureInfo.InvariantCulture), Convert.FromHexString(head[1]));
            }
            else
                _ = (words[0] == "stored" ? Stored : Kept).Add(words[1]);
        }
    }

    /// <summary>As of now, for a check that runs while the reading goes on.</summary>
    public Promises Copy()
    {
        var copy = new Promises { Head = Head };
        foreach ((string id, string place) in Appended)
            copy.Appended[id] = place;
        copy.Attached.UnionWith(Attached);
        copy.Stored.UnionWith(Stored);
        copy.Kept.UnionWith(Kept);
        return copy;
    }
}
