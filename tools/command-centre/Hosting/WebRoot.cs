namespace EdgeAgent.CommandCentre.Hosting;

/// <summary>Where the built console page lies.</summary>
internal static class WebRoot
{
    /// <summary>What was asked for, or `wwwroot` beside the program, or the repository's build while developing.</summary>
    public static string Find(string? wanted)
    {
        if (wanted is not null)
            return Path.GetFullPath(wanted);
        var beside = Path.Combine(AppContext.BaseDirectory, "wwwroot");
        if (Directory.Exists(beside))
            return beside;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "EdgeAgent.sln")))
                return Path.Combine(folder.FullName, "tools", "command-centre", "web", "dist");
        }
        return beside;
    }
}
