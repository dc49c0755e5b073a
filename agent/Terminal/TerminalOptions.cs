namespace EdgeAgent.Agent.Terminal;

/// <summary>Where the officer's page is served.</summary>
internal sealed record TerminalOptions
{
    /// <summary>Address to listen on; http, since it is the car's own. Default http://127.0.0.1:8088.</summary>
    public string Url { get; init; } = "http://127.0.0.1:8088";

    /// <summary>Folder of the built page; empty: wwwroot beside the program, else the checkout's own.</summary>
    public string WebRoot { get; init; } = "";

    public IEnumerable<string> Problems()
    {
        if (!(Uri.TryCreate(Url, UriKind.Absolute, out Uri? uri) && uri.Scheme == "http" && uri.AbsolutePath == "/"))
            yield return $"Terminal.Url is '{Url}': give an address such as http://127.0.0.1:8088.";
        if (WebRoot.Length > 0 && !Path.IsPathFullyQualified(WebRoot))
            yield return $"Terminal.WebRoot is '{WebRoot}': give a full path, or leave it out.";
    }
}
