using EdgeAgent.Vision.Faces;

namespace EdgeAgent.Agent.Alerts;

/// <summary>How alike a face has to be, for the lists as they are now: with more faces listed, more alike.</summary>
/// <param name="Alert">The least cosine that comes to an alert.</param>
/// <param name="Stop">The least cosine whose alert may say "stop".</param>
internal readonly record struct FaceLimits(float Alert, float Stop)
{
    /// <param name="listed">Faces in all lists that are loaded, each of which a visit is compared with.</param>
    public static FaceLimits For(AlertOptions options, FaceThresholds thresholds, int listed) => new(
        thresholds.ForVisits(options.FaceFalseAlertsPer1000Visits, listed), thresholds.ForVisits(options.FaceStopFalseAlertsPer1000Visits, listed));
}
