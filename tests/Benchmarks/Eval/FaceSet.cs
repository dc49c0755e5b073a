using System.Numerics.Tensors;
using EdgeAgent.Vision.Faces;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>A picture of the set and what was found in it.</summary>
/// <param name="Person">Counted from 0, in the order of the folders.</param>
/// <param name="Embedding">As a look in the car gives it; null: no face was found.</param>
/// <param name="Portrait">As it would be enrolled; null likewise.</param>
internal sealed record Face(int Person, string File, FaceBox Box, FaceQuality Quality, float[]? Embedding, float[]? Portrait = null)
{
    /// <summary>No face found: less alike than any two faces.</summary>
    public const float Missed = -1;

    public static float Similarity(float[]? a, float[]? b) => a is null || b is null ? Missed : TensorPrimitives.Dot<float>(a, b);
}

/// <summary>
/// The labelled pictures. Enrolled: the first picture of everyone with two; it is probed with the second. People with one picture are
/// on no list.
/// </summary>
internal sealed class FaceSet
{
    /// <param name="faces">Person by person, each with their pictures in order.</param>
    public FaceSet(int people, List<Face> faces)
    {
        People = people;
        Faces = faces;
        var byPerson = faces.GroupBy(f => f.Person).Select(g => g.ToList()).ToList();
        Pairs = [.. byPerson.Where(p => p.Count >= 2).Select(p => (p[0], p[1]))];
        Unlisted = [.. byPerson.Where(p => p.Count == 1).Select(p => p[0])];
    }

    public int People { get; }

    public IReadOnlyList<Face> Faces { get; }

    public IReadOnlyList<(Face Enrolled, Face Probe)> Pairs { get; }

    public IReadOnlyList<Face> Unlisted { get; }

    /// <exception cref="InputException">The folder is no such set.</exception>
    public static FaceSet Load(string directory, FaceSession session, TextWriter progress)
    {
        var people = Folders(directory);
        var faces = new List<Face>();
        for (int person = 0; person < people.Count; person++)
        {
            foreach (string file in people[person])
            {
                faces.Add(session.Look(person, file, progress));
                if (faces.Count % 100 == 0)
                    progress.WriteLine($"  {faces.Count} pictures");
            }
        }
        return new FaceSet(people.Count, faces);
    }

    private static List<string[]> Folders(string directory)
    {
        if (!Directory.Exists(directory))
            throw new InputException($"There is no folder {directory}.");
        var people = Directory.GetDirectories(directory).Order(StringComparer.Ordinal)
            .Select(folder => Directory.GetFiles(folder).Where(IsPicture).Order(StringComparer.Ordinal).ToArray())
            .Where(files => files.Length > 0).ToList();
        if (people.Count < 2 || people.All(files => files.Length < 2))
            throw new InputException(
                $"{directory} needs a folder for each of at least two people, one of them with two pictures (jpg, png, bmp, webp or ppm); it has {people.Count} with pictures.");
        return people;
    }

    private static bool IsPicture(string file) =>
        Path.GetExtension(file).ToLowerInvariant() is ".jpg" or ".jpeg" or ".png" or ".bmp" or ".webp" or ".ppm";
}
