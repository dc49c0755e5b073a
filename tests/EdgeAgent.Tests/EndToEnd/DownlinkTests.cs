using System.Security.Cryptography;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Releases;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.Tests.Agent;
using EdgeAgent.Tests.CommandCentre;
using EdgeAgent.Tests.DispatchClient;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using ClientEnrolment = EdgeAgent.DispatchClient.Identity.Enrolment;

namespace EdgeAgent.Tests.EndToEnd;

/// <summary>What technicians do at the real centre's command line reaches a real host over the real link.</summary>
public sealed class DownlinkTests
{
    [Fact]
    public async Task A_release_and_a_configuration_reach_the_car_and_the_next_start_runs_with_it()
    {
        await using var centre = await CentreUnderTest.StartAsync();
        using var authority = DeviceAuthority.Load(new DataFolder(centre.Data), TimeProvider.System);
        string car = Path.Combine(centre.Folder, "car"), bundle = Path.Combine(centre.Folder, "edge.bundle"), settings = Path.Combine(centre.Folder, "settings.json");
        _ = Directory.CreateDirectory(car);
        _ = await ClientEnrolment.EnrolAsync(centre.Grpc, $"{centre.EnrolmentCode("PB-1")}.{authority.FingerprintHex}", Path.Combine(car, "identity"), CancellationToken.None);
        byte[] bytes = RandomNumberGenerator.GetBytes(3_000_000);
        await File.WriteAllBytesAsync(bundle, bytes);
        await File.WriteAllTextAsync(settings, """{ "AlertLapseSeconds": 45 }""");
        await DoAsync(centre, "releases", "add", "--file", bundle, "--version", "1.4.0");
        await DoAsync(centre, "releases", "offer", "--version", "1.4.0", "--unit", "PB-1");
        await DoAsync(centre, "units", "configure", "--unit", "PB-1", "--file", settings);
        Assert.Contains("offered to 1 units", (await centre.CommandAsync(null, "releases", "show")).Output);
        Assert.Contains("There is no release", (await centre.CommandAsync(null, "releases", "offer", "--version", "9", "--unit", "PB-1")).Error);
        Assert.Contains("new version", (await centre.CommandAsync(null, "releases", "add", "--file", bundle, "--version", "1.4.0")).Error);

        CarOptions options = BenchCar.Options(car, centre.Grpc);
        await using (WebApplication host = EdgeAgent.Agent.Program.Build(options, TimeProvider.System, BootClock.OfThisMachine()))
        {
            await host.StartAsync();
            ReleaseBook releases = host.Services.GetRequiredService<ReleaseBook>();
            await Eventually.HoldsAsync(
                () => releases is { BytesHeld: 3_000_000, Waiting: null } && host.Services.GetRequiredService<CentreSettings>().Version == 1, "both are here", seconds: 30);
            Assert.Equal(120, host.Services.GetRequiredService<CarOptions>().AlertLapseSeconds);
            await host.StopAsync();
        }
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Directory.GetFiles(Path.Combine(car, "releases"), "*.bundle").Single()));
        await using (WebApplication host = EdgeAgent.Agent.Program.Build(options, TimeProvider.System, BootClock.OfThisMachine()))
            Assert.Equal(45, host.Services.GetRequiredService<CarOptions>().AlertLapseSeconds);
    }

    private static async Task DoAsync(CentreUnderTest centre, params string[] arguments)
    {
        CommandResult result = await centre.CommandAsync(null, arguments);
        Assert.True(result.ExitCode == 0, result.Error);
    }
}
