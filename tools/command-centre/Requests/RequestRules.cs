using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Requests;

/// <summary>The closed sets of the register and its time limits. The limits are defaults: the local rule decides, and each has an option.</summary>
internal static class RequestRules
{
    /// <summary>
    /// Access, correction, deletion, objection: 15 working days, the practice under PIPL articles 44-50, which name no number, taken as
    /// three weeks because public holidays differ by place and year. Calendar days.
    /// </summary>
    public const int RightDays = 21;

    /// <summary>A complaint needs officers to be heard. Calendar days.</summary>
    public const int ComplaintDays = 30;

    public const int MostDays = 180;
    public const int MostExtensionDays = 60;

    /// <summary>After the answer the person's contact, words and answer are kept so long, days; a complaint to a court falls within a year.</summary>
    public const int KeepDays = 365;

    public const int MostKeepDays = 3650;
    public const string Complaint = "complaint";

    public static readonly IReadOnlyList<string> Kinds = ["access", "correction", "deletion", Complaint, "objection"];
    public static readonly IReadOnlyList<string> Channels = ["letter", "counter", "online"];

    /// <summary>Why a request is refused, for the statistics; the person is told in words.</summary>
    public static readonly IReadOnlyList<string> Grounds = ["not_identified", "law_forbids", "not_competent", "repeated", "unfounded"];

    public static int DefaultDays(string kind) => kind == Complaint ? ComplaintDays : RightDays;

    /// <exception cref="CentreException">Not a day, or one that has not come.</exception>
    public static DateOnly Day(string? text, string option, DateOnly today)
    {
        if (text is null)
            return today;
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", out var day))
            throw new CentreException($"{option} is '{text}', not a day such as 2026-11-03.");
        return day <= today
            ? day
            : throw new CentreException($"{option} is {text}, which has not come yet: today is {today:yyyy-MM-dd}.");
    }
}
