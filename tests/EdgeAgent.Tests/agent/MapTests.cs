using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Calls;
using EdgeAgent.Agent.Terminal;
using EdgeAgent.Tests.DispatchClient;

namespace EdgeAgent.Tests.Agent;

/// <summary>The ground of the terminal's map, from the car's own disk.</summary>
public sealed class MapTests
{
    [Fact]
    public async Task A_map_file_is_named_and_given_in_ranges_to_whoever_is_on_duty()
    {
        using var folder = new TemporaryDirectory();
        string file = folder.At("city.pmtiles");
        byte[] tiles = TestOutbox.Noise(3, 300_000);
        await File.WriteAllBytesAsync(file, tiles);
        await using BenchCar car = await BenchCar.StartAsync(o => o with { Terminal = o.Terminal with { MapFile = file } });
        foreach (string path in (string[])["/api/map", "/api/map/file", "/api/patrol"])
            Assert.Equal(HttpStatusCode.Unauthorized, (await car.Http.GetAsync(path)).StatusCode);
        _ = await car.SignInAsync();
        JsonNode told = await car.JsonAsync("/api/map");
        Assert.Equal(("pmtiles", "", "city.pmtiles"), ((string)told["kind"]!, (string)told["why"]!, (string)told["name"]!));
        using var asked = new HttpRequestMessage(HttpMethod.Get, "/api/map/file") { Headers = { Range = new RangeHeaderValue(1000, 1999) } };
        HttpResponseMessage part = await car.Http.SendAsync(asked);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(tiles[1000..2000], await part.Content.ReadAsByteArrayAsync());
        Assert.Empty((await car.JsonAsync("/api/patrol")).AsArray());

        // Taken away while the car drives.
        File.Delete(file);
        Assert.Equal("missing", (string)(await car.JsonAsync("/api/map"))["why"]!);
        Assert.Equal(HttpStatusCode.NotFound, (await car.Http.GetAsync("/api/map/file")).StatusCode);
    }

    [Fact]
    public async Task Without_a_map_file_the_page_is_told_so()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        _ = await car.SignInAsync();
        JsonNode told = await car.JsonAsync("/api/map");
        Assert.Equal(("none", "not_set"), ((string)told["kind"]!, (string)told["why"]!));
        Assert.Equal(HttpStatusCode.NotFound, (await car.Http.GetAsync("/api/map/file")).StatusCode);
    }

    [Fact]
    public void Options_of_map_and_calls_say_what_is_wrong_with_them()
    {
        Assert.Empty(new TerminalOptions { MapFile = "/var/lib/maps/city.pmtiles" }.Problems());
        Assert.Empty(new TerminalOptions { MapFile = "/var/lib/maps/city.GeoJSON" }.Problems());
        Assert.All(["city.pmtiles", "/etc/shadow", "/maps/city.mbtiles"], f => Assert.Single(new TerminalOptions { MapFile = f }.Problems()));
        Assert.Empty(new CallOptions().Problems());
        Assert.Equal(3, new CallOptions { ArrivedMetres = 5, ArrivedSeconds = -1, ArrivalKmh = 500 }.Problems().Count());
    }
}
