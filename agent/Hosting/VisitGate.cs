using System.Buffers.Binary;
using EdgeAgent.Eyes.V1;

namespace EdgeAgent.Agent.Hosting;

/// <summary>
/// Holds what eyes says against its contract. Eyes parses what strangers' cameras send; a message that is not as agreed is
/// refused whole, counted by reason, and shows as one line a minute.
/// </summary>
internal sealed class VisitGate(IReadOnlyList<CameraOptions> cameras, byte[] faceModelSha256)
{
    public const int MaxCropBytes = 8 * 1024;

    private const int MaxPlateCharacters = 12, MaxRivals = 16, MaxIdCharacters = 64;
    private const long OldestMs = 60_000, AheadMs = 2_000, MostSceneMs = 120_000;
    private const uint MostSceneFrames = 20_000, MostHeads = 1_000, MostVehicles = 10_000;
    private const float NormTolerance = 0.02f;

    private const int MaxCabJpegBytes = 256 * 1024, CabPoints = 10, MaxFaultCharacters = 32;

    private readonly HashSet<string> cabs = [.. cameras.Where(c => c.PreviewOnly).Select(c => c.Id)];
    private readonly HashSet<string> analysed = [.. cameras.Where(c => !c.PreviewOnly).Select(c => c.Id)];

    /// <summary>"" when the visit is as agreed, else the reason.</summary>
    public string Refusal(PlateVisit visit, long nowMonoMs)
    {
        if (Common(visit.VisitId, visit.CameraId, visit.CapturedMonoMs, visit.SettledMonoMs, visit.CropJpeg.Span, nowMonoMs) is { Length: > 0 } why)
            return why;
        if (visit.Text.Length is 0 or > MaxPlateCharacters || visit.CharacterConfidence.Count != visit.Text.Length)
            return "plate_text";
        if (!visit.CharacterConfidence.All(IsShare) || !IsShare(visit.Confidence))
            return "plate_confidence";
        if (visit.Rivals.Count > MaxRivals || visit.Rivals.Any(r => r.Text.Length > MaxPlateCharacters || !IsShare(r.Confidence)))
            return "plate_rivals";
        return visit.Colour is "" or "blue" or "yellow" or "green" or "white" or "black" ? "" : "plate_colour";
    }

    /// <inheritdoc cref="Refusal(PlateVisit, long)"/>
    public string Refusal(FaceVisit visit, long nowMonoMs)
    {
        if (Common(visit.VisitId, visit.CameraId, visit.CapturedMonoMs, visit.SettledMonoMs, visit.CropJpeg.Span, nowMonoMs) is { Length: > 0 } why)
            return why;
        return Embedding(visit.Embedding.Span, visit.ModelSha256.Span);
    }

    /// <inheritdoc cref="Refusal(PlateVisit, long)"/>
    public string Refusal(CabFrame frame, long nowMonoMs)
    {
        if (!cabs.Contains(frame.CameraId))
            return "camera";
        if (frame.Fault.Length > 0)
            return frame.Fault.Length <= MaxFaultCharacters ? "" : "cab_fault";
        if (frame.CapturedMonoMs < nowMonoMs - OldestMs || frame.CapturedMonoMs > nowMonoMs + AheadMs)
            return "time";
        if (frame.Faces > MostHeads || frame.Jpeg.Length > MaxCabJpegBytes || (frame.Face is not null && frame.Faces == 0))
            return "cab_frame";
        if (frame.Face is not { } face)
            return "";
        bool inOrder = face.Points.Count == CabPoints && face.Points.All(float.IsFinite) && IsShare(face.Live)
            && float.IsFinite(face.X + face.Y + face.Width + face.Height + face.YawDegrees + face.PitchDegrees + face.RollDegrees + face.EyesOpen + face.LidGap);
        return inOrder ? Embedding(face.Embedding.Span, face.ModelSha256.Span) : "cab_face";
    }

    private string Embedding(ReadOnlySpan<byte> embedding, ReadOnlySpan<byte> modelSha256)
    {
        if (embedding.Length != FaceSighting.Dimension * sizeof(float))
            return "embedding_length";
        if (faceModelSha256.Length > 0 && !modelSha256.SequenceEqual(faceModelSha256))
            return "embedding_model";
        double squares = 0;
        for (int at = 0; at < embedding.Length; at += sizeof(float))
        {
            float value = BinaryPrimitives.ReadSingleLittleEndian(embedding[at..]);
            squares += (double)value * value;
        }
        // NaN fails the comparison as well.
        return Math.Abs(Math.Sqrt(squares) - 1) <= NormTolerance ? "" : "embedding_norm";
    }

    /// <inheritdoc cref="Refusal(PlateVisit, long)"/>
    public string Refusal(SceneMinute scene, long nowMonoMs)
    {
        if (!analysed.Contains(scene.CameraId))
            return "camera";
        long span = scene.ToMonoMs - scene.FromMonoMs;
        if (span is <= 0 or > MostSceneMs || scene.ToMonoMs < nowMonoMs - 2 * OldestMs || scene.ToMonoMs > nowMonoMs + AheadMs)
            return "time";
        return scene.Frames is > 0 and <= MostSceneFrames && scene.HeadsMedian <= scene.HeadsMax && scene.HeadsMax <= MostHeads
            && scene.Vehicles <= MostVehicles
            ? ""
            : "scene_counts";
    }

    private string Common(string visitId, string cameraId, long capturedMonoMs, long settledMonoMs, ReadOnlySpan<byte> crop, long nowMonoMs)
    {
        if (!analysed.Contains(cameraId))
            return "camera";
        if (visitId.Length is 0 or > MaxIdCharacters)
            return "visit_id";
        if (crop.Length > MaxCropBytes)
            return "crop_size";
        if (crop.Length < 4 || crop[0] != 0xFF || crop[1] != 0xD8)
            return "crop_format";
        return capturedMonoMs >= nowMonoMs - OldestMs && Math.Max(capturedMonoMs, settledMonoMs) <= nowMonoMs + AheadMs ? "" : "time";
    }

    private static bool IsShare(float value) => value is >= 0 and <= 1;
}
