using System.Security.Claims;
using EdgeAgent.CommandCentre.Sessions;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>
/// Who sees which unit, on two levels: an account of a district the units of that district, an account of the city (no district) all.
/// </summary>
internal sealed class Visibility(UnitFacts units)
{
    /// <summary>The claim that names the district of whoever is signed in; "" is the city.</summary>
    public const string DistrictClaim = "district";

    public bool MaySee(HttpContext viewer, string unitId) => MaySee(DistrictOf(viewer), unitId);

    /// <summary>A unit that this centre does not know is seen by nobody.</summary>
    public bool MaySee(string district, string unitId) => units.Find(unitId) is { } unit && (district.Length == 0 || unit.District == district);

    public static string DistrictOf(HttpContext viewer) => viewer.User.FindFirstValue(DistrictClaim) ?? "";
}
