using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using EdgeAgent.Agent.Officers.Face;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Chaos.Login;

/// <summary>Somebody with one picture to enrol and another to come with.</summary>
internal sealed record Person(SourceFace Enrolled, SourceFace Comes);

/// <summary>The people of one half of the pictures: which half somebody belongs to is in their name's hash, so that tuning never meets who is measured.</summary>
internal static class People
{
    public const int RosterSize = 20;

    public static IReadOnlyList<Person> Read(ModelStore models, string folder, bool tuning, int most)
    {
        using var reader = new SourceFace.Reader(models);
        var people = new List<Person>();
        foreach (string directory in Directory.GetDirectories(folder).OrderBy(d => SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFileName(d)))[1]).ThenBy(d => d, StringComparer.Ordinal))
        {
            string name = Path.GetFileName(directory);
            if (IsTuning(name) != tuning || people.Count >= most)
                continue;
            string[] files = [.. Directory.GetFiles(directory).Order(StringComparer.Ordinal)];
            if (files.Length >= 2 && reader.Read(files[0], name) is { } first && reader.Read(files[1], name) is { } second)
                people.Add(new Person(first, second));
        }
        return people;
    }

    public static bool IsTuning(string name) => (SHA256.HashData(Encoding.UTF8.GetBytes(name))[0] & 1) == 0;

    /// <summary>The officers of one car: of each one picture, and two looks at it slightly turned, as three pictures would be.</summary>
    public static OfficerFaces Roster(ModelStore models, IEnumerable<Person> people)
    {
        using var embedder = new FaceEmbedder(models);
        using var detector = FaceDetector.ForPortraits(models);
        using var pool = new FramePool();
        var roster = new OfficerRoster();
        foreach (Person person in people)
        {
            var officer = new Officer { OfficerId = person.Enrolled.Name };
            var scene = new LiveScene(person.Enrolled, 112, new Vector2(CabLens.Width / 2f, CabLens.Height / 2f));
            foreach (float yaw in (float[])[0, 9, -9])
                if (Template(embedder, detector, pool, person.Enrolled, scene, yaw) is { } template)
                    officer.Faces.Add(template);
            roster.Officers.Add(officer);
        }
        return new OfficerFaces(roster, embedder.ModelSha256);
    }

    private static FaceTemplate? Template(FaceEmbedder embedder, FaceDetector detector, FramePool pool, SourceFace face, LiveScene scene, float yaw)
    {
        var values = new float[FaceEmbedder.Dimension];
        if (yaw == 0)
        {
            _ = embedder.EmbedPortrait(face.View, face.Box, values);
        }
        else
        {
            using var lens = new CabLens(new Random(1));
            using Frame frame = lens.Shoot(target => scene.At(target, Pose.Still with { YawDegrees = yaw }), pool);
            var found = new FaceBox[4];
            if (detector.Detect(frame.View, found) == 0)
                return null;
            _ = embedder.EmbedPortrait(frame.View, found[0], values);
        }
        return new FaceTemplate
        {
            ModelSha256 = ByteString.CopyFrom(embedder.ModelSha256),
            Embedding = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
        };
    }
}
