using EdgeAgent.Agent.Alerts;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Terminal;

/// <summary>An open alert as the page gets it.</summary>
internal static class AlertView
{
    public static object Of(OpenAlert open)
    {
        Alert a = open.Alert;
        return new
        {
            id = open.Id,
            kind = a.Kind == ListKind.Faces ? "face" : "plate",
            tone = Words.Of(a.Tone),
            category = Words.Of(a.Category),
            a.SeenAtUnixMs,
            a.CameraId,
            a.ListedText,
            a.Authority,
            a.LegalReference,
            a.ListTitleZh,
            a.ListTitleEn,
            a.ListId,
            a.ListVersion,
            a.ListIssuedAtUnixMs,
            a.ListValidToUnixMs,
            contradictions = a.Contradictions.ToArray(),
            plate = a.Plate is null ? null : new
            {
                a.Plate.Text,
                confidences = a.Plate.CharacterConfidence.ToArray(),
                rivals = a.Plate.Rivals.Select(r => new { r.Text, r.Confidence }).ToArray(),
                plateClass = Words.Of(a.Plate.PlateClass),
                a.Plate.Confidence,
                a.Plate.Votes,
            },
            face = a.Face is null ? null : new { a.Face.Similarity, a.Face.Threshold, a.Face.WidthPx },
            seenUrl = DataUrl(open.SeenJpeg),
            listedUrl = open.ListedJpeg.Length > 0 ? DataUrl(open.ListedJpeg) : null,
            note = a.ListedNote,
            open.NeedsSecond,
            open.ShownAtUnixMs,
            open.LapsesAtUnixMs,
            open.SeenAgain,
            open.LastSeenUnixMs,
            open.LastCameraId,
        };
    }

    /// <summary>The picture comes with the alert: asking for it afterwards would cost the officer one more round through a busy browser.</summary>
    private static string DataUrl(byte[] jpeg) => "data:image/jpeg;base64," + Convert.ToBase64String(jpeg);
}
