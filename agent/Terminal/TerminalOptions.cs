namespace EdgeAgent.Agent.Terminal;

/// <summary>Where the officer's page is served.</summary>
internal sealed record TerminalOptions
{
    /// <summary>Address to listen on; http, since it is the car's own. Default http://127.0.0.1:8088.</summary>
    public string Url { get; init; } = "http://127.0.0.1:8088";

    /// <summary>Folder of the built page; empty: wwwroot beside the program, else the checkout's own.</summary>
    public string WebRoot { get; init; } = "";

    /// <summary>The map on the car's own disk: a .pmtiles file of vector tiles, or .geojson; empty: none, the page shows a plain grid.</summary>
    public string MapFile { get; init; } = "";

    public IEnumerable<string> Problems()
    {
        if (!(Uri.TryCreate(Url, UriKind.Absolute, out Uri? uri) && uri.Scheme == "http" && uri.AbsolutePath == "/"))
            yield return $"Terminal.Url is '{Url}': give an address such as http://127.0.0.1:8088.";
        if (WebRoot.Length > 0 && !Path.IsPathFullyQualified(WebRoot))
            yield return $"Terminal.WebRoot is '{WebRoot}': give a full path, or leave it out.";
        if (MapFile.Length > 0 && !(Path.IsPathFullyQualified(MapFile) && Path.GetExtension(MapFile).ToLowerInvariant() is ".pmtiles" or ".geojson" or ".json"))
            yield return $"Terminal.MapFile is '{MapFile}': give the full path of a .pmtiles or .geojson file, or leave it out.";
    }
}
