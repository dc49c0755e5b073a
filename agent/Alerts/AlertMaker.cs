using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Alerts;

/// <summary>Writes the alert that the officer will see.</summary>
internal sealed class AlertMaker(CarOptions options, TrustedClock clock, PositionBook positions, TimeProvider time)
{
    // Titles and references come from whoever wrote the list; the alert has to travel over the air.
    private const int MaxCharacters = 160, MaxRivals = 4;

    public long SeenAt(Visit visit) => clock.UnixMsAt(visit.CapturedMonoMs);

    public OpenAlert Make(Hit hit)
    {
        Watchlist list = hit.List.Facts;
        Position? position = positions.Current;
        IReadOnlyList<string> contradictions = Contradictions.Of(hit, options.Alerts, clock, position);
        var alert = new Alert
        {
            Id = ByteString.CopyFrom(Uuid7.New(time)),
            Kind = list.Kind,
            ListId = list.ListId,
            ListVersion = list.Version,
            Category = list.Category,
            EntryId = hit.EntryId,
            CameraId = hit.Visit.CameraId,
            SeenAtUnixMs = SeenAt(hit.Visit),
            Position = position,
            Tone = ToneOf(hit, contradictions),
            ListTitleZh = Short(list.TitleZh),
            ListTitleEn = Short(list.TitleEn),
            Authority = Short(list.Authority),
            LegalReference = Short(list.LegalReference),
            ListIssuedAtUnixMs = list.IssuedAtUnixMs,
            ListValidToUnixMs = list.ValidToUnixMs,
        };
        alert.Contradictions.AddRange(contradictions);
        byte[] portrait = hit is PlateHit plate ? Fill(alert, plate) : Fill(alert, (FaceHit)hit);
        long shownAt = clock.NowUnixMs;
        return new OpenAlert(alert, [.. hit.Visit.CropJpeg], portrait)
        {
            SettledMonoMs = hit.Visit.SettledMonoMs,
            ShownMonoMs = clock.MonoMs,
            ShownTimestamp = time.GetTimestamp(),
            ShownAtUnixMs = shownAt,
            LapsesAtUnixMs = shownAt + (long)options.AlertLapse.TotalMilliseconds,
            NeedsSecond = options.Alerts.NeedsSecond(list.Category),
        };
    }

    private static byte[] Fill(Alert alert, PlateHit hit)
    {
        alert.ListedText = hit.Entry.Plate;
        alert.ListedNote = Short(string.Join(" · ", new[] { hit.Entry.VehicleClass, hit.Entry.Note }.Where(s => s.Length > 0)));
        alert.Plate = new PlateReading
        {
            Text = hit.Sighting.Text,
            PlateClass = Contradictions.ClassOf(hit.Sighting.Colour, hit.Sighting.TwoRow),
            Votes = hit.Sighting.Votes,
            Confidence = hit.Sighting.TextConfidence,
        };
        alert.Plate.CharacterConfidence.AddRange(hit.Sighting.Confidence);
        alert.Plate.Rivals.AddRange(hit.Sighting.Rivals.OrderByDescending(r => r.Confidence).Take(MaxRivals)
            .Select(r => new RivalReading { Text = r.Text, Confidence = r.Confidence }));
        return [];
    }

    private static byte[] Fill(Alert alert, FaceHit hit)
    {
        alert.ListedText = Short($"{hit.Entry.DisplayName} {hit.Entry.SubjectReference}".Trim());
        alert.ListedNote = Short(hit.Entry.Note);
        alert.Face = new FaceReading { Similarity = hit.Similarity, Threshold = hit.Limits.Alert, WidthPx = (uint)hit.Sighting.WidthPx };
        return hit.Entry.PortraitJpeg.ToByteArray();
    }

    // "Stop" only where nothing speaks against it: an exact, undoubted plate; a face far above the threshold of somebody wanted.
    private static AlertTone ToneOf(Hit hit, IReadOnlyList<string> contradictions)
    {
        bool stops = hit.List.Facts.Category is ListCategory.WantedWarrant or ListCategory.StolenVehicle or ListCategory.NamedIncidentVehicle;
        return stops && contradictions.Count == 0 ? AlertTone.Stop : AlertTone.Check;
    }

    private static string Short(string text) => text.Length <= MaxCharacters ? text : text[..(MaxCharacters - 1)] + "…";
}
