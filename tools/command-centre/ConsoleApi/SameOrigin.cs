using EdgeAgent.CommandCentre.Calls;
using EdgeAgent.CommandCentre.Hosting;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>
/// Lets only our own page act: the cookie is SameSite=Strict, and besides a foreign Origin, a foreign Host (a name that someone
/// points at this address) and bodies that are not JSON are refused. Sets the security headers of every answer.
/// </summary>
internal sealed class SameOrigin(RequestDelegate next, CentreOptions options)
{
    private const string ContentPolicy =
        "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self' ws: wss:; worker-src 'self' blob:; "
        + "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private readonly HashSet<string> hosts = new(
        ["localhost", "127.0.0.1", "[::1]", options.Http.Address.ToString(), .. options.Hosts], StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(self), geolocation=()";
        if (context.Request.Path.StartsWithSegments("/api"))
            headers.CacheControl = "no-store";

        if (!hosts.Contains(context.Request.Host.Host))
            return RefuseAsync(context, StatusCodes.Status421MisdirectedRequest, "wrong_host");
        if (!IsOwnOrigin(context.Request))
            return RefuseAsync(context, StatusCodes.Status403Forbidden, "foreign_origin");
        if (HttpMethods.IsPost(context.Request.Method) && !context.Request.HasJsonContentType() && !IsRecording(context.Request))
            return RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, "json_only");
        return next(context);
    }

    /// <summary>
    /// The one POST that is no JSON: a caller's voice, by its own content types, which no form of a foreign page can send. A preflight would
    /// be asked for them, and is never answered.
    /// </summary>
    public static bool IsRecording(HttpRequest request) =>
        HttpMethods.IsPost(request.Method)
        && request.Path.Value?.Split('/') is ["", "api", "calls", var call, "recording"] && Guid.TryParse(call, out _)
        && CallRecordings.Types.Contains(request.ContentType ?? "");

    private static bool IsOwnOrigin(HttpRequest request)
    {
        var acts = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);
        var upgrades = request.HttpContext.WebSockets.IsWebSocketRequest;
        if (!acts && !upgrades)
            return true;
        if (request.Headers["Sec-Fetch-Site"] is { Count: > 0 } site && site[0] is not ("same-origin" or "none"))
            return false;
        // Browsers always name the origin of what acts; other programs have no cookies of ours that they do not mean to send.
        return request.Headers.Origin is not { Count: > 0 } origin
            || string.Equals(origin[0], $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }

    private static Task RefuseAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { code });
    }
}
