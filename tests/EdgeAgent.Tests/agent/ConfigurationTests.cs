using EdgeAgent.Agent.Hosting;
using EdgeAgent.Contract;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

public sealed class ConfigurationTests
{
    [Fact]
    public async Task What_the_centre_sets_is_in_force_from_the_next_start_on_and_only_that()
    {
        BenchCar car = await BenchCar.StartAsync(o => o with { AlertLapseSeconds = 90 });
        Assert.Equal("", Take(car, 1, """{ "Lists": { "FacesAfterContactHours": 6 }, "AlertLapseSeconds": 60 }"""));
        Assert.Equal((1UL, 0UL, 90, 24), Now(car));
        car = await car.RestartAsync(sameBoot: true);
        Assert.Equal((1UL, 1UL, 60, 6), Now(car));
        Assert.Equal(72, car.Get<CarOptions>().Lists.PlatesAfterContactHours);
        // A newer version says all of it: what it does not name is the file's again.
        Assert.Equal("", Take(car, 2, """{ "Lists": { "FacesAfterContactHours": 12 } }"""));
        car = await car.RestartAsync(sameBoot: true);
        Assert.Equal((2UL, 2UL, 120, 12), Now(car));
        Assert.Equal("", Take(car, 3, "{}"));
        car = await car.RestartAsync(sameBoot: true);
        Assert.Equal((3UL, 3UL, 120, 24), Now(car));
        await car.DisposeAsync();
    }

    [Theory]
    [InlineData("configuration_not_newer", 1UL, "{}")]
    [InlineData("configuration_bad_settings", 2UL, """{ "Centre": "https://elsewhere" }""")]
    [InlineData("configuration_bad_settings", 2UL, """{ "DataDirectory": "/tmp" }""")]
    [InlineData("configuration_bad_settings", 2UL, """{ "Lists": { "FacesAfterContactHours": 48 } }""")]
    [InlineData("configuration_bad_settings", 2UL, """{ "Lists": { "FacesAfterContactDays": 1 } }""")]
    [InlineData("configuration_bad_settings", 2UL, """{ "AlertLapseSeconds": "soon" }""")]
    [InlineData("configuration_bad_settings", 2UL, """{ "AlertLapseSeconds": 5 }""")]
    [InlineData("configuration_bad_settings", 2UL, """{ "Lists": null }""")]
    [InlineData("configuration_bad_settings", 2UL, """{ "Lists": {}, "Lists": {} }""")]
    [InlineData("configuration_bad_settings", 2UL, "[]")]
    [InlineData("configuration_bad_settings", 2UL, "not json")]
    public async Task What_the_car_could_not_run_with_is_refused_and_what_it_has_stays(string code, ulong version, string settings)
    {
        BenchCar car = await BenchCar.StartAsync();
        Assert.Equal("", Take(car, 1, """{ "AlertLapseSeconds": 60 }"""));
        Assert.Equal(code, Take(car, version, settings));
        car = await car.RestartAsync(sameBoot: true);
        Assert.Equal((1UL, 1UL, 60, 24), Now(car));
        await car.DisposeAsync();
    }

    [Fact]
    public async Task Another_units_an_unsigned_and_a_spoiled_one_change_nothing()
    {
        BenchCar car = await BenchCar.StartAsync();
        Assert.Equal("configuration_of_other_unit", Take(car, 1, "{}", unit: "PB-9999"));
        using var stranger = new TestPki();
        Assert.Equal("configuration_not_signed_by_centre", Take(car, 1, "{}", signer: stranger));
        Assert.Equal("configuration_not_signed_by_centre", car.Get<CentreSettings>().Take(new SignedEnvelope()));
        Assert.Equal("", Take(car, 1, """{ "AlertLapseSeconds": 60 }"""));
        string kept = Path.Combine(car.Data, "configuration.signed");
        byte[] spoiled = await File.ReadAllBytesAsync(kept);
        spoiled[40] ^= 1;
        await File.WriteAllBytesAsync(kept, spoiled);
        car = await car.RestartAsync(sameBoot: true);
        Assert.Equal((0UL, 0UL, 120, 24), Now(car));
        Assert.Equal("", Take(car, 1, """{ "AlertLapseSeconds": 61 }"""));
        await car.DisposeAsync();
    }

    private static (ulong Version, ulong InForce, int Lapse, int Faces) Now(BenchCar car)
    {
        CentreSettings settings = car.Get<CentreSettings>();
        CarOptions options = car.Get<CarOptions>();
        return (settings.Version, settings.InForce, options.AlertLapseSeconds, options.Lists.FacesAfterContactHours);
    }

    private static string Take(BenchCar car, ulong version, string settings, string unit = BenchCar.UnitId, TestPki? signer = null) =>
        car.Get<CentreSettings>().Take(Envelopes.Sign(
            Envelopes.ConfigurationType, new UnitConfiguration { Version = version, UnitId = unit, SettingsJson = settings }.ToByteArray(),
            TestPki.Signer(SignerRole.Centre, (signer ?? car.Pki).CentreSigner)));
}
