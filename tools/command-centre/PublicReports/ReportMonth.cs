using System.Globalization;
using EdgeAgent.CommandCentre.Requests;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.PublicReports;

/// <summary>A calendar month of a time zone, with its days and the parts of its weeks (Monday first) that lie in it.</summary>
internal sealed class ReportMonth
{
    private readonly long[] starts;

    private ReportMonth(DateOnly first, TimeZoneInfo zone)
    {
        (First, Zone) = (first, zone);
        var days = DateTime.DaysInMonth(first.Year, first.Month);
        starts = [.. Enumerable.Range(0, days + 1).Select(day => LocalCalendar.StartOf(first.AddDays(day), zone).ToUnixTimeMilliseconds())];
        Weeks = [.. Enumerable.Range(0, days).GroupBy(day => (day + ((int)first.DayOfWeek + 6) % 7) / 7).Select(week => (week.First(), week.Last()))];
    }

    public DateOnly First { get; }

    public TimeZoneInfo Zone { get; }

    public int Days => starts.Length - 1;

    public DateOnly Last => Day(Days - 1);

    public long From => starts[0];

    /// <summary>The first instant after it.</summary>
    public long To => starts[^1];

    /// <summary>First and last day of each, counted from 0.</summary>
    public IReadOnlyList<(int First, int Last)> Weeks { get; }

    public string Name => $"{First:yyyy-MM}";

    /// <exception cref="CentreException">Not a month, one that has not begun, or not a zone.</exception>
    public static ReportMonth Parse(string month, string zone, DateTimeOffset now)
    {
        if (!DateOnly.TryParseExact($"{month}-01", "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first) || first.Year is < 2000 or > 9000)
            throw new CentreException($"--month is '{month}', not a month such as 2026-11.");
        var parsed = new ReportMonth(first, LocalCalendar.Zone(zone));
        return parsed.From <= now.ToUnixTimeMilliseconds()
            ? parsed
            : throw new CentreException($"--month is {month}, which has not begun in {zone}.");
    }

    public DateOnly Day(int day) => First.AddDays(day);

    /// <summary>Which day an instant of this month lies in, from 0.</summary>
    public int DayOf(long unixMs)
    {
        var at = Array.BinarySearch(starts, unixMs);
        return Math.Clamp(at >= 0 ? at : ~at - 1, 0, Days - 1);
    }
}
