namespace EdgeAgent.Rig.Clips;

/// <summary>A face in a picture, as a face detector would box it: brow to chin, temple to temple. Shares of the picture's width and height.</summary>
internal readonly record struct FaceIn(float CentreX, float CentreY, float Width)
{
    /// <summary>A portrait as in LFW: the face in the middle, about two fifths of the width.</summary>
    public static FaceIn Portrait => new(0.5f, 0.52f, 0.4f);
}

/// <summary>Somebody whose picture walks past the cameras.</summary>
/// <param name="Id">Names the person in the truth file.</param>
/// <param name="EnrolPicture">What a list would hold: absolute path.</param>
/// <param name="ShownPicture">What the cameras see; another picture of the person where there is one.</param>
/// <param name="Listed">On the bench's face list.</param>
internal sealed record Person(string Id, string EnrolPicture, string ShownPicture, FaceIn Face, bool Listed);
