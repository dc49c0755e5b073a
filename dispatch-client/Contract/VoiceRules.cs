using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>What car and centre hold voice against. The same in both.</summary>
public static class VoiceRules
{
    /// <summary>Packets of 20 ms at up to 64 kbit/s have 160 bytes; the codec may spend more on one.</summary>
    public const int MostFrameBytes = 400;

    public const int MostNameCharacters = 64;

    /// <summary>More than the 50 a second that 20 ms make, so that a burst after a stall passes.</summary>
    public const int MostFramesPerSecond = 75;

    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60), LongestEmergency = TimeSpan.FromMinutes(10);

    /// <summary>A talk in which nothing was heard for this long is over, and its channel free again.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private const string Unit = "unit:", District = "district";

    public static string OfUnit(string unitId) => Unit + unitId;

    /// <summary>A district's channel; "" is that of cars that belong to none.</summary>
    public static string OfDistrict(string name) => $"{District}:{name}";

    /// <summary>The unit of a unit's channel, else null.</summary>
    public static string? UnitOf(string channel) => channel.StartsWith(Unit, StringComparison.Ordinal) ? channel[Unit.Length..] : null;

    /// <summary>The district of a district's channel, else null. From a car that says only "district": its own.</summary>
    public static string? DistrictOf(string channel, string own) =>
        channel == District ? own : channel.StartsWith(District + ":", StringComparison.Ordinal) ? channel[(District.Length + 1)..] : null;

    /// <returns>"" or bad_talk.</returns>
    public static string Problem(VoiceAsk ask) =>
        ask.TalkId.Length == Uuid7.Length && IsWord(ask.Channel, 1) && IsWord(ask.OfficerId, 0) && IsWord(ask.Speaker, 0) ? "" : "bad_talk";

    /// <returns>"" or bad_talk.</returns>
    public static string Problem(VoiceFrame frame) =>
        frame.TalkId.Length == Uuid7.Length && frame.Opus.Length is > 0 and <= MostFrameBytes ? "" : "bad_talk";

    private static bool IsWord(string text, int least) =>
        text.Length >= least && text.Length <= MostNameCharacters + Unit.Length + District.Length && !text.Any(char.IsControl);
}
