using Microsoft.Extensions.FileProviders;

namespace EdgeAgent.Agent.Terminal;

/// <summary>The built page. Where it was not built, a sentence that says so.</summary>
internal static class WebPages
{
    private const string NotBuilt = "The terminal page is not built. Run: npm run build, or ./dev run.\n车载终端页面尚未构建。\n";

    public static void MapPages(this WebApplication app, TerminalOptions options)
    {
        string? root = Find(options);
        if (root is null)
        {
            _ = app.MapGet("/", () => Results.Text(NotBuilt, "text/plain; charset=utf-8", statusCode: StatusCodes.Status503ServiceUnavailable));
            return;
        }
        var files = new PhysicalFileProvider(root);
        _ = app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        _ = app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = files,
            // Built files carry their content's hash in their names; the page itself must always be asked for.
            OnPrepareResponse = c => c.Context.Response.Headers.CacheControl =
                c.Context.Request.Path.StartsWithSegments("/assets") ? "public, max-age=31536000, immutable" : "no-cache",
        });
    }

    private static string? Find(TerminalOptions options)
    {
        string[] places = options.WebRoot.Length > 0 ? [options.WebRoot] : [Path.Combine(AppContext.BaseDirectory, "wwwroot"), .. InCheckout()];
        return places.FirstOrDefault(p => File.Exists(Path.Combine(p, "index.html")));
    }

    private static IEnumerable<string> InCheckout()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            yield return Path.Combine(folder.FullName, "agent", "Terminal", "web", "dist");
    }
}
