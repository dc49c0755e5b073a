namespace EdgeAgent.Vision.Faces;

/// <summary>How well a face can be compared.</summary>
/// <param name="WidthPx">Width of the detection box, in pixels of the picture that was given.</param>
/// <param name="Sharpness">Spread of the second derivative of the aligned grey face; below about 2 it is blurred.</param>
/// <param name="YawOffset">How far the nose stands off the middle of the eyes, in eye distances: 0 frontal, about 0.5 profile.</param>
/// <param name="Exposure">Mean brightness of the aligned face, 0 … 1.</param>
/// <param name="Score">All of it in one number, 0 … 1: which crop of a visit is the best.</param>
/// <param name="Passes">Good enough to be compared with a list at all.</param>
public readonly record struct FaceQuality(float WidthPx, float Sharpness, float YawOffset, float Exposure, float Score, bool Passes);
