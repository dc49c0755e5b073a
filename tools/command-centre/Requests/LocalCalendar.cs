using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Requests;

/// <summary>Days and months as the people of the place count them: deadlines and reports do not run by UTC.</summary>
internal static class LocalCalendar
{
    public const string DefaultZone = "Asia/Shanghai";

    /// <exception cref="CentreException">No such zone on this machine.</exception>
    public static TimeZoneInfo Zone(string id) => TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) && zone.HasIanaId
        ? zone
        : throw new CentreException($"--time-zone is '{id}', not a zone that this machine knows, such as {DefaultZone} (tzdata holds them).");

    public static DateOnly Today(TimeZoneInfo zone, DateTimeOffset now) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);

    /// <summary>The first instant of a day. Where the clocks skip midnight it is the first that they show after it; where they show it twice, the first time.</summary>
    public static DateTimeOffset StartOf(DateOnly day, TimeZoneInfo zone)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(midnight))
            midnight = midnight.AddMinutes(1);
        var offset = zone.IsAmbiguousTime(midnight) ? zone.GetAmbiguousTimeOffsets(midnight).Max() : zone.GetUtcOffset(midnight);
        return new DateTimeOffset(midnight, offset);
    }
}
