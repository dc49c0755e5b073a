namespace EdgeAgent.Vision.Faces;

/// <summary>What keeps a face from being compared, each by its own name so that people can be told what to do about it.</summary>
[Flags]
public enum FaceFaults
{
    None = 0,

    /// <summary>Too few pixels.</summary>
    TooSmall = 1,

    /// <summary>The head is turned to the left or right.</summary>
    TurnedAside = 2,

    /// <summary>The face looks up or down.</summary>
    TurnedUpOrDown = 4,

    /// <summary>The head lies on its side.</summary>
    Tilted = 8,

    /// <summary>Less detail than the smallest face that is compared: out of focus, moved, or covered.</summary>
    Blurred = 16,

    /// <summary>Underexposed.</summary>
    TooDark = 32,

    /// <summary>Washed out, or a good part of it at the sensor's white.</summary>
    Overexposed = 64,

    /// <summary>Hardly any difference between its parts: fog, glare, a flat surface.</summary>
    Flat = 128,
}

/// <summary>Where a face looks, from its five points; not degrees, but ratios that grow with the angle.</summary>
/// <param name="YawOffset">How far the nose stands off the middle of the eyes, in eye distances: 0 frontal, about 0.5 profile.</param>
/// <param name="PitchOffset">Where the nose stands between eyes (0) and mouth (1), less where it stands on a level face: above 0 looks down.</param>
/// <param name="RollDegrees">How far the line of the eyes is from level, −180 … 180.</param>
public readonly record struct FacePose(float YawOffset, float PitchOffset, float RollDegrees);

/// <summary>How well a face can be compared.</summary>
/// <param name="WidthPx">Width of the detection box, in pixels of the picture that was given; 0: there was no face to judge.</param>
/// <param name="Pose">Where it looks.</param>
/// <param name="Sharpness">Detail of the aligned face relative to its contrast, in its poorest direction; 0 flat.</param>
/// <param name="Exposure">Mean brightness of the aligned face, 0 … 1.</param>
/// <param name="Contrast">Standard deviation of that brightness, 0 … 0.5.</param>
/// <param name="ClippedShare">Share of the face at the sensor's white, 0 … 1.</param>
/// <param name="Score">All of it in one number, 0 … 1: which look of a visit is worth how much.</param>
/// <param name="Faults">Why it cannot be compared.</param>
public readonly record struct FaceQuality(
    float WidthPx, FacePose Pose, float Sharpness, float Exposure, float Contrast, float ClippedShare, float Score, FaceFaults Faults)
{
    /// <summary>Good enough to be compared with a list at all.</summary>
    public bool Passes => WidthPx > 0 && Faults == FaceFaults.None;
}
