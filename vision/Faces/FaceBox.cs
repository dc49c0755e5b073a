namespace EdgeAgent.Vision.Faces;

/// <summary>A face in pixels of the picture it was found in; it may reach over the picture's edge. Score 0 … 1.</summary>
public readonly record struct FaceBox(float X1, float Y1, float X2, float Y2, float Score)
{
    public float Width => X2 - X1;

    public float Height => Y2 - Y1;

    internal bool IsUsable => float.IsFinite(X1) && float.IsFinite(Y1) && float.IsFinite(X2) && float.IsFinite(Y2)
        && Width >= 1 && Height >= 1;
}
