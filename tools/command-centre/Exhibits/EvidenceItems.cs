using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Exhibits;

/// <summary>A piece of evidence, whether a car told of it or somebody at the centre made it.</summary>
/// <param name="Kind">alert, snapshot, clip or copy.</param>
/// <param name="Told">The decided alert; null for an exhibit.</param>
/// <param name="Made">The exhibit; null for an alert.</param>
internal sealed record EvidenceItem(
    Guid Id, string Kind, string UnitId, string CameraId, long FromUnixMs, long ToUnixMs, ExhibitWords Words, ExhibitFile File, StoredEvent? Told, Exhibit? Made)
{
    public const string Alert = "alert";

    public Verdict Verdict => Told is null ? Verdict.Unspecified : Decision.Parser.ParseFrom(Told.Event.AlertDecided.Decision.Payload).Verdict;
}

/// <summary>Finds evidence by its id, with what is known of its file.</summary>
internal sealed class EvidenceItems(EventTable events, ExhibitTable exhibits, ClipTable clips, TimeProvider time)
{
    /// <summary>Null: there is none, or its time is over.</summary>
    public EvidenceItem? Find(Guid id)
    {
        if (exhibits.Find(id) is { } exhibit)
            return WithFile(Of(exhibit));
        return events.Find(id) is { Event.BodyCase: Event.BodyOneofCase.AlertDecided } told ? WithFile(Of(told)) : null;
    }

    /// <summary>With what is known of its file, which costs a query.</summary>
    public EvidenceItem WithFile(EvidenceItem item) => item with
    {
        File = item.Made is { } made ? exhibits.FileOf(made, time.GetUtcNow().ToUnixTimeMilliseconds()) : FileOf(item.Told!),
    };

    /// <summary>Nothing is known of its file yet.</summary>
    public static EvidenceItem Of(Exhibit exhibit) => new(
        exhibit.Id, exhibit.Kind, exhibit.UnitId, exhibit.CameraId, exhibit.FromUnixMs, exhibit.ToUnixMs, exhibit.Words, ExhibitFile.None(""), null, exhibit);

    /// <inheritdoc cref="Of(Exhibit)"/>
    public static EvidenceItem Of(StoredEvent told)
    {
        var alert = Alert.Parser.ParseFrom(told.Event.AlertDecided.Alert);
        var at = alert.SeenAtUnixMs > 0 ? alert.SeenAtUnixMs : told.Event.CapturedAtUnixMs;
        var placed = alert.Position is { } position && Fleet.HasFix(position);
        var words = new ExhibitWords("", "", placed ? alert.Position.LatitudeDegrees : null, placed ? alert.Position.LongitudeDegrees : null);
        return new EvidenceItem(told.Id, EvidenceItem.Alert, told.UnitId, alert.CameraId, at, at, words, ExhibitFile.None(""), told, null);
    }

    private ExhibitFile FileOf(StoredEvent told) => clips.Of(told.UnitId, told.Id) switch
    {
        null => new ExhibitFile("expected", "", null, null, ""),
        { Sha256: null } none => ExhibitFile.None(none.Reason),
        { SizeBytes: null } => new ExhibitFile("coming", "", null, null, ""),
        var here => new ExhibitFile("here", "", here.Sha256, here.SizeBytes, "video/mp4"),
    };
}
