using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>The one rule of car and centre for what was visited, covered, kept or missed.</summary>
public sealed class PatrolRulesTests
{
    // Monday 2026-11-02, 00:00 in +08:00.
    private const long Monday = 1_793_548_800_000;
    private const long Minute = 60_000, Hour = 60 * Minute;
    private const double Lat = 39.9, Lon = 116.4;
    private static readonly LocalPlane Plane = new(Lat, Lon);
    private static readonly PatrolShift Shift = new(Monday, Monday + (8 * Hour));

    [Fact]
    public void A_point_is_visited_after_its_dwell_and_again_only_after_the_car_was_seen_outside()
    {
        var route = Route(Point(dwell: 30, times: 2));
        var rules = new PatrolRules(route, Shift);
        Drive(rules, Monday, 60, _ => (10, 0));
        Assert.Equal((1, 59_000L), (Ticks(rules), rules.Record().Tallies[0].LongestMs));
        Assert.Equal((PatrolState.Due, 1d, 2d, "too_few"), Judge(route, rules, Monday + Hour));
        Drive(rules, Monday + (2 * Minute), 20, n => (100 + n, 0));
        Drive(rules, Monday + (3 * Minute), 40, _ => (0, 20));
        Assert.Equal(2, Ticks(rules));
        var tick = rules.Record().Tallies[0].Ticks[0];
        Assert.Equal((Monday + 30_000, "o1"), (tick.AtUnixMs, tick.OfficerId));
        Assert.Equal((PatrolState.Done, 2d, 2d, ""), Judge(route, rules, Monday + Hour));
    }

    [Fact]
    public void A_gap_is_no_dwell_and_a_stay_that_is_too_short_says_so()
    {
        var route = Route(Point(dwell: 30));
        var rules = new PatrolRules(route, Shift);
        Drive(rules, Monday, 20, _ => (0, 0));
        // Eleven seconds of nothing: over ten nothing is assumed.
        Drive(rules, Monday + 30_000, 5, _ => (0, 0));
        Assert.Equal(0, Ticks(rules));
        Drive(rules, Monday + Minute, 2, _ => (200, 0));
        Assert.Equal((PatrolState.Missed, 0d, 1d, "too_short"), Judge(route, rules, Shift.ToUnixMs));
    }

    [Theory]
    [InlineData(GnssFix._3D, true, false)]
    [InlineData(GnssFix._3D, false, true)]
    [InlineData(GnssFix.None, false, false)]
    public void Stale_suspect_and_missing_fixes_never_count(GnssFix fix, bool stale, bool suspect)
    {
        var route = Route(Point());
        var rules = new PatrolRules(route, Shift);
        for (var n = 0; n < 100; n++)
            rules.Take(PatrolFix.Of(new Position { AtUnixMs = Monday + (n * 1000), Fix = fix, Stale = stale, Suspect = suspect, LatitudeDegrees = Lat, LongitudeDegrees = Lon }));
        Assert.Equal((100L, 0L), (rules.Record().Positions, rules.Record().Counting));
        Assert.Equal((PatrolState.Missed, 0d, 1d, "no_fix"), Judge(route, rules, Shift.ToUnixMs));
    }

    [Fact]
    public void What_is_missed_says_why()
    {
        var route = Route(Point());
        Assert.Equal("no_car", PatrolOutcome.Of(route, route.Items[0], Shift, Shift.ToUnixMs, []).Code);
        var far = new PatrolRules(route, Shift);
        Drive(far, Monday, 10, _ => (400, 0));
        Assert.Equal((PatrolState.Missed, 0d, 1d, "never_near"), Judge(route, far, Shift.ToUnixMs));
        Assert.Equal(400, far.Record().Tallies[0].NearestMetres!.Value, 0.5);
        Assert.Equal(PatrolState.Due, PatrolOutcome.Of(route, route.Items[0], Shift, Monday, [far.Record()]).State);
    }

    [Fact]
    public void A_line_is_covered_when_nine_tenths_of_it_are_and_not_across_a_gap()
    {
        var line = Item(PatrolItemKind.Line, (0, 0), (0, 1000));
        line.ToleranceMetres = 20;
        var route = Route(line);
        var most = new PatrolRules(route, Shift);
        Drive(most, Monday, 85, n => (5, n * 10));
        Assert.Equal(0, Ticks(most));
        Assert.InRange(most.Record().Tallies[0].CoveredShare, 0.8, 0.89);
        Assert.Equal("partly_covered", Judge(route, most, Shift.ToUnixMs).Code);
        Drive(most, Monday + 85_000, 10, n => (5, 850 + (n * 10)));
        Assert.Equal(1, Ticks(most));
        var torn = new PatrolRules(route, Shift);
        Drive(torn, Monday, 10, n => (5, n * 10));
        // Half a minute later at the other end: the way between is not known.
        Drive(torn, Monday + (40 * 1000), 10, n => (5, 900 + (n * 10)));
        Assert.InRange(torn.Record().Tallies[0].CoveredShare, 0.15, 0.3);
    }

    [Fact]
    public void A_standing_post_is_kept_within_its_own_hours_by_all_cars_together()
    {
        var post = Item(PatrolItemKind.Post, (0, 0));
        (post.ToleranceMetres, post.FromMinute, post.ToMinute, post.LeastMinutes) = (40, 60, 120, 10);
        var route = Route(post);
        var (first, second) = (new PatrolRules(route, Shift), new PatrolRules(route, Shift));
        Drive(first, Monday + (50 * Minute), (10 * 60) + 301, _ => (0, 0));
        Assert.Equal(5.02, first.Record().Tallies[0].HeldMs / 60_000.0, 0.03);
        Assert.Equal((PatrolState.Due, "not_kept"), (Judge(route, first, Monday + (90 * Minute)).State, Judge(route, first, Monday + (90 * Minute)).Code));
        Drive(second, Monday + (70 * Minute), 301, _ => (0, 10));
        var both = PatrolOutcome.Of(route, route.Items[0], Shift, Monday + (90 * Minute), [first.Record(), second.Record()]);
        Assert.Equal((PatrolState.Done, 10d), (both.State, both.Wanted));
        Assert.Equal(PatrolState.Later, PatrolOutcome.Of(route, route.Items[0], Shift, Monday, []).State);
    }

    [Fact]
    public void A_beat_counts_the_time_inside_it()
    {
        var beat = Item(PatrolItemKind.Beat, (0, 0), (0, 500), (500, 500), (500, 0));
        beat.LeastMinutes = 2;
        var route = Route(beat);
        var rules = new PatrolRules(route, Shift);
        Drive(rules, Monday, 100, n => (n * 10, 250));
        Assert.Equal(50_000, rules.Record().Tallies[0].HeldMs, 2000d);
        Drive(rules, Monday + (10 * Minute), 90, _ => (10, 10));
        Assert.Equal(PatrolState.Done, Judge(route, rules, Monday + Hour).State);
        Assert.Equal(1, Ticks(rules));
    }

    [Fact]
    public void Shifts_follow_local_days_cross_midnight_and_end_with_the_plan()
    {
        var route = Route(Point());
        route.Hours.Clear();
        route.Hours.Add(new PatrolHours { FromMinute = 22 * 60, ToMinute = 6 * 60, Weekdays = 0b0000001 });
        var night = Assert.Single(PatrolShifts.Between(route, Monday, Monday + (7 * 24 * Hour)));
        Assert.Equal((Monday + (22 * Hour), Monday + (30 * Hour)), (night.FromUnixMs, night.ToUnixMs));
        Assert.Equal(night, Assert.Single(PatrolShifts.Between(route, Monday + (29 * Hour), Monday + (29 * Hour) + 1)));
        route.ValidToUnixMs = Monday + (24 * Hour);
        Assert.Equal(route.ValidToUnixMs, Assert.Single(PatrolShifts.Between(route, Monday, Monday + (9 * 24 * Hour))).ToUnixMs);
        route.Hours.Clear();
        Assert.Equal(24 * Hour, Assert.Single(PatrolShifts.Between(route, Monday, Monday + 1)) is var day ? day.ToUnixMs - day.FromUnixMs : 0);
    }

    [Fact]
    public void The_same_positions_give_the_same_record_whatever_was_repeated_or_came_late_between()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("PATROL_SEED"), out var given) ? given : System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue);
        var random = new Random(seed);
        var line = Item(PatrolItemKind.Line, (0, 0), (300, 100));
        line.ToleranceMetres = 30;
        var route = Route(Point(dwell: 5), line);
        for (var round = 0; round < 50; round++)
        {
            var fixes = Enumerable.Range(0, 200).Select(n => Fix(Monday + (n * 1000L) + random.Next(900), random.NextDouble() * 300, random.NextDouble() * 100, random.Next(5) > 0)).ToList();
            var (once, twice) = (new PatrolRules(route, Shift), new PatrolRules(route, Shift));
            foreach (var (fix, at) in fixes.Select((fix, at) => (fix, at)))
            {
                once.Take(fix);
                twice.Take(fix);
                twice.Take(fixes[random.Next(at + 1)]);
            }
            Assert.True(Same(once.Record(), twice.Record()), $"PATROL_SEED={seed}, round {round}");
            Assert.True(once.Record().Tallies.All(t => t.CoveredShare is >= 0 and <= 1 && t.HeldMs >= 0), $"PATROL_SEED={seed}, round {round}");
        }
    }

    [Theory]
    [InlineData("bad_item_shape")]
    [InlineData("bad_tolerance")]
    [InlineData("bad_item_name")]
    [InlineData("item_twice")]
    [InlineData("bad_plan_hours")]
    public void A_plan_out_of_bounds_is_named_by_code_and_item(string code)
    {
        var route = Route(Point());
        Assert.Empty(PatrolCheck.Problems(route));
        switch (code)
        {
            case "bad_item_shape": route.Items[0].Shape.Clear(); break;
            case "bad_tolerance": route.Items[0].ToleranceMetres = 2; break;
            case "bad_item_name": route.Items[0].Name = " "; break;
            case "item_twice": route.Items.Add(Point()); break;
            default: route.Hours[0].FromMinute = 1440; break;
        }
        Assert.Equal((code, code == "bad_plan_hours" ? "" : "i1"), Assert.Single(PatrolCheck.Problems(route)));
    }

    private static bool Same(PatrolRecord a, PatrolRecord b) =>
        a.Positions == b.Positions && a.Counting == b.Counting
        && a.Tallies.Zip(b.Tallies).All(pair => pair.First with { Ticks = [] } is var one && (pair.Second with { Ticks = one.Ticks }) == one && pair.First.Ticks.SequenceEqual(pair.Second.Ticks));

    private static int Ticks(PatrolRules rules) => rules.Record().Tallies[0].Ticks.Count;

    private static (PatrolState State, double Done, double Wanted, string Code) Judge(PatrolRoute route, PatrolRules rules, long now)
    {
        var outcome = PatrolOutcome.Of(route, route.Items[0], Shift, now, [rules.Record()]);
        return (outcome.State, outcome.Done, outcome.Wanted, outcome.Code);
    }

    private static void Drive(PatrolRules rules, long from, int seconds, Func<int, (double East, double North)> where)
    {
        for (var n = 0; n < seconds; n++)
            rules.Take(Fix(from + (n * 1000L), where(n).East, where(n).North, true));
    }

    private static PatrolFix Fix(long at, double east, double north, bool counts)
    {
        var place = Plane.Back(new PlanePoint(east, north));
        return new PatrolFix(at, place.LatitudeDegrees, place.LongitudeDegrees, counts, "o1");
    }

    private static PatrolRoute Route(params PatrolItem[] items) => new()
    {
        PlanId = "p",
        Version = 1,
        Name = "Plan",
        UtcOffsetMinutes = 480,
        Hours = { new PatrolHours { FromMinute = 0, ToMinute = 480 } },
        Items = { items.Select((item, at) => new PatrolItem(item) { ItemId = item.ItemId.Length > 0 ? item.ItemId : $"i{at + 1}" }) },
    };

    private static PatrolItem Point(uint dwell = 0, uint times = 1)
    {
        var point = Item(PatrolItemKind.Point, (0, 0));
        (point.ItemId, point.ToleranceMetres, point.DwellSeconds, point.Times) = ("i1", 50, dwell, times);
        return point;
    }

    private static PatrolItem Item(PatrolItemKind kind, params (double East, double North)[] shape) => new()
    {
        Name = kind.ToString(),
        Kind = kind,
        Shape = { shape.Select(at => Plane.Back(new PlanePoint(at.East, at.North))) },
    };
}
