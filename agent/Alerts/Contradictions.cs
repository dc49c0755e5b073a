using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Watchlists;
using EdgeAgent.Vision.Matching;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Alerts;

/// <summary>What speaks against a hit. None of it hides an alert; any of it makes it a "check" instead of a "stop".</summary>
internal static class Contradictions
{
    public const string OneCharacter = "one_character";
    public const string DoubtfulCharacter = "doubtful_character";
    public const string RivalReading = "rival_reading";
    public const string PlateColour = "plate_colour";
    public const string VehicleClass = "vehicle_class";
    public const string NearThreshold = "near_threshold";
    public const string RivalPerson = "rival_person";
    public const string ListOld = "list_old";
    public const string OutsideArea = "outside_area";
    public const string AreaUnknown = "area_unknown";
    public const string ClockUntrusted = "clock_untrusted";

    public static IReadOnlyList<string> Of(Hit hit, AlertOptions options, TrustedClock clock, Position? position)
    {
        var found = new List<string>();
        if (hit is PlateHit plate)
            AddPlate(plate, options, found);
        if (hit is FaceHit face)
            AddFace(face, found);
        long age = clock.NowUnixMs - hit.List.Facts.IssuedAtUnixMs;
        if (hit.List.Facts.Kind == ListKind.Plates && age > options.OldListHours * 3_600_000L)
            found.Add(ListOld);
        if (!clock.IsVouched)
            found.Add(ClockUntrusted);
        Area area = hit.List.Facts.Area ?? new Area();
        if (!GeoArea.IsEverywhere(area))
        {
            if (position is null || position.Fix is GnssFix.None or GnssFix.Unspecified || position.Stale)
                found.Add(AreaUnknown);
            else if (!GeoArea.Contains(area, position.LatitudeDegrees, position.LongitudeDegrees))
                found.Add(OutsideArea);
        }
        return found;
    }

    /// <summary>The class that a plate of this look has; UNSPECIFIED when the look says nothing.</summary>
    public static PlateClass ClassOf(string colour, bool twoRow) => colour switch
    {
        "blue" => PlateClass.Blue,
        "yellow" => twoRow ? PlateClass.YellowTwoRow : PlateClass.Yellow,
        "green" => PlateClass.Green,
        "white" => PlateClass.White,
        "black" => PlateClass.Black,
        _ => PlateClass.Unspecified,
    };

    private static void AddFace(FaceHit hit, List<string> found)
    {
        if (hit.Similarity < hit.Limits.Stop)
            found.Add(NearThreshold);
        if (hit.RivalSimilarity >= hit.Limits.Alert)
            found.Add(RivalPerson);
    }

    private static void AddPlate(PlateHit hit, AlertOptions options, List<string> found)
    {
        if (!hit.Match.Exact)
            found.Add(OneCharacter);
        if (hit.Sighting.TextConfidence < options.DoubtBelow || hit.Sighting.Confidence.Any(c => c < options.DoubtBelow))
            found.Add(DoubtfulCharacter);
        if (hit.Sighting.Rivals.Any(r => r.Confidence >= options.RivalFrom && r.Text != hit.Sighting.Text))
            found.Add(RivalReading);
        PlateClass seen = ClassOf(hit.Sighting.Colour, hit.Sighting.TwoRow), listed = hit.Entry.PlateClass;
        if (listed is not (PlateClass.Unspecified or PlateClass.Other) && seen != PlateClass.Unspecified && seen != listed)
            found.Add(PlateColour);
        if (VehicleClue.Contradicts(seen, hit.Entry.VehicleClass))
            found.Add(VehicleClass);
    }
}
