using Microsoft.Extensions.Primitives;

namespace EdgeAgent.Agent.Terminal;

/// <summary>
/// What every answer carries and every request must pass. A page of another origin, or another name for this address, can neither
/// change anything nor open a stream: browsers always say where a page came from.
/// </summary>
internal sealed class PageGuard(TerminalOptions options)
{
    private const string ContentPolicy =
        "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self' ws:; "
        + "frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

    private readonly HashSet<string> hosts = new(["127.0.0.1", "localhost", "[::1]", new Uri(options.Url).Host], StringComparer.OrdinalIgnoreCase);

    public Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (context.Request.Path.StartsWithSegments("/api"))
            headers.CacheControl = "no-store";
        if (!hosts.Contains(context.Request.Host.Host))
            return RefuseAsync(context, "unknown_host");
        bool changes = !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method);
        return (changes || context.WebSockets.IsWebSocketRequest) && !IsOurs(context.Request) ? RefuseAsync(context, "other_origin") : next(context);
    }

    // No Origin at all: not a browser's page. Scripts of this machine have the cookie or they have nothing.
    private static bool IsOurs(HttpRequest request)
    {
        StringValues origin = request.Headers.Origin;
        return origin.Count == 0
            || (origin.Count == 1 && string.Equals(origin[0], $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase));
    }

    private static Task RefuseAsync(HttpContext context, string code)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsJsonAsync(new { code });
    }
}
