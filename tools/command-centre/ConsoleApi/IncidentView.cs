using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Sessions;
using Patrol.Dispatch.V1;
using V1 = Patrol.Dispatch.V1.Verdict;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>A decided alert as the console shows it.</summary>
internal sealed record IncidentView
{
    public required string EventId { get; init; }
    public required string UnitId { get; init; }
    public long ReceivedAtUnixMs { get; init; }
    public long CapturedAtUnixMs { get; init; }
    public string Type { get; init; } = "alert";
    public required string Kind { get; init; }
    public required string Verdict { get; init; }
    public required string Reason { get; init; }
    public required string Note { get; init; }
    public required string OfficerId { get; init; }

    /// <summary>Who confirmed it as well, where the category asks for two.</summary>
    public string SecondOfficerId { get; init; } = "";
    public required string ListedText { get; init; }
    public required string Category { get; init; }
    public required string CameraId { get; init; }
    public double? Latitude { get; init; }
    public double? Longitude { get; init; }
    public required string Authority { get; init; }
    public required string LegalReference { get; init; }
    public required string ListTitleZh { get; init; }
    public required string ListTitleEn { get; init; }
    public required IReadOnlyList<string> Contradictions { get; init; }
    public PlateView? Plate { get; init; }
    public FaceView? Face { get; init; }
    public string? SeenUrl { get; init; }
    public string? ListedUrl { get; init; }

    /// <summary>False: the decision is not what the unit signed. It is shown all the same.</summary>
    public bool SignatureValid { get; init; }

    public static IncidentView Of(StoredEvent stored)
    {
        var decided = stored.Event.AlertDecided;
        var decision = Decision.Parser.ParseFrom(decided.Decision.Payload);
        var alert = Alert.Parser.ParseFrom(decided.Alert);
        var placed = alert.Position is { } position && Fleet.HasFix(position);
        return new IncidentView
        {
            EventId = stored.Id.ToString(),
            UnitId = stored.UnitId,
            ReceivedAtUnixMs = stored.ReceivedAtUnixMs,
            CapturedAtUnixMs = alert.SeenAtUnixMs > 0 ? alert.SeenAtUnixMs : stored.Event.CapturedAtUnixMs,
            Kind = alert.Kind switch { ListKind.Plates => "plate", ListKind.Faces => "face", _ => "" },
            Verdict = decision.Verdict switch { V1.Confirmed => "confirmed", V1.Rejected => "rejected", _ => "unspecified" },
            Reason = decision.Reason,
            Note = decision.Note,
            OfficerId = decision.OfficerId,
            SecondOfficerId = decision.SecondOfficerId,
            ListedText = alert.ListedText,
            Category = ListWords.Word(alert.Category),
            CameraId = alert.CameraId,
            Latitude = placed ? alert.Position.LatitudeDegrees : null,
            Longitude = placed ? alert.Position.LongitudeDegrees : null,
            Authority = alert.Authority,
            LegalReference = alert.LegalReference,
            ListTitleZh = alert.ListTitleZh,
            ListTitleEn = alert.ListTitleEn,
            Contradictions = [.. alert.Contradictions],
            Plate = alert.Plate is { } plate ? PlateView.Of(plate) : null,
            Face = alert.Face is { } face ? new FaceView(Finite(face.Similarity), Finite(face.Threshold), face.WidthPx) : null,
            SeenUrl = alert.SeenJpeg.IsEmpty ? null : $"/api/incidents/{stored.Id}/seen.jpg",
            ListedUrl = alert.ListedJpeg.IsEmpty ? null : $"/api/incidents/{stored.Id}/listed.jpg",
            SignatureValid = stored.SignatureValid == true,
        };
    }

    /// <summary>NaN and infinities have no place in JSON.</summary>
    internal static float Finite(float value) => float.IsFinite(value) ? value : 0;
}

internal sealed record PlateView(string Text, IReadOnlyList<float> Confidences, IReadOnlyList<RivalView> Rivals, string PlateClass, float Confidence, uint Votes)
{
    public static PlateView Of(PlateReading plate) => new(
        plate.Text,
        [.. plate.CharacterConfidence.Select(IncidentView.Finite)],
        [.. plate.Rivals.Select(rival => new RivalView(rival.Text, IncidentView.Finite(rival.Confidence)))],
        ListWords.Word(plate.PlateClass),
        IncidentView.Finite(plate.Confidence),
        plate.Votes);
}

internal sealed record RivalView(string Text, float Confidence);

internal sealed record FaceView(float Similarity, float Threshold, uint WidthPx);
