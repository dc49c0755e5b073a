using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

public class ConfigurationTests : IAsyncLifetime
{
    private CentreUnderTest centre = null!;

    protected virtual CentreStore Store => CentreStore.Sqlite;

    public async Task InitializeAsync() => centre = await CentreUnderTest.StartAsync(store: Store);

    public async Task DisposeAsync() => await centre.DisposeAsync();

    [Fact]
    public async Task Settings_go_out_signed_with_rising_versions_and_again_to_a_car_that_lost_them()
    {
        using var car = await centre.EnrolAsync("PB-1");
        Assert.Equal(0, (await ConfigureAsync("""{ "AlertLapseSeconds": 60 }""")).ExitCode);
        Assert.Equal(0, (await ConfigureAsync("""{ "AlertLapseSeconds": 70 }""")).ExitCode);
        using (var session = await car.ConnectAsync())
        {
            var newest = await session.CommandAsync(Command.BodyOneofCase.Configuration);
            var read = UnitConfiguration.Parser.ParseFrom(newest.Configuration.Payload);
            Assert.Equal((2UL, "PB-1", "admin"), (read.Version, read.UnitId, newest.IssuerRole));
            Assert.Contains("70", read.SettingsJson);
            Assert.Equal(SignerRole.Centre, Assert.Single(newest.Configuration.Signatures).Role);
            await session.AcceptAsync(newest);
        }
        // This car says that it holds none.
        using var again = await car.ConnectAsync();
        Assert.Equal(2UL, UnitConfiguration.Parser.ParseFrom((await again.CommandAsync(Command.BodyOneofCase.Configuration)).Configuration.Payload).Version);
    }

    [Theory]
    [InlineData("""{ "Centre": "https://elsewhere" }""", "not for the centre to set")]
    [InlineData("[1]", "no JSON object")]
    [InlineData("{", "no JSON")]
    public async Task What_is_not_for_the_centre_to_set_is_refused_in_words(string settings, string words)
    {
        using var car = await centre.EnrolAsync("PB-1");
        var refused = await ConfigureAsync(settings);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(words, refused.Error);
        var unknown = await ConfigureAsync("{}", "PB-9");
        Assert.Contains("PB-9", unknown.Error);
    }

    private async Task<CommandResult> ConfigureAsync(string settings, string unit = "PB-1")
    {
        var file = Path.Combine(centre.Folder, "settings.json");
        await File.WriteAllTextAsync(file, settings);
        return await centre.CommandAsync(null, "units", "configure", "--unit", unit, "--file", file);
    }
}

public sealed class ConfigurationTestsOnPostgres : ConfigurationTests
{
    protected override CentreStore Store => CentreStore.Postgres;
}
