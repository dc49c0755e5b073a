using EdgeAgent.CommandCentre.Identity;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>
/// Where a centre's tables are. A connection string holds a password, so it comes from a file or the environment, never from
/// arguments. What `init --postgres` was given lies with the keys, so that no command works on another database by mistake.
/// </summary>
internal static class DatabaseChoice
{
    public const string Variable = "ConnectionStrings__Postgres";
    private const string FileName = "postgres";
    private const int MostBytes = 4096;

    /// <summary>The PostgreSQL connection string; null where the centre keeps a SQLite file.</summary>
    /// <param name="file">What `--postgres` named; it goes before the environment, and that before the data folder.</param>
    public static string? Postgres(DataFolder folder, string? file = null)
    {
        if (file is not null)
            return Read(file);
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } told)
            return told;
        var kept = folder.KeyFile(FileName);
        return File.Exists(kept) ? Read(kept) : null;
    }

    /// <summary>Keeps it with the keys of the data folder.</summary>
    public static void Keep(DataFolder folder, string file) =>
        PrivateFiles.Write(folder.KeyFile(FileName), System.Text.Encoding.UTF8.GetBytes(Read(file) + "\n"));

    private static string Read(string file)
    {
        try
        {
            if (new FileInfo(file) is { Length: > 0 and <= MostBytes } && File.ReadAllText(file).Trim() is { Length: > 0 } text)
                return text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CentreException($"{file} cannot be read ({e.GetType().Name}): it should hold a PostgreSQL connection string.", e);
        }
        throw new CentreException($"{file} holds no PostgreSQL connection string: one line such as Host=db.example;Database=centre;Username=centre;Password=….");
    }
}
