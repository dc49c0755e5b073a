using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Exhibits;

/// <summary>A circle on the map.</summary>
internal sealed record Near(double Latitude, double Longitude, double RadiusMetres);

/// <summary>What is looked for; what is empty or null does not matter. There is no search by face.</summary>
/// <param name="Kinds">alert, snapshot, clip, copy; empty: all.</param>
/// <param name="Plate">A plate or a part of it, of three characters or more: only for a purpose.</param>
internal sealed record EvidenceQuery(
    long FromUnixMs, long ToUnixMs, IReadOnlyList<string> Kinds, string UnitId, string CallNumber, Near? Near, string Plate, bool HeldOnly);

/// <summary>One piece of evidence in a list: when, where and what kind; no plate, no person, no picture.</summary>
internal sealed record EvidenceFound(
    Guid Id, string Kind, string UnitId, string CameraId, long FromUnixMs, long ToUnixMs, double? Latitude, double? Longitude, string Category, string AlertKind,
    string Verdict, string FileState, string MediaType, string CallNumber, string MadeBy, bool Held);

/// <param name="More">There may be more than was looked at or is told: search more narrowly.</param>
internal sealed record EvidenceAnswer(IReadOnlyList<EvidenceFound> Found, bool More);

/// <summary>
/// Looks through evidence of a span of time. What would name a person, a plate or a place lies sealed, so that rows are opened one by one:
/// the newest of the span, up to a bound.
/// </summary>
internal sealed class EvidenceSearch(EventTable events, ExhibitTable exhibits, EvidenceItems items, CentreDatabase database)
{
    private const int MostOpened = 2000, MostTold = 200;

    /// <param name="maySee">Whether a unit's evidence may be shown to whoever asks.</param>
    public EvidenceAnswer Run(EvidenceQuery query, Predicate<string> maySee)
    {
        bool Wanted(string kind) => query.Kinds.Count == 0 || query.Kinds.Contains(kind);
        var told = Wanted(EvidenceItem.Alert) ? events.Within("alert_decided", query.FromUnixMs, query.ToUnixMs, query.UnitId, MostOpened) : [];
        var made = query.Plate.Length > 0 ? [] : exhibits.Within(query.FromUnixMs, query.ToUnixMs, MostOpened);
        var held = Retention.Holds.Ids(database);
        var found = told.Where(alert => maySee(alert.UnitId)).Where(alert => query.Plate.Length == 0 || HasPlate(alert, query.Plate)).Select(EvidenceItems.Of)
            .Concat(made.Where(exhibit => Wanted(exhibit.Kind) && maySee(exhibit.UnitId)).Select(EvidenceItems.Of))
            .Where(item => Fits(item, query) && (!query.HeldOnly || held.Contains(item.Id)))
            .OrderByDescending(item => item.FromUnixMs).Take(MostTold + 1).ToList();
        var more = found.Count > MostTold || told.Count >= MostOpened || made.Count >= MostOpened;
        return new EvidenceAnswer([.. found.Take(MostTold).Select(items.WithFile).Select(item => Told(item, held.Contains(item.Id)))], more);
    }

    private static bool Fits(EvidenceItem item, EvidenceQuery query) =>
        (query.UnitId.Length == 0 || item.UnitId == query.UnitId)
        && (query.CallNumber.Length == 0 || string.Equals(item.Words.CallNumber, query.CallNumber, StringComparison.OrdinalIgnoreCase))
        && (query.Near is not { } near || (item.Words is { Latitude: { } latitude, Longitude: { } longitude } && Metres(near, latitude, longitude) <= near.RadiusMetres));

    private static bool HasPlate(Sessions.StoredEvent told, string plate)
    {
        var alert = Alert.Parser.ParseFrom(told.Event.AlertDecided.Alert);
        return alert.Kind == ListKind.Plates
            && (alert.ListedText.Contains(plate, StringComparison.OrdinalIgnoreCase) || alert.Plate?.Text.Contains(plate, StringComparison.OrdinalIgnoreCase) == true);
    }

    private static EvidenceFound Told(EvidenceItem item, bool held)
    {
        var alert = item.Told is null ? null : Alert.Parser.ParseFrom(item.Told.Event.AlertDecided.Alert);
        return new EvidenceFound(
            item.Id, item.Kind, item.UnitId, item.CameraId, item.FromUnixMs, item.ToUnixMs, item.Words.Latitude, item.Words.Longitude,
            alert is null ? "" : ListWords.Word(alert.Category), alert?.Kind switch { ListKind.Plates => "plate", ListKind.Faces => "face", _ => "" },
            item.Verdict switch { Verdict.Confirmed => "confirmed", Verdict.Rejected => "rejected", _ => "" },
            item.File.State, item.File.MediaType, item.Words.CallNumber, item.Made?.MadeBy ?? "", held);
    }

    /// <summary>Great-circle distance on a sphere of the earth's mean radius.</summary>
    private static double Metres(Near near, double latitude, double longitude)
    {
        const double EarthMetres = 6_371_000;
        var (a, b) = (double.DegreesToRadians(near.Latitude), double.DegreesToRadians(latitude));
        var (dy, dx) = (Math.Sin((b - a) / 2), Math.Sin(double.DegreesToRadians(longitude - near.Longitude) / 2));
        return 2 * EarthMetres * Math.Asin(Math.Min(1, Math.Sqrt((dy * dy) + (Math.Cos(a) * Math.Cos(b) * dx * dx))));
    }
}
