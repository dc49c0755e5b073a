using System.Net;
using System.Text.Json.Nodes;
using EdgeAgent.CommandCentre.Patrolling;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Car time by cell: counted once, not guessed across gaps, and only of cars that the viewer may see.</summary>
public class PoliceVisibilityTests : IAsyncLifetime
{
    private CentreUnderTest centre = null!;

    protected virtual CentreStore Store => CentreStore.Sqlite;

    public async Task InitializeAsync()
    {
        centre = await CentreUnderTest.StartAsync(store: Store);
        centre.AddAccount();
    }

    public async Task DisposeAsync() => await centre.DisposeAsync();

    [Fact]
    public async Task Every_second_counts_once_in_whatever_order_segments_come_and_however_often()
    {
        using var car = await centre.EnrolAsync("PB-1");
        var seed = int.TryParse(Environment.GetEnvironmentVariable("PATROL_SEED"), out var given) ? given : System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue);
        var events = new TrackOfCar(Now() - 1_000_000).Drive(300, n => (n * 12, 0)).ToArray();
        new Random(seed).Shuffle(events);
        using (var session = await car.ConnectAsync())
        {
            foreach (var some in events.Chunk(7))
                _ = await session.StoreAsync(some);
            Assert.All(await session.StoreAsync(events), ack => Assert.Equal(AckStatus.Duplicate, ack.Status));
        }
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        // 300 positions have 299 seconds between them; each cell's share is told in tenths of a minute.
        var cells = await CellsAsync(console);
        Assert.True(Math.Abs(cells.Sum(cell => (double)cell!["minutes"]!) - (299 / 60.0)) < 0.05 * cells.Count + 0.05, $"PATROL_SEED={seed}");
        Assert.Equal(299, Ms("PB-1") / 1000);
        Assert.InRange(cells.Count, 14, 17);
    }

    [Fact]
    public async Task Gaps_stale_suspect_and_unvouched_times_add_nothing()
    {
        using var car = await centre.EnrolAsync("PB-1");
        var track = new TrackOfCar(Now() - 1_000_000);
        var events = track.Drive(10, _ => (0, 0)).ToList();
        track.Wait(11);
        events.AddRange(track.Drive(10, _ => (0, 0)));
        events.AddRange(track.Drive(10, _ => (0, 0), p => p.Stale = true));
        events.AddRange(track.Drive(10, _ => (0, 0), p => p.Suspect = true));
        events.AddRange(track.Drive(10, _ => (0, 0), p => p.Fix = GnssFix.None));
        var unvouched = track.Drive(10, _ => (0, 0));
        unvouched[0].TimeTrust = TimeTrust.Untrusted;
        events.AddRange(unvouched);
        using (var session = await car.ConnectAsync())
            _ = await session.StoreAsync(events);
        // Nine seconds each; the eleven (and the second that leads into them) between the two are nobody's.
        Assert.Equal(18_000, Ms("PB-1"));
    }

    [Fact]
    public async Task A_viewer_counts_own_cars_only_and_the_least_seen_cells_of_a_beat_come_first()
    {
        centre.AddAccount("east", "supervisor", district: "east");
        using var eastern = await centre.EnrolAsync("PB-E");
        using var western = await centre.EnrolAsync("PB-W");
        centre.PlaceUnit("PB-E", "east");
        centre.PlaceUnit("PB-W", "west");
        foreach (var (car, seconds) in new[] { (eastern, 60), (western, 120) })
        {
            using var session = await car.ConnectAsync();
            _ = await session.StoreAsync(new TrackOfCar(Now() - 1_000_000).Drive(seconds, _ => (0, 0)));
        }
        using var city = await ConsoleClient.SignedInAsync(centre.Http);
        using var east = await ConsoleClient.SignedInAsync(centre.Http, "east");
        Assert.Equal((3.0, 2), Assert.Single(await CellsAsync(city)) is var all ? ((double)all!["minutes"]!, (int)all["cars"]!) : default);
        Assert.Equal((1.0, 1), Assert.Single(await CellsAsync(east)) is var own ? ((double)own!["minutes"]!, (int)own["cars"]!) : default);

        const string plan = """
            {"type":"FeatureCollection","patrolPlan":{"id":"east","name":"East","units":["PB-E"]},"features":[{"type":"Feature","id":"b","properties":{"name":"Beat","kind":"beat"},
            "geometry":{"type":"Polygon","coordinates":[[[116.395,39.895],[116.405,39.895],[116.405,39.905],[116.395,39.905],[116.395,39.895]]]}}]}
            """;
        Assert.Equal(HttpStatusCode.OK, (await east.PostAsync("/api/patrol/plans", plan)).Status);
        var beat = JsonNode.Parse(await east.Http.GetStringAsync(new Uri($"/api/visibility/beat?plan=east&item=b&{Span()}", UriKind.Relative)))!;
        // The beat is 852 m by 1,112 m: about 3.4 by 4.4 cells, one of them seen.
        Assert.InRange((int)beat["cells"]!, 12, 20);
        Assert.Equal((int)beat["cells"]! - 1, (int)beat["never"]!);
        Assert.Equal(0.0, (double)beat["least"]![0]!["minutes"]!);
        Assert.Equal(1.0, (double)beat["least"]!.AsArray()[^1]!["minutes"]!);
        Assert.Equal(HttpStatusCode.NotFound, await east.GetAsync($"/api/visibility/beat?plan=east&item=none&{Span()}"));
        Assert.Equal(HttpStatusCode.BadRequest, await east.GetAsync("/api/visibility?from=5&to=5"));
    }

    [Fact]
    public async Task The_cells_leave_as_csv_and_the_export_is_in_the_audit()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using (var session = await car.ConnectAsync())
            _ = await session.StoreAsync(new TrackOfCar(Now() - 1_000_000).Drive(60, _ => (0, 0)));
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        var lines = (await console.Http.GetStringAsync(new Uri($"/api/visibility/cells.csv?{Span()}", UriKind.Relative))).Trim().Split('\n');
        Assert.Equal("west,south,east,north,car_minutes,cars", lines[0]);
        Assert.EndsWith(",0.98,1", Assert.Single(lines[1..]));
        Assert.Contains(centre.Audit(), row => row.StartsWith("dispatcher visibility_exported", StringComparison.Ordinal));
    }

    [Fact]
    public void Cells_are_about_250_metres_wide_and_high_wherever_they_lie()
    {
        foreach (var (latitude, longitude) in new[] { (18.25, 109.5), (39.9, 116.4), (53.4, 122.3), (-33.9, -70.6) })
        {
            var (row, column) = CellGrid.Of(latitude, longitude);
            var (west, south, east, north) = CellGrid.Bounds(row, column);
            Assert.True(west <= longitude && longitude < east && south <= latitude && latitude < north);
            var plane = new EdgeAgent.Contract.LocalPlane(latitude, longitude);
            var size = plane.Of(north, east) - plane.Of(south, west);
            Assert.Equal(250, size.North, 0.5);
            Assert.Equal(250, size.East, 0.5);
        }
    }

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private static string Span() => $"from={Now() - 7_200_000}&to={Now()}";

    private static async Task<JsonArray> CellsAsync(ConsoleClient console) =>
        JsonNode.Parse(await console.Http.GetStringAsync(new Uri($"/api/visibility?{Span()}", UriKind.Relative)))!["cells"]!.AsArray();

    private long Ms(string unitId) => centre.Get<EdgeAgent.CommandCentre.Storage.CentreDatabase>().Read(c =>
        Dapper.SqlMapper.ExecuteScalar<long>(c, "SELECT coalesce(sum(ms), 0) FROM visibility WHERE unit_id = @unitId", new { unitId }));
}

public sealed class PoliceVisibilityTestsOnPostgres : PoliceVisibilityTests
{
    protected override CentreStore Store => CentreStore.Postgres;
}
