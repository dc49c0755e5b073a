using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using EdgeAgent.CommandCentre.Storage;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Lists;

/// <summary>
/// An officer's pictures to what a car compares at sign-in. The pictures are looked at once, in memory, and kept nowhere; the templates
/// lie sealed with the officer and go out in the signed roster.
/// </summary>
internal static class OfficerFaces
{
    public const int FewestPictures = 3, MostPictures = 5;

    /// <summary>Of one picture; a telephone's, shrunk by the page.</summary>
    public const int MostPictureBytes = 2 << 20;

    /// <summary>One comparison in some 20,000 of different people comes so high (models.json).</summary>
    private const float SamePerson = 0.45f;

    /// <summary>Two pictures of one moment tell no more than one.</summary>
    private const float SamePicture = 0.99f;

    /// <exception cref="CentreException">Too few or too many, one without exactly one good face, or not all of one person.</exception>
    public static IReadOnlyList<FaceTemplate> Enrol(IReadOnlyList<byte[]> jpegs)
    {
        if (jpegs.Count is < FewestPictures or > MostPictures)
            throw new PictureException(PictureFault.Number, $"Give {FewestPictures} to {MostPictures} pictures, not {jpegs.Count}.");
        using var pictures = new FacePictures();
        var templates = jpegs.Select((bytes, index) => pictures.Enrol(bytes, $"Picture {index + 1}", index + 1).Template).ToList();
        for (var a = 0; a < templates.Count; a++)
        {
            for (var b = 0; b < a; b++)
            {
                var alike = TensorPrimitives.Dot(Values(templates[a]), Values(templates[b]));
                if (!(alike >= SamePerson))
                    throw new PictureException(PictureFault.OtherPerson, $"Pictures {b + 1} and {a + 1} do not look like the same person.") { Picture = a + 1, Other = b + 1 };
                if (alike >= SamePicture)
                    throw new PictureException(PictureFault.SamePicture, $"Pictures {b + 1} and {a + 1} are the same picture: take each anew.") { Picture = a + 1, Other = b + 1 };
            }
        }
        return [.. templates.Select(template => new FaceTemplate
        {
            ModelSha256 = ByteString.CopyFrom(pictures.ModelSha256),
            Embedding = ByteString.CopyFrom(template),
        })];
    }

    private static ReadOnlySpan<float> Values(byte[] template) => MemoryMarshal.Cast<byte, float>(template);
}
