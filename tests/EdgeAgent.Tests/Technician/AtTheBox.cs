using System.Text.Json;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Tests.Agent;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Edgectl;

namespace EdgeAgent.Tests.Technician;

/// <summary>edgectl beside a car, as a technician runs it.</summary>
internal static class AtTheBox
{
    public static string Agent { get; } = Path.Combine(AppContext.BaseDirectory, "edge-agent.dll");

    public static async Task<(int ExitCode, JsonElement Said, string Error)> RunAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await EdgectlProcess.RunAsync([.. arguments, "--json"]);
        return (exitCode, JsonDocument.Parse(output).RootElement, error);
    }

    /// <summary>The running agent can be asked.</summary>
    public static Task DoorOpenAsync(BenchCar car) => Eventually.HoldsAsync(
        () => car.Get<StageTable>().Rows.Any(r => r is { Stage.Row.Name: "technician" } && r.Pulse.Snapshot().Condition == StageCondition.Ok), "the technician's door is open");

    /// <summary>The car's options as the file that it would have been started from.</summary>
    public static string OptionsFile(BenchCar car, Func<CarOptions, CarOptions>? change = null)
    {
        var options = BenchCar.Options(car.Data, null);
        var file = Path.Combine(Path.GetDirectoryName(car.Data)!, "agent.json");
        File.WriteAllText(file, JsonSerializer.Serialize((change?.Invoke(options) ?? options) with { Terminal = new() }));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }
}
