using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Calls;

/// <summary>A car that could take a call, with all that speaks for and against it. The page says it in words.</summary>
internal sealed record Candidate
{
    public required string UnitId { get; init; }
    public required string Label { get; init; }
    public required string PoliceType { get; init; }
    public bool IsOwner { get; init; }
    public bool Online { get; init; }
    public required string OfficerId { get; init; }

    /// <summary>available, busy, off_duty, or "" where the car does not tell.</summary>
    public required string Availability { get; init; }

    /// <summary>In a straight line; null where the car or the call has no place.</summary>
    public double? Metres { get; init; }

    /// <summary>towards, away, across, standing, or "".</summary>
    public required string Heading { get; init; }
    public int OpenCalls { get; init; }
    public bool TypeFits { get; init; }
    public long? PositionAgeMs { get; init; }

    /// <summary>Where it is now is not known well enough: ranked behind all others.</summary>
    public bool Stale { get; init; }

    /// <summary>The smallest ring of arrival, in minutes, that it stands in; 0 outside all.</summary>
    public int RingMinutes { get; init; }

    /// <summary>Minutes to drive in a straight line and what is added for what speaks against it; the smaller the better.</summary>
    public double Score { get; init; }
}

/// <summary>
/// The nearest suitable cars. Score: straight-line minutes at the stated speed, a tenth less when heading towards it, a fifth more when
/// heading away, and minutes on top: 5 for each open call, 5 for another kind of police, 5 when busy, 10 without an officer, 10 without
/// a line, 20 off duty. Stale positions come last whatever their score.
/// </summary>
internal sealed class CallCandidates(Fleet fleet, SessionRegistry sessions, UnitFacts units, CallTable calls, CallOptions options)
{
    public static readonly IReadOnlyList<int> RingMinutes = [1, 3, 5];
    public static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(30);
    private const int Most = 30;
    private const double MovingMps = 1.5;

    /// <summary>The best first.</summary>
    /// <param name="call">Its place may be missing: then cars are ranked by the rest.</param>
    /// <param name="district">Of whoever asks: "" is the city.</param>
    public IReadOnlyList<Candidate> Of(CallRecord call, string district)
    {
        var loads = calls.Loads();
        return [.. units.All
            .Where(unit => unit is { RevokedAt: null, EnrolledAt: not null } && Suits(unit, call.District) && (district.Length == 0 || unit.District == district))
            .Select(unit => Judge(unit, call, loads.GetValueOrDefault(unit.UnitId)))
            .OrderBy(car => car.Stale).ThenBy(car => car.Metres is null).ThenBy(car => car.Score).ThenBy(car => car.UnitId, StringComparer.Ordinal)
            .Take(Most)];
    }

    /// <summary>The best car that does not own the call already; "" when there is none whose place is known.</summary>
    public string Propose(CallRecord call) => Of(call, "").FirstOrDefault(car => !car.IsOwner && !car.Stale && car.Metres is not null)?.UnitId ?? "";

    /// <summary>Cars close to an urgent call, whatever their kind of police, nearest first.</summary>
    public IReadOnlyList<string> Nearby(CallRecord call) => !call.Urgent || !call.Texts.HasPlace
        ? []
        : [.. Of(call, "").Where(car => !car.Stale && car.Metres <= options.NearbyMetres).OrderBy(car => car.Metres).Take(options.MostNearby).Select(car => car.UnitId)];

    // A district's call is for the district's cars and for those of the whole city.
    private static bool Suits(UnitRow unit, string district) => district.Length == 0 || unit.District == district || unit.District.Length == 0;

    private Candidate Judge(UnitRow unit, CallRecord call, int load)
    {
        var place = fleet.Find(unit.UnitId);
        var position = place?.Position is { } told && Fleet.HasFix(told) ? told : null;
        long? age = position is null ? null : (long)fleet.Age(place!).TotalMilliseconds;
        double? metres = position is null || !call.Texts.HasPlace
            ? null
            : CallGeometry.Metres(position.LatitudeDegrees, position.LongitudeDegrees, call.Texts.Latitude!.Value, call.Texts.Longitude!.Value);
        var car = new Candidate
        {
            UnitId = unit.UnitId,
            Label = unit.Label,
            PoliceType = unit.PoliceType,
            IsOwner = unit.UnitId == call.Owner,
            Online = sessions.IsOnline(unit.UnitId),
            OfficerId = place?.Position?.OfficerId ?? "",
            Availability = Known(place?.Availability),
            Metres = metres is { } far ? Math.Round(far) : null,
            Heading = metres is null ? "" : HeadingOf(position!, call.Texts),
            OpenCalls = load,
            TypeFits = unit.PoliceType == CallWords.Of(call.PoliceType),
            PositionAgeMs = age,
            Stale = position is null || position.Stale || position.Suspect || age > StaleAfter.TotalMilliseconds,
            RingMinutes = metres is { } m ? RingMinutes.FirstOrDefault(minutes => m <= MetresIn(minutes)) : 0,
        };
        return car with { Score = Math.Round(ScoreOf(car), 2) };
    }

    private double MetresIn(int minutes) => options.ArrivalKmh * 1000d / 60 * minutes;

    private double ScoreOf(Candidate car)
    {
        var drive = (car.Metres ?? 0) / MetresIn(1);
        drive *= car.Heading switch { "towards" => 0.9, "away" => 1.2, _ => 1 };
        return drive + (5 * car.OpenCalls) + (car.TypeFits ? 0 : 5) + (car.OfficerId.Length > 0 ? 0 : 10) + (car.Online ? 0 : 10)
            + car.Availability switch { "busy" => 5, "off_duty" => 20, _ => 0 };
    }

    // A closed set: what a car writes there must not become a text on a page.
    private static string Known(string? availability) => availability is "available" or "busy" or "off_duty" ? availability : "";

    private static string HeadingOf(Position position, CallTexts at)
    {
        if (position.SpeedMps < MovingMps)
            return "standing";
        var bearing = CallGeometry.Bearing(position.LatitudeDegrees, position.LongitudeDegrees, at.Latitude!.Value, at.Longitude!.Value);
        return CallGeometry.Between(bearing, position.HeadingDegrees) switch { <= 60 => "towards", >= 120 => "away", _ => "across" };
    }
}
