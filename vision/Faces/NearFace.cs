using System.Numerics;

namespace EdgeAgent.Vision.Faces;

/// <summary>What one picture says of the face that is nearest to the camera, for telling a live one from a picture of one.</summary>
/// <param name="Faces">Faces in the picture that are nearly as near as the nearest; 0: none, and nothing else holds.</param>
/// <param name="Box">The nearest one's box, pixels.</param>
/// <param name="LeftEye">Of the picture, pixels, as the other points.</param>
/// <param name="YawDegrees">Above 0 looks to the right of the picture.</param>
/// <param name="PitchDegrees">Above 0 looks up.</param>
/// <param name="EyesOpen">Log odds that the eyes are open, mean of both, each held within −6 … 8: they go on telling where a chance stands at 1.</param>
/// <param name="LidGap">Height of the open eye relative to its width, mean of both.</param>
/// <param name="Live">Chance that this is no picture of a picture, 0 … 1; weak by itself.</param>
/// <param name="Quality">How well the embedding can be compared.</param>
public readonly record struct NearFace(
    int Faces, FaceBox Box, Vector2 LeftEye, Vector2 RightEye, Vector2 Nose, Vector2 LeftMouth, Vector2 RightMouth,
    float YawDegrees, float PitchDegrees, float RollDegrees, float EyesOpen, float LidGap, float Live, FaceQuality Quality);
