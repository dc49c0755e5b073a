namespace EdgeAgent.Rig.Clips;

/// <summary>Somebody's own pictures of people: one person a file, or one a folder (enrolled with the first file, shown with the second).</summary>
internal static class PeopleFolder
{
    public const int MaxPersons = 40;

    private static readonly string[] Endings = [".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".webp"];

    /// <returns>At most <see cref="MaxPersons"/>, by name; every other one is listed.</returns>
    /// <exception cref="RigException">No picture there.</exception>
    public static IReadOnlyList<Person> Read(string folder)
    {
        if (!Directory.Exists(folder))
            throw new RigException($"--pictures {folder}: there is no such folder.");
        var persons = new List<Person>();
        foreach (string entry in Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal))
        {
            string[] files = Directory.Exists(entry) ? [.. Directory.EnumerateFiles(entry).Where(IsPicture).Order(StringComparer.Ordinal)] : IsPicture(entry) ? [entry] : [];
            if (files.Length > 0)
                persons.Add(new Person(Path.GetFileNameWithoutExtension(entry), Path.GetFullPath(files[0]), Path.GetFullPath(files[Math.Min(1, files.Length - 1)]), FaceIn.Portrait, Listed: persons.Count % 2 == 0));
            if (persons.Count == MaxPersons)
                break;
        }
        return persons.Count > 0 ? persons : throw new RigException($"--pictures {folder}: no picture ({string.Join(' ', Endings)}) in it or in its folders.");
    }

    private static bool IsPicture(string file) => Endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);
}
