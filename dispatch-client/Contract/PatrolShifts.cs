using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>One shift of a plan, its end not included.</summary>
public readonly record struct PatrolShift(long FromUnixMs, long ToUnixMs)
{
    public bool Has(long atUnixMs) => atUnixMs >= FromUnixMs && atUnixMs < ToUnixMs;
}

/// <summary>When a plan is in force: local days and minutes to Unix time, by the offset that the plan states, so that a car needs no time zones.</summary>
public static class PatrolShifts
{
    private const long MinuteMs = 60_000, DayMs = 24 * 60 * MinuteMs;
    private const int MinutesOfDay = 24 * 60;
    private static readonly PatrolHours WholeDay = new() { ToMinute = MinutesOfDay };

    /// <summary>The shifts of which some part lies between these times, earliest first.</summary>
    public static IReadOnlyList<PatrolShift> Between(PatrolRoute route, long fromUnixMs, long toUnixMs)
    {
        ArgumentNullException.ThrowIfNull(route);
        var found = new List<PatrolShift>();
        // A shift may have begun on the day before.
        for (var day = Day(route, fromUnixMs) - 1; day <= Day(route, toUnixMs); day++)
        {
            foreach (var hours in route.Hours.Count == 0 ? [WholeDay] : (IEnumerable<PatrolHours>)route.Hours)
            {
                if (Of(route, hours, day) is { } shift && shift.FromUnixMs < toUnixMs && shift.ToUnixMs > fromUnixMs)
                    found.Add(shift);
            }
        }
        return [.. found.Distinct().OrderBy(shift => shift.FromUnixMs)];
    }

    /// <summary>When an item can be kept: a post's own hours within the shift, else the shift. Null: its hours lie outside this shift.</summary>
    public static PatrolShift? Window(PatrolRoute route, PatrolItem item, PatrolShift shift)
    {
        ArgumentNullException.ThrowIfNull(route);
        ArgumentNullException.ThrowIfNull(item);
        if (item.Kind != PatrolItemKind.Post || item.FromMinute == item.ToMinute)
            return shift;
        for (var day = Day(route, shift.FromUnixMs) - 1; day <= Day(route, shift.ToUnixMs); day++)
        {
            var start = Midnight(route, day);
            var (from, to) = (start + (item.FromMinute * MinuteMs), start + (item.ToMinute * MinuteMs));
            if (to <= from)
                to += DayMs;
            (from, to) = (Math.Max(from, shift.FromUnixMs), Math.Min(to, shift.ToUnixMs));
            if (from < to)
                return new PatrolShift(from, to);
        }
        return null;
    }

    private static PatrolShift? Of(PatrolRoute route, PatrolHours hours, long day)
    {
        // 1970-01-01 was a Thursday; bit 0 is Monday.
        var weekday = (int)(((day + 3) % 7 + 7) % 7);
        if (hours.Weekdays != 0 && (hours.Weekdays >> weekday & 1) == 0)
            return null;
        var start = Midnight(route, day);
        var (from, to) = (start + (hours.FromMinute * MinuteMs), start + (hours.ToMinute * MinuteMs));
        if (to <= from)
            to += DayMs;
        from = Math.Max(from, route.ValidFromUnixMs);
        to = route.ValidToUnixMs > 0 ? Math.Min(to, route.ValidToUnixMs) : to;
        return from < to ? new PatrolShift(from, to) : null;
    }

    private static long Day(PatrolRoute route, long unixMs) => (long)Math.Floor((unixMs + (route.UtcOffsetMinutes * MinuteMs)) / (double)DayMs);

    private static long Midnight(PatrolRoute route, long day) => (day * DayMs) - (route.UtcOffsetMinutes * MinuteMs);
}
