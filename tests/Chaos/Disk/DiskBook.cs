using System.Globalization;

namespace EdgeAgent.Chaos.Disk;

/// <summary>What the car's process said, over all its lives.</summary>
internal sealed class DiskBook
{
    private readonly Lock gate = new();
    private readonly List<(string Kind, string Lane, long Number, Guid Id)> taken = [];
    private readonly SortedDictionary<string, int> refused = new(StringComparer.Ordinal);
    private int second;
    private int? roomAt;
    private string message = "";

    /// <summary>Seconds of the shift that are over.</summary>
    public int Second
    {
        get { lock (gate) return second; }
    }

    public bool Ended { get; private set; }

    /// <summary>The first second after <see cref="AwaitRoom"/> at which the outbox said that it had room.</summary>
    public int? RoomAt
    {
        get { lock (gate) return roomAt; }
    }

    public IReadOnlyList<(string Kind, string Lane, long Number, Guid Id)> Taken
    {
        get { lock (gate) return [.. taken]; }
    }

    public IReadOnlyDictionary<string, int> Refused
    {
        get { lock (gate) return new SortedDictionary<string, int>(refused, StringComparer.Ordinal); }
    }

    /// <summary>The sentence that came with the first refusal.</summary>
    public string Message
    {
        get { lock (gate) return message; }
    }

    public void AwaitRoom()
    {
        lock (gate)
            roomAt = null;
    }

    public void Said(string line)
    {
        string[] words = line.Split(' ', 3);
        lock (gate)
        {
            switch (words[0])
            {
                case "at":
                    second = Number(words[1]);
                    break;
                case "taken":
                    string[] rest = words[2].Split(' ');
                    taken.Add((words[1], rest[0], Number(rest[1]), Guid.Parse(rest[2])));
                    break;
                case "refused":
                    refused[words[1]] = refused.GetValueOrDefault(words[1]) + 1;
                    message = message.Length > 0 ? message : words[2];
                    break;
                case "room":
                    roomAt ??= Number(words[1]);
                    break;
                case "end":
                    Ended = true;
                    break;
            }
        }
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
