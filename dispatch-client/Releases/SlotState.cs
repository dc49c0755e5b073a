using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeAgent.DispatchClient.Releases;

/// <summary>What is known of the version in a slot.</summary>
public enum SlotStanding
{
    /// <summary>Whole and verified; it has not shown yet that it works in this car.</summary>
    Trial,

    /// <summary>Its own health answered well for long enough.</summary>
    Good,

    /// <summary>It failed its trial, or its files are damaged. It is not started again.</summary>
    Failed,
}

/// <param name="Failures">Starts that failed by themselves; power cuts and stops that somebody asked for do not count.</param>
/// <param name="Why">The last failure, in words.</param>
/// <param name="Tried">It was started at least once.</param>
public sealed record SlotEntry(string Version, ulong Number, SlotStanding Standing, int Failures = 0, string Why = "", bool Tried = false);

/// <summary>All that is decided about the two slots; one small file, replaced whole.</summary>
/// <param name="Current">The slot that is started: a, b, or <see cref="Factory"/>.</param>
/// <param name="Floor">Number of the newest version that was ever marked good. Nothing that is not newer is taken.</param>
public sealed record SlotState(string Current, SlotEntry? A, SlotEntry? B, ulong Floor)
{
    /// <summary>What the box was installed with, outside both slots.</summary>
    public const string Factory = "factory";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>What was done with the slots lately.</summary>
    public SlotHistory History { get; init; } = SlotHistory.None;

    public static SlotState New { get; } = new(Factory, null, null, 0);

    public SlotEntry? Of(string slot) => slot switch { "a" => A, "b" => B, _ => null };

    public static string Other(string slot) => slot == "a" ? "b" : "a";

    /// <summary>The slot that the next update is written into: never the one that is started, whatever its standing.</summary>
    [JsonIgnore]
    public string Inactive => Other(Current);

    [JsonIgnore]
    public bool OnTrial => Of(Current) is { Standing: SlotStanding.Trial };

    public SlotState With(string slot, SlotEntry? entry) => slot == "a" ? this with { A = entry } : this with { B = entry };

    /// <summary>The version in the inactive slot is the one to be tried from the next start on.</summary>
    public SlotState Switched(SlotEntry tried) => With(Inactive, tried) with { Current = Inactive };

    /// <summary>The current version is started for the first time.</summary>
    public SlotState TriedOnce() => Of(Current) is { } entry ? With(Current, entry with { Tried = true }) : this;

    /// <summary>The current version works: only now can nothing older come back.</summary>
    public SlotState MarkedGood() => Of(Current) is { } entry
        ? With(Current, entry with { Standing = SlotStanding.Good, Failures = 0, Why = "" }) with { Floor = Math.Max(Floor, entry.Number) }
        : this;

    /// <summary>One start of the current version failed by itself; at the last one allowed, what was there before is current again.</summary>
    public SlotState Failed(string why, int allowed)
    {
        if (Of(Current) is not { Standing: SlotStanding.Trial } entry)
            return this;
        SlotEntry failed = entry with { Failures = entry.Failures + 1, Why = why };
        return failed.Failures < allowed ? With(Current, failed) : With(Current, failed).GivenUp(why);
    }

    /// <summary>The current version is not started again; the other one is, if it was good, else what the box was installed with.</summary>
    public SlotState GivenUp(string why)
    {
        if (Of(Current) is not { } entry)
            return this;
        SlotState left = With(Current, entry with { Standing = SlotStanding.Failed, Why = why });
        return left with { Current = Before };
    }

    /// <summary>Where going back leads: the other slot where that was good, else what the box was installed with.</summary>
    [JsonIgnore]
    public string Before => Of(Inactive) is { Standing: SlotStanding.Good } ? Inactive : Factory;

    /// <summary>First line: SHA-256 of the rest, so that a bit that fell over is not a decision.</summary>
    public byte[] ToBytes()
    {
        string text = JsonSerializer.Serialize(this, Format) + "\n";
        return Encoding.UTF8.GetBytes($"{Sum(text)}\n{text}");
    }

    /// <summary>Null when the bytes are not a state as it was written.</summary>
    public static SlotState? Parse(ReadOnlySpan<byte> bytes)
    {
        string whole = Encoding.UTF8.GetString(bytes);
        int end = whole.IndexOf('\n', StringComparison.Ordinal);
        if (end < 0 || whole[..end] != Sum(whole[(end + 1)..]))
            return null;
        try
        {
            return JsonSerializer.Deserialize<SlotState>(whole[(end + 1)..], Format) is { Current: Factory or "a" or "b" } state ? state : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Sum(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
