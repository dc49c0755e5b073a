using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Patrolling;

namespace EdgeAgent.Agent.Terminal;

/// <summary>/api/map: what ground the car has on its own disk, and its bytes in ranges; /api/patrol: the shapes of what is to be patrolled.</summary>
internal static class MapApi
{
    /// <summary>A plain GeoJSON is read whole by the page.</summary>
    private const long MostGeoJsonBytes = 64L << 20;

    public static void MapGround(this WebApplication app)
    {
        string file = app.Services.GetRequiredService<CarOptions>().Terminal.MapFile;
        _ = app.MapGet("/api/map", () => Described(file)).AddEndpointFilter(TerminalApi.SignedIn);
        _ = app.MapGet("/api/map/file", () => KindOf(file) == "none"
            ? TerminalApi.Refused(404, "no_map")
            : Results.File(file, KindOf(file) == "pmtiles" ? "application/vnd.pmtiles" : "application/geo+json", enableRangeProcessing: true))
            .AddEndpointFilter(TerminalApi.SignedIn);
        _ = app.MapGet("/api/patrol", (PatrolBook patrol) => Results.Json(patrol.Current.Routes.SelectMany(route => route.Items).Select(item => new
        {
            item.ItemId,
            item.Name,
            kind = Words.Of(item.Kind),
            shape = item.Shape.Select(p => new[] { p.LatitudeDegrees, p.LongitudeDegrees }),
        }))).AddEndpointFilter(TerminalApi.SignedIn);
    }

    private static IResult Described(string file)
    {
        string kind = KindOf(file);
        return Results.Json(new
        {
            kind,
            // Why there is none: not_set, missing, too_large.
            why = kind != "none" ? "" : file.Length == 0 ? "not_set" : File.Exists(file) ? "too_large" : "missing",
            name = kind == "none" ? "" : Path.GetFileName(file),
        });
    }

    private static string KindOf(string file) => file.Length == 0 || !File.Exists(file) ? "none"
        : file.EndsWith(".pmtiles", StringComparison.OrdinalIgnoreCase) ? "pmtiles"
        : new FileInfo(file).Length <= MostGeoJsonBytes ? "geojson" : "none";
}
