using System.Text.Json.Serialization;
using EdgeAgent.Agent.Terminal;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Alerts;

/// <summary>When a hit becomes an alert, and what it sounds like.</summary>
internal sealed record AlertOptions
{
    /// <summary>
    /// Of 1,000 visits of people on no list, how many may come to a face alert. The cosine that counts as a hit follows from it and
    /// from the number of faces in the lists (<see cref="FaceLimits"/>). Default 1: a car that sees 3,000 faces in a shift asks its
    /// officer to look in vain about three times. 0.001 to 100.
    /// </summary>
    public double FaceFalseAlertsPer1000Visits { get; init; } = 1;

    /// <summary>
    /// The same for alerts of wanted people that say "stop" instead of "check". Default 0.1: stopping the wrong person is the worse
    /// mistake. 0.001, and not above FaceFalseAlertsPer1000Visits.
    /// </summary>
    public double FaceStopFalseAlertsPer1000Visits { get; init; } = 0.1;

    /// <summary>
    /// Of 1,000 faces of people on no list that officers point out in an Assist, how many may come to an alert. Default 20: somebody who
    /// needs help is looked for with a lower limit, and the officer compares. 0.001 to 200; never stricter
    /// than for whoever passes.
    /// </summary>
    public double FaceAssistFalseAlertsPer1000Checks { get; init; } = 20;

    /// <summary>Smallest width of a face that is compared, main-stream pixels. Default 32, 16 to 400.</summary>
    public int FaceMinWidthPx { get; init; } = 32;

    /// <summary>A character, or a whole reading, with less confidence than this is doubtful. Default 0.8, 0 to 1.</summary>
    public float DoubtBelow { get; init; } = 0.8f;

    /// <summary>Another reading with at least this confidence speaks against the hit. Default 0.2, 0 to 1.</summary>
    public float RivalFrom { get; init; } = 0.2f;

    /// <summary>After a decision the same entry is not shown again for this long, seconds. Default 300, 0 to 3600.</summary>
    public int RepeatSuppressSeconds { get; init; } = 300;

    /// <summary>A plate list issued longer ago than this is called old, hours. Default 168, 1 to 8784.</summary>
    public int OldListHours { get; init; } = 168;

    /// <summary>A confirmed alert is followed by the camera's video from so many seconds before the sighting. Default 5, 0 to 60.</summary>
    public int ClipSecondsBefore { get; init; } = 5;

    /// <summary>The same after it. Default 5, 0 to 60. With both 0 no clip is made.</summary>
    public int ClipSecondsAfter { get; init; } = 5;

    /// <summary>
    /// Memory for video of alerts that wait for their officer, MiB; beyond it the oldest goes, and that alert has no clip. Default 64,
    /// 8 to 1024.
    /// </summary>
    public int ClipMegabytes { get; init; } = 64;

    /// <summary>
    /// Categories of which a confirmation needs a second officer of the roster with their own PIN, as in wanted_warrant. Default: none;
    /// a car with one officer could confirm nothing.
    /// </summary>
    public IReadOnlyList<string> SecondOfficerFor { get; init; } = [];

    [JsonIgnore]
    public bool HasClips => ClipSecondsBefore + ClipSecondsAfter > 0;

    public bool NeedsSecond(ListCategory category) => SecondOfficerFor.Contains(Words.Of(category));

    private static string[] Categories { get; } = [.. Enum.GetValues<ListCategory>().Where(c => c != ListCategory.Unspecified).Select(Words.Of)];

    public IEnumerable<string> Problems()
    {
        if (ClipSecondsBefore is < 0 or > 60)
            yield return $"Alerts.ClipSecondsBefore is {ClipSecondsBefore}: give 0 to 60.";
        if (ClipSecondsAfter is < 0 or > 60)
            yield return $"Alerts.ClipSecondsAfter is {ClipSecondsAfter}: give 0 to 60.";
        if (ClipMegabytes is < 8 or > 1024)
            yield return $"Alerts.ClipMegabytes is {ClipMegabytes}: give 8 to 1024.";
        if (FaceFalseAlertsPer1000Visits is not (>= 0.001 and <= 100))
            yield return $"Alerts.FaceFalseAlertsPer1000Visits is {FaceFalseAlertsPer1000Visits}: give 0.001 to 100.";
        if (!(FaceStopFalseAlertsPer1000Visits >= 0.001 && FaceStopFalseAlertsPer1000Visits <= FaceFalseAlertsPer1000Visits))
            yield return $"Alerts.FaceStopFalseAlertsPer1000Visits is {FaceStopFalseAlertsPer1000Visits}: give 0.001 to FaceFalseAlertsPer1000Visits.";
        if (FaceAssistFalseAlertsPer1000Checks is not (>= 0.001 and <= 200))
            yield return $"Alerts.FaceAssistFalseAlertsPer1000Checks is {FaceAssistFalseAlertsPer1000Checks}: give 0.001 to 200.";
        if (FaceMinWidthPx is < 16 or > 400)
            yield return $"Alerts.FaceMinWidthPx is {FaceMinWidthPx}: give 16 to 400.";
        if (DoubtBelow is not (>= 0 and <= 1))
            yield return $"Alerts.DoubtBelow is {DoubtBelow}: give 0 to 1.";
        if (RivalFrom is not (>= 0 and <= 1))
            yield return $"Alerts.RivalFrom is {RivalFrom}: give 0 to 1.";
        if (RepeatSuppressSeconds is < 0 or > 3600)
            yield return $"Alerts.RepeatSuppressSeconds is {RepeatSuppressSeconds}: give 0 to 3600.";
        if (OldListHours is < 1 or > 8784)
            yield return $"Alerts.OldListHours is {OldListHours}: give 1 to 8784.";
        foreach (string unknown in SecondOfficerFor.Where(c => !Categories.Contains(c)))
            yield return $"Alerts.SecondOfficerFor names '{unknown}': give some of {string.Join(", ", Categories)}.";
    }
}
