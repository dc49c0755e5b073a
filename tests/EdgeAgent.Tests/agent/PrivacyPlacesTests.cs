using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Privacy;

namespace EdgeAgent.Tests.Agent;

/// <summary>The decisions alone: where a car may be, and where a head may look.</summary>
public sealed class PrivacyPlacesTests
{
    private static readonly PrivacyPlace School = new()
    {
        Id = "school",
        NameZh = "学校",
        NameEn = "School",
        Polygon = [[39.90, 116.40], [39.90, 116.41], [39.91, 116.41], [39.91, 116.40]],
    };

    private static readonly PrivacyPlace Clinic = new() { Id = "clinic", NameZh = "诊所", NameEn = "Clinic", Centre = [39.95, 116.40], RadiusMetres = 100 };

    [Theory]
    [InlineData(39.905, 116.405, 0, 0, "school")]
    [InlineData(39.905, 116.4101, 0, 0, "")]
    [InlineData(39.905, 116.4101, 0, 3_000, "")]
    // Ten metres off the edge (8.5 m a 0.0001°), and four seconds at what a car that stood may have driven off with.
    [InlineData(39.905, 116.4101, 0, 4_000, "school")]
    [InlineData(39.905, 116.4200, 0, 59_000, "")]
    [InlineData(39.905, 116.4200, 20, 59_000, "school")]
    [InlineData(39.9305, 116.40, 60, 55_000, "school clinic")]
    [InlineData(39.905, 116.405, 0, 60_000, "school")]
    [InlineData(39.95085, 116.40, 0, 0, "clinic")]
    [InlineData(39.9510, 116.40, 0, 0, "")]
    public void A_car_is_where_it_is_or_where_it_could_have_driven_to_for_a_minute(double latitude, double longitude, double speed, long ageMs, string ids)
    {
        PrivacyNow now = Places().At(new LastPlace(latitude, longitude, speed, 90, ageMs), []);
        Assert.Equal(ids, string.Join(' ', now.Places.Select(p => p.Id)));
        Assert.False(now.Unchecked);
    }

    [Fact]
    public void After_a_minute_or_without_any_position_nothing_is_known_and_that_is_said()
    {
        Assert.True(Places().At(new LastPlace(39.905, 116.405, 0, 90, 60_001), [School]) is { Unchecked: true, Places.Count: 0 });
        Assert.True(Places().At(null, []).Unchecked);
        Assert.False(new PrivacyPlaces(new PrivacyOptions()).At(null, []).Unchecked);
    }

    [Theory]
    [InlineData(116.4102, 1)]
    [InlineData(116.4103, 0)]
    public void A_place_that_holds_is_left_twenty_metres_from_its_edge(double longitude, int places) =>
        Assert.Equal(places, Places().At(new LastPlace(39.905, longitude, 0, 90, 0), [School]).Places.Count);

    [Theory]
    // Heading north, mounted forward: pan 0 looks north, pan ½ east. The sector is 80 to 100, with 30 degrees of view 65 to 115.
    [InlineData(0, 0.0, false)]
    [InlineData(0, 0.35, false)]
    [InlineData(0, 0.37, true)]
    [InlineData(0, 0.5, true)]
    [InlineData(0, 0.63, true)]
    [InlineData(0, 0.65, false)]
    [InlineData(90, 0.0, true)]
    [InlineData(90, 0.5, false)]
    [InlineData(180, -0.5, true)]
    [InlineData(450, 0.0, true)]
    public void A_sector_lies_on_the_compass_and_the_car_turns_below_it(double heading, double pan, bool barred) =>
        Assert.Equal(barred, Sector(heading, 80, 100).Bars(pan));

    [Fact]
    public void A_sector_over_north_all_around_and_without_a_heading()
    {
        Assert.True(Sector(0, 350, 10).Bars(0));
        Assert.False(Sector(0, 350, 10).Bars(0.5));
        Assert.True(Sector(0, 0, 360).Bars(0.7));
        Assert.Null(Sector(0, 0, 360).NearestFree(0.7));
        Assert.True(Sector(null, 80, 100).Bars(0));
        Assert.Null(Sector(null, 80, 100).NearestFree(0));
        Assert.False(new PanSector(new CameraOptions(), [], null).Bars(0));
    }

    [Fact]
    public void A_way_that_passes_the_sector_is_barred_and_the_way_out_is_the_short_one()
    {
        PanSector sector = Sector(0, 80, 100);
        Assert.True(sector.Crosses(0, 1));
        Assert.True(sector.Crosses(1, 0));
        Assert.False(sector.Crosses(0, 0.3));
        Assert.False(sector.Crosses(0.3, -1));
        Assert.False(sector.Crosses(0.2, 0.2));
        Assert.InRange(sector.NearestFree(0.4)!.Value, 0.355, 0.362);
        Assert.InRange(sector.NearestFree(0.6)!.Value, 0.638, 0.645);
        for (double pan = -1; pan <= 1; pan += 0.01)
            Assert.False(sector.Bars(sector.NearestFree(pan)!.Value));
    }

    [Fact]
    public void Every_problem_of_a_configuration_is_told_in_one_go()
    {
        CameraOptions[] cameras = [new CameraOptions { Id = "cam1", Main = "x" }];
        var options = new PrivacyOptions
        {
            Places =
            [
                School with { Cameras = ["cam1"] }, Clinic with { Id = "school" }, School with { Id = "bad id" }, School with { Id = "line", Polygon = [[1, 1], [2, 2], [1, 1]] },
                School with { Id = "world", Polygon = [[91, 0], [0, 181], [0, 0]] }, Clinic with { Id = "both", Polygon = School.Polygon }, School with { Id = "neither", Polygon = [] },
                Clinic with { Id = "wide", RadiusMetres = 30_000 }, School with { Id = "cam", Cameras = ["cam9"] }, School with { Id = "word", NotMatched = "plates" },
                School with { Id = "half", PanFromDegrees = 10 }, School with { Id = "fixed", PanFromDegrees = 10, PanToDegrees = 400 }, School with { Id = "mute", NameZh = "" },
            ],
        };
        string all = string.Join('\n', options.Problems(cameras));
        foreach (string words in (string[])["'school' stands there 2 times", "'bad id'", "has 3 points: give 3 to 200, three of them different", "a point is [latitude, longitude]", "[5]: give a Polygon, or", "[6]: give a Polygon, or",
            "RadiusMetres is 30000", "names 'cam9'", "NotMatched is 'plates'", "give PanFromDegrees and PanToDegrees, or neither", "are 0 to 360, clockwise", "none of its cameras can be steered", "give NameZh and NameEn"])
            Assert.Contains(words, all, StringComparison.Ordinal);
        Assert.Empty(new PrivacyOptions { Places = [School, Clinic] }.Problems(cameras));
        CameraOptions ptz = cameras[0] with { Ptz = "http://192.0.2.1/onvif/device_service", ViewDegrees = double.NaN, PanSpanDegrees = 0 };
        Assert.Equal(2, ptz.Problems(0).Count());
    }

    private static PrivacyPlaces Places() => new(new PrivacyOptions { Places = [School, Clinic] });

    private static PanSector Sector(double? heading, double from, double to) =>
        new(new CameraOptions { Id = "cam1", ViewDegrees = 30 }, [School with { PanFromDegrees = from, PanToDegrees = to }], heading);
}
