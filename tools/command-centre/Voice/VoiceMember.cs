using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Voice;

/// <summary>One who may hear and speak: a car, or a person at a console.</summary>
internal sealed class VoiceMember
{
    private volatile HashSet<string> muted = [];

    private VoiceMember(string unitId, string account, string district) => (UnitId, Account, District) = (unitId, account, district);

    public static VoiceMember OfCar(string unitId) => new(unitId, "", "");

    public static VoiceMember OfConsole(string account, string district) => new("", account, district);

    /// <summary>"" at a console.</summary>
    public string UnitId { get; }

    /// <summary>"" of a car.</summary>
    public string Account { get; }

    /// <summary>Of the account; "" is the city.</summary>
    public string District { get; }

    public bool IsCar => UnitId.Length > 0;

    public VoiceQueue Queue { get; } = new();

    /// <summary>District channels that this person does not want to hear now. Calls for help are heard all the same.</summary>
    public void Mute(IEnumerable<string> channels) => muted = channels.ToHashSet(StringComparer.Ordinal);

    public bool Hears(VoiceTalk talk, Visibility visibility, Func<string, string> districtOf)
    {
        var unit = VoiceRules.UnitOf(talk.Channel);
        if (IsCar)
            return talk.UnitId != UnitId && (unit == UnitId || (unit is null && VoiceRules.DistrictOf(talk.Channel, "") == districtOf(UnitId)));
        if (unit is not null)
            return visibility.MaySee(District, unit) || (talk.UnitId.Length > 0 && visibility.MaySee(District, talk.UnitId));
        return (talk.Emergency || !muted.Contains(talk.Channel)) && (District.Length == 0 || VoiceRules.DistrictOf(talk.Channel, "") == District);
    }
}
