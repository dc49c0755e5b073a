using System.Buffers.Binary;
using System.Numerics.Tensors;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Vision.Faces;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Officers.Face;

/// <summary>Whose face it was.</summary>
/// <param name="Code">"" when it is one officer's; else not_enrolled (nobody is), unknown_face, ambiguous.</param>
internal sealed record FaceFound(string Code, Officer? Officer, float Alike, float Second);

/// <summary>
/// The faces of a roster's officers, compared at sign-in and nowhere else: they are in no list, and nothing that matches lists knows of
/// this. An officer's pictures count as one face, their mean.
/// </summary>
internal sealed class OfficerFaces
{
    /// <summary>Of a car's own roster; 3 to 5 pictures each.</summary>
    public const int MostPictures = 5, FewestPictures = 3, MostEnrolled = 400;

    private const float NormTolerance = 0.02f;

    private readonly (Officer Officer, float[] Face)[] faces;

    /// <param name="modelSha256">Of the network in use: faces made by another one are as good as not enrolled.</param>
    public OfficerFaces(OfficerRoster roster, byte[] modelSha256) =>
        faces = roster.FaceLogin == FaceLogin.Off ? [] : [.. roster.Officers
            .Select(officer => (officer, Mean(officer.Faces.Where(f => f.ModelSha256.Span.SequenceEqual(modelSha256)).Select(ValuesOf))))
            .Where(pair => pair.Item2 is not null).Select(pair => (pair.officer, pair.Item2!))];

    public int Count => faces.Length;

    /// <summary>Whether a roster's faces are as agreed: whole, of length one, and with the officer's consent.</summary>
    public static bool AreUsable(IReadOnlyCollection<Officer> officers) =>
        officers.Count(o => o.Faces.Count > 0) <= MostEnrolled
        && officers.All(o => o.Faces.Count == 0
            || (o.Faces.Count is >= FewestPictures and <= MostPictures && o.FaceConsent is { GivenAtUnixMs: > 0, RecordedBy.Length: > 0 }
                && o.Faces.All(f => f.ModelSha256.Length == 32 && f.Embedding.Length == FaceSighting.Dimension * sizeof(float)
                    && MathF.Abs(TensorPrimitives.Norm<float>(ValuesOf(f)) - 1) <= NormTolerance)));

    /// <summary>The one officer whose face it is, at a rate of false accepts that holds for the whole roster, and clearly before the second.</summary>
    public FaceFound Find(ReadOnlySpan<float> face, FaceThresholds thresholds, JudgeLimits limits)
    {
        if (faces.Length == 0)
            return new FaceFound("not_enrolled", null, 0, 0);
        (Officer? best, float alike, float second) = (null, -1, -1);
        foreach ((Officer officer, float[] known) in faces)
        {
            float cosine = TensorPrimitives.Dot(face, known);
            if (cosine > alike)
                (best, alike, second) = (officer, cosine, alike);
            else if (cosine > second)
                second = cosine;
        }
        // Written so that what is no number is nobody.
        if (!(alike >= thresholds.ForComparisons(limits.FalseAcceptRate / faces.Length)))
            return new FaceFound("unknown_face", null, alike, second);
        return alike - second >= limits.Margin ? new FaceFound("", best, alike, second) : new FaceFound("ambiguous", null, alike, second);
    }

    private static float[]? Mean(IEnumerable<float[]> pictures)
    {
        var sum = new float[FaceSighting.Dimension];
        foreach (float[] picture in pictures)
            TensorPrimitives.Add(sum, picture, sum);
        float length = TensorPrimitives.Norm<float>(sum);
        if (!(length > 0))
            return null;
        TensorPrimitives.Divide(sum, length, sum);
        return sum;
    }

    private static float[] ValuesOf(FaceTemplate template)
    {
        var values = new float[FaceSighting.Dimension];
        for (int at = 0; at < values.Length; at++)
            values[at] = BinaryPrimitives.ReadSingleLittleEndian(template.Embedding.Span[(at * sizeof(float))..]);
        return values;
    }
}
