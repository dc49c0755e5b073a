using EdgeAgent.Agent.Hosting;
using EdgeAgent.Tests.Agent;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Edgectl;

namespace EdgeAgent.Tests.Technician;

/// <summary>A box made nobody's.</summary>
public sealed class WipeTests
{
    [Fact]
    public async Task Only_the_right_unit_with_a_stopped_agent_and_nothing_unsent_is_wiped_and_then_wholly()
    {
        await using var car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates().Accepted);
        var options = AtTheBox.OptionsFile(car);
        await AtTheBox.DoorOpenAsync(car);
        Assert.Equal("agent_runs", await CodeAsync(options, BenchCar.UnitId));
        await car.EndAsync();
        var there = Directory.GetFiles(car.Data, "*", SearchOption.AllDirectories);
        Assert.Equal("other_unit", await CodeAsync(options, "unit-2"));
        Assert.Equal("unsent_events", await CodeAsync(options, BenchCar.UnitId));
        Assert.All(there, file => Assert.True(File.Exists(file), file));

        var (exitCode, said, _) = await AtTheBox.RunAsync("wipe", "--config", options, "--agent", AtTheBox.Agent, "--unit", BenchCar.UnitId, "--lose-unsent");
        Assert.Equal((0, BenchCar.UnitId), (exitCode, said.GetProperty("unitId").GetString()));
        Assert.True(said.GetProperty("lostEvents").GetInt64() > 0);
        Assert.Empty(Directory.EnumerateFileSystemEntries(car.Data));
        Assert.Equal("nothing_to_wipe", await CodeAsync(options, BenchCar.UnitId, "--lose-unsent"));
    }

    [Theory]
    [InlineData("vault.key")]
    [InlineData("events.db", "vault.key", "lists")]
    [InlineData("events.db", "vault.key", "lists", "audit", "identity")]
    public async Task Cut_at_any_step_it_is_begun_again_and_goes_on(params string[] gone)
    {
        await using var car = await BenchCar.StartAsync();
        var options = AtTheBox.OptionsFile(car);
        await car.EndAsync();
        File.WriteAllText(Path.Combine(car.Data, "wiping"), BenchCar.UnitId);
        foreach (var entry in gone.Select(g => Path.Combine(car.Data, g)))
        {
            if (Directory.Exists(entry))
                Directory.Delete(entry, recursive: true);
            else
                File.Delete(entry);
        }
        Assert.Equal("other_unit", await CodeAsync(options, "unit-2"));
        var (exitCode, _, _) = await AtTheBox.RunAsync("wipe", "--config", options, "--agent", AtTheBox.Agent, "--unit", BenchCar.UnitId);
        Assert.Equal(0, exitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(car.Data));
    }

    [Fact]
    public async Task The_units_id_is_asked_for()
    {
        await using var car = await BenchCar.StartAsync();
        var options = AtTheBox.OptionsFile(car);
        await car.EndAsync();
        string[] command = ["wipe", "--config", options, "--agent", AtTheBox.Agent, "--lose-unsent"];
        Assert.Equal(1, (await EdgectlProcess.RunAsync(command, null, "unit-2")).ExitCode);
        Assert.True(File.Exists(Path.Combine(car.Data, "events.db")));
        var (exitCode, output, _) = await EdgectlProcess.RunAsync(command, null, BenchCar.UnitId);
        Assert.Equal(0, exitCode);
        Assert.Contains("no longer", output);
    }

    [Fact]
    public async Task What_was_sealed_opens_no_more_although_somebody_copied_it()
    {
        await using var car = await BenchCar.StartAsync();
        using var copied = new TemporaryDirectory();
        var options = AtTheBox.OptionsFile(car);
        await car.EndAsync();
        File.Copy(Path.Combine(car.Data, "events.db"), copied.At("events.db"));
        var (exitCode, _, _) = await AtTheBox.RunAsync("wipe", "--config", options, "--agent", AtTheBox.Agent, "--unit", BenchCar.UnitId, "--lose-unsent");
        Assert.Equal(0, exitCode);
        Assert.Throws<InvalidOperationException>(() => UnitVault.Open(copied.Path, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));
    }

    private static async Task<string> CodeAsync(string options, string unit, params string[] more)
    {
        var (exitCode, said, _) = await AtTheBox.RunAsync(["wipe", "--config", options, "--agent", AtTheBox.Agent, "--unit", unit, .. more]);
        Assert.Equal(1, exitCode);
        return said.GetProperty("error").GetString()!;
    }
}
